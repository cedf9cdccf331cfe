package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/tables"
	"jackfield/flow"
	"jackfield/flow/value"
)

func listenOp(lines *tables.Shelf[*pool]) kit.Op {
	return kit.Op{
		ID: "listen", Title: "When the database notifies", Icon: "webhook", Effect: kit.Reads, Trigger: true,
		Summary: "Starts a run for each NOTIFY on a channel, which a trigger of the database or any program sends.",
		Words:   []string{"trigger", "event", "change", "notify"},
		New:     func() kit.Operation { return &listen{server: newServer(lines), Begin: true} },
		Out:     message(),
		Examples: []kit.Example{{
			Title: "When orders change",
			With:  flow.Values{"database": "shop", "channel": "orders_changed"},
		}},
	}
}

func message() flow.Schema {
	return flow.ObjectOf(
		flow.Property{Name: "channel", Required: true, Schema: flow.Of(flow.String)},
		flow.Property{Name: "payload", Required: true},
		flow.Property{Name: "begins", Required: true, Schema: flow.Of(flow.Boolean)})
}

// listen starts runs by NOTIFY.
type listen struct {
	*server
	Channel string
	Begin   bool
}

func (l *listen) Fields() kit.Fields {
	_, last := l.Settings()
	return append(kit.Fields{
		kit.Text(&l.Channel, "channel", "Channel").Needed().Eg("orders_changed").Help("As in NOTIFY orders_changed."),
		kit.Toggle(&l.Begin, "begins", "Also when it begins to listen").
			Help("PostgreSQL keeps no notification for who does not listen. A run at the beginning, and after a broken line, can read by a cursor what was missed."),
	}, last...)
}

// Note says what a person needs to know of notifications.
func (l *listen) Note(kit.Env) kit.Note {
	if l.Channel == "" {
		return kit.Note{}
	}
	return kit.Note{Text: "Send one with", Copy: fmt.Sprintf("notify %s, 'text or JSON'", quote(l.Channel))}
}

// lookAfter is how long the line may be silent before it is asked whether it is still
// there.
const lookAfter = time.Minute

// Listen gives an event for each notification until ctx ends.
func (l *listen) Listen(ctx context.Context, env kit.Env, give func(context.Context, kit.Event) (kit.Receipt, error)) error {
	config, err := l.config(env)
	if err != nil {
		return err
	}
	var came []*pgconn.Notification
	config.OnNotification = func(_ *pgconn.PgConn, n *pgconn.Notification) { came = append(came, n) }
	config.BuildContextWatcherHandler = func(conn *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.DeadlineContextWatcherHandler{Conn: conn.Conn()}
	}
	conn, err := pgconn.ConnectConfig(ctx, config)
	if err != nil {
		return l.explain(err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if err := conn.Exec(ctx, "listen "+quote(l.Channel)).Close(); err != nil {
		return l.explain(err)
	}
	if l.Begin {
		if err := l.tell(ctx, give, nil, true); err != nil {
			return err
		}
	}
	for {
		for len(came) > 0 {
			if err := l.tell(ctx, give, payload(came[0].Payload), false); err != nil {
				return err
			}
			came = came[1:]
		}
		if err := wait(ctx, conn); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return l.explain(err)
		}
	}
}

func (l *listen) tell(ctx context.Context, give func(context.Context, kit.Event) (kit.Receipt, error), payload any, begins bool) error {
	cause := "notified on " + l.Channel
	if begins {
		cause = "began to listen to " + l.Channel
	}
	_, err := give(ctx, kit.Event{Data: []any{map[string]any{"channel": l.Channel, "payload": payload, "begins": begins}}, Cause: cause})
	return err
}

// wait waits for a notification, and asks now and then whether the server is still there.
func wait(ctx context.Context, conn *pgconn.PgConn) error {
	within, cancel := context.WithTimeout(ctx, lookAfter)
	defer cancel()
	err := conn.WaitForNotification(within)
	if err == nil || ctx.Err() != nil || within.Err() == nil {
		return err
	}
	return conn.Ping(ctx)
}

// payload is an object or a list where it is the JSON of one, else the text.
func payload(text string) any {
	if v, err := value.Decode([]byte(text)); err == nil {
		switch v.(type) {
		case map[string]any, []any:
			return v
		}
	}
	return text
}
