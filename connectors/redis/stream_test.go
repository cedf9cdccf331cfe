package redis

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"testing"

	"github.com/redis/go-redis/v9"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
)

func atoi(t testing.TB, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func put(t testing.TB, l *line, stream string, from, to int) {
	t.Helper()
	for i := from; i < to; i++ {
		if err := l.XAdd(t.Context(), &redis.XAddArgs{Stream: stream, Values: []any{"n", i}}).Err(); err != nil {
			t.Fatal(err)
		}
	}
}

// numbers are the n of entries.
func numbers(records []any) string {
	all := make([]any, len(records))
	for i, r := range records {
		all[i] = r.(map[string]any)["data"].(map[string]any)["n"]
	}
	return kittest.JSON(all)
}

func TestAnEntryIsAddedOnceWhereItIsRemembered(t *testing.T) {
	d := newRig(t)
	with := flow.Values{"stream": "s", "entry": map[string]any{"n": 1, "list": []any{1}}, "remember": "1h", "most": 1000}
	first, err := d.Run("add", with)
	if err != nil {
		t.Fatal(err)
	}
	want(t, d, "add", with, kittest.JSON(first))
	records, _ := d.Read("read", flow.Values{"stream": "s"}, nil)
	if len(records) != 1 || kittest.JSON(records[0].(map[string]any)["data"]) != `{"list":[1],"n":"1"}` {
		t.Errorf("the stream holds %v", records)
	}
	op, _ := d.Set.Op("add")
	if op.EffectOf(d.Bind("add", with)) != kit.Repeatable || op.EffectOf(d.Bind("add", flow.Values{"stream": "s"})) != kit.Once {
		t.Error("its effect does not hang on whether entries are remembered")
	}
}

func TestARunReadsWhatIsNewInAStream(t *testing.T) {
	d := newRig(t)
	l := lineOf(t, d)
	if records, mark := d.Read("read", flow.Values{"stream": "s"}, nil); len(records) != 0 || mark != nil {
		t.Errorf("where no stream is, there are %v and %s", records, mark)
	}
	put(t, l, "s", 0, 1203)
	records, mark := d.Read("read", flow.Values{"stream": "s"}, nil)
	if len(records) != 1203 {
		t.Errorf("%d entries are read", len(records))
	}
	put(t, l, "s", 7, 9)
	if records, mark = d.Read("read", flow.Values{"stream": "s"}, mark); numbers(records) != `["7","8"]` {
		t.Errorf("new are %s", numbers(records))
	}
	if again, after := d.Read("read", flow.Values{"stream": "s"}, mark); len(again) != 0 || string(after) != string(mark) {
		t.Errorf("then there are %v, and it stands at %s, not %s", again, after, mark)
	}
	l.Del(t.Context(), "s")
	if err := l.XAdd(t.Context(), &redis.XAddArgs{Stream: "s", ID: "5-1", Values: []any{"n", 1}}).Err(); err != nil {
		t.Fatal(err)
	}
	_, err := d.Bind("read", flow.Values{"stream": "s"}).(kit.Source).Read(t.Context(), d.Env, mark)
	kittest.WantFailure(t, err, kit.Missing, "stream", "made anew", "reset")
}

// desk of a listener: what was given, and its mark, both safe at the same time.
type taken struct {
	mark    flow.Cursor
	records []any
}

func (k *taken) env(d *kittest.Desk) kit.Env {
	env := d.Env
	env.Marked = func(context.Context) (flow.Cursor, error) { return k.mark, nil }
	return env
}

// hear listens until stop says so of the number of records, and gives how it ended.
func (k *taken) hear(t *testing.T, d *kittest.Desk, with flow.Values, stop func(n int) bool) error {
	t.Helper()
	ctx, end := context.WithCancel(t.Context())
	defer end()
	return d.Bind("consume", with).(kit.Listener).Listen(ctx, k.env(d), func(_ context.Context, e kit.Event) (kit.Receipt, error) {
		k.records, k.mark = append(k.records, e.Data...), e.Mark
		if stop(len(k.records)) {
			end()
		}
		return kit.Receipt{}, nil
	})
}

func TestAnEntryThatWasGivenAndNotAcknowledgedIsNotGivenAgain(t *testing.T) {
	d := newRig(t)
	l := lineOf(t, d)
	put(t, l, "s", 0, 5)
	k, with := &taken{}, flow.Values{"stream": "s", "prefetch": 3}
	for _, n := range []int{2, 4, 5} { // each ends in the middle, before it has acknowledged
		if err := k.hear(t, d, with, func(have int) bool { return have == n }); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
	put(t, l, "s", 5, 6)
	if err := k.hear(t, d, with, func(have int) bool { return have == 6 }); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if got := numbers(k.records); got != `["0","1","2","3","4","5"]` {
		t.Errorf("given are %s", got)
	}
}

func TestNothingIsLostOrDoubledWhenTheServerIsKilled(t *testing.T) {
	r, err := kittest.StartRedis()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	d := deskOf(t, r)
	put(t, lineOf(t, d), "s", 0, 200)
	k, with := &taken{}, flow.Values{"stream": "s", "prefetch": 16, "timeout": "5s"}
	for _, at := range []int{10, 70, 160} {
		err := k.hear(t, d, with, func(have int) bool {
			if have == at {
				r.Kill()
			}
			return false
		})
		if !kit.AsFailure(err).Passing() {
			t.Errorf("with a dead server it ends with %v", err)
		}
		if err := r.Revive(); err != nil {
			t.Fatal(err)
		}
	}
	if err := k.hear(t, d, with, func(have int) bool { return have == 200 }); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	for i, record := range k.records {
		if got := record.(map[string]any)["data"].(map[string]any)["n"]; got != fmt.Sprint(i) {
			t.Fatalf("in place %d stands %v", i, got)
		}
	}
}

func TestEntriesThatAnotherMemberLeftAreTakenOver(t *testing.T) {
	d := newRig(t)
	l, ctx := lineOf(t, d), t.Context()
	put(t, l, "s", 0, 3)
	l.XGroupCreate(ctx, "s", "jackfield", "0")
	if err := l.XReadGroup(ctx, &redis.XReadGroupArgs{Group: "jackfield", Consumer: "gone", Streams: []string{"s", ">"}, Count: 2}).Err(); err != nil {
		t.Fatal(err)
	}
	k := &taken{}
	if err := k.hear(t, d, flow.Values{"stream": "s", "claim_after": "1ms"}, func(have int) bool { return have == 3 }); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for _, r := range k.records {
		got[fmt.Sprint(r.(map[string]any)["data"])] = true
	}
	if len(got) != 3 || len(k.records) != 3 {
		t.Errorf("given are %s", numbers(k.records))
	}
}

func TestEachMessageOfAChannelIsAnEvent(t *testing.T) {
	for channel, cause := range map[string]string{"orders": "orders", "ord*": "ord*"} {
		t.Run(cause, func(t *testing.T) {
			d := newRig(t)
			ctx, stop := context.WithCancel(t.Context())
			events, done := make(chan kit.Event, 10), make(chan error, 1)
			l := d.Bind("listen", flow.Values{"channel": channel}).(kit.Listener)
			go func() {
				done <- l.Listen(ctx, d.Env, func(_ context.Context, e kit.Event) (kit.Receipt, error) {
					events <- e
					return kit.Receipt{}, nil
				})
			}()
			hears := func(text string) {
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
			hears(`[{"begins":true,"channel":"` + channel + `","payload":null}]`)
			want(t, d, "publish", flow.Values{"channel": "orders", "message": map[string]any{"id": 7}}, `[{"channel":"orders","receivers":1}]`)
			want(t, d, "publish", flow.Values{"channel": "nobody", "message": "x"}, `[{"channel":"nobody","receivers":0}]`)
			want(t, d, "publish", flow.Values{"channel": "orders", "message": "seven"}, `[{"channel":"orders","receivers":1}]`)
			hears(`[{"begins":false,"channel":"orders","payload":{"id":7}}]`)
			hears(`[{"begins":false,"channel":"orders","payload":"seven"}]`)
			stop()
			if err := <-done; !errors.Is(err, context.Canceled) {
				t.Errorf("it ends with %v", err)
			}
		})
	}
}
