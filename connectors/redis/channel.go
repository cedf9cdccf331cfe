package redis

import (
	"context"
	"errors"
	"net"
	"strings"

	"github.com/redis/go-redis/v9"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// publish sends a message to who listens.
type publish struct {
	settings
	Channel string
	Message any
}

func (p *publish) Fields() kit.Fields {
	return p.own(
		kit.Text(&p.Channel, "channel", "Channel").Needed().Eg("orders"),
		kit.Value(&p.Message, "message", "Message").AsMain().Help("A text is sent as it is, {base64: …} as bytes, all else as JSON."))
}

func (p *publish) Run(ctx context.Context, env kit.Env, _ flow.Record) (result kit.Result, err error) {
	text, err := written(p.Message)
	if err != nil {
		return result, err
	}
	err = p.use(ctx, env, true, func(ctx context.Context, l *line) error {
		n, err := l.Publish(ctx, p.Channel, text).Result()
		result = kit.Give(map[string]any{"channel": p.Channel, "receivers": int(n)})
		return err
	})
	if err != nil {
		return kit.Result{}, err
	}
	return result, nil
}

// listen starts runs by the messages of channels.
type listen struct {
	settings
	payload
	kit.Gathering
	Channel string
	Begin   bool
}

func (l *listen) Fields() kit.Fields {
	fields := kit.Fields{
		kit.Text(&l.Channel, "channel", "Channel").Needed().Eg("orders").Help("With * or ? or [ it is a pattern."),
		kit.Toggle(&l.Begin, "begins", "Also when it begins to listen").
			Help("Redis keeps no message for who does not listen. A run at the beginning, and after a broken line, can read what was missed; a stream loses nothing."),
		l.field(),
	}
	return append(append(fields, l.GatherFields()...), l.common()...)
}

// Listen gives an event for each message until ctx ends.
func (l *listen) Listen(ctx context.Context, env kit.Env, give func(context.Context, kit.Event) (kit.Receipt, error)) error {
	open, err := l.open(ctx, env)
	if err != nil {
		return err
	}
	defer open.Close()
	heard := open.Subscribe(ctx)
	if strings.ContainsAny(l.Channel, "*?[") {
		err = heard.PSubscribe(ctx, l.Channel)
	} else {
		err = heard.Subscribe(ctx, l.Channel)
	}
	defer heard.Close()
	if err != nil {
		return l.explain(ctx, err, false)
	}
	stop := context.AfterFunc(ctx, func() { _ = heard.Close() })
	defer stop()
	for {
		came, err := next(ctx, heard)
		if err != nil {
			return l.explain(ctx, err, false)
		}
		var event kit.Event
		switch came := came.(type) {
		case *redis.Subscription:
			if !l.Begin {
				continue
			}
			event = kit.Event{Data: []any{map[string]any{"channel": l.Channel, "payload": nil, "begins": true}}, Cause: "began to listen to " + l.Channel}
		case *redis.Message:
			event = kit.Event{Data: []any{map[string]any{"channel": came.Channel, "payload": l.read(came.Payload), "begins": false}}, Cause: "message by " + came.Channel}
		default:
			continue
		}
		if _, err := give(ctx, event); err != nil {
			return err
		}
	}
}

// next waits for what comes, and asks now and then whether the server is still there.
func next(ctx context.Context, heard *redis.PubSub) (any, error) {
	came, err := heard.ReceiveTimeout(ctx, blocked)
	if !timedOut(err) {
		return came, err
	}
	if err := heard.Ping(ctx); err != nil {
		return nil, err
	}
	return heard.ReceiveTimeout(ctx, blocked)
}

func timedOut(err error) bool {
	var timed net.Error
	return errors.As(err, &timed) && timed.Timeout()
}
