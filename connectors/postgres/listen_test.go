package postgres

import (
	"context"
	"errors"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
)

func TestEachNotificationIsAnEvent(t *testing.T) {
	r := newRig(t)
	ctx, stop := context.WithCancel(t.Context())
	events, done := make(chan kit.Event, 10), make(chan error, 1)
	l := r.Bind("listen", flow.Values{"channel": `Orders "x"`}).(kit.Listener)
	go func() {
		done <- l.Listen(ctx, r.Env, func(_ context.Context, e kit.Event) (kit.Receipt, error) {
			events <- e
			return kit.Receipt{}, nil
		})
	}()
	want := func(text string) {
		t.Helper()
		select {
		case e := <-events:
			if got := kittest.JSON(e.Data); got != text {
				t.Errorf("got %s, want %s", got, text)
			}
		case err := <-done:
			t.Fatal(err)
		}
	}
	want(`[{"begins":true,"channel":"Orders \"x\"","payload":null}]`)
	r.sql(`notify "Orders ""x""", '{"id":7}'; notify "Orders ""x""", 'seven'; notify other`)
	want(`[{"begins":false,"channel":"Orders \"x\"","payload":{"id":7}}]`)
	want(`[{"begins":false,"channel":"Orders \"x\"","payload":"seven"}]`)
	stop()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("it ends with %v", err)
	}
}

func TestAListenerWhoseLineBreaksSaysSo(t *testing.T) {
	r := newRig(t)
	done := make(chan error, 1)
	l := r.Bind("listen", flow.Values{"channel": "c"}).(kit.Listener)
	listening := make(chan bool)
	go func() {
		done <- l.Listen(t.Context(), r.Env, func(context.Context, kit.Event) (kit.Receipt, error) {
			close(listening)
			return kit.Receipt{}, nil
		})
	}()
	<-listening
	r.sql("select pg_terminate_backend(pid) from pg_stat_activity where query = 'listen \"c\"'")
	if err := <-done; kit.AsFailure(err).Kind != kit.Unavailable {
		t.Errorf("it ends with %v", err)
	}
}
