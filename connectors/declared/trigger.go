package declared

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// trigger starts a run with what is new in a stream, which it looks at again and again.
type trigger struct {
	id, title, summary string
	of                 *stream
	every              time.Duration
	old                bool // what is there at the beginning counts as new

	service *service
}

// leastEvery is how often a service may be looked at.
const leastEvery = 5 * time.Second

func (t *trigger) op() kit.Op {
	return kit.Op{
		ID: t.id, Title: cmp.Or(t.title, titled("", t.id)), Icon: "schedule", Effect: kit.Reads, Trigger: true, Out: t.of.schema,
		Summary: cmp.Or(t.summary, fmt.Sprintf("Starts a run with what is new in %s.", cmp.Or(t.of.title, t.of.id))),
		Words:   []string{"poll", "watch", "new", "changed"},
		New: func() kit.Operation {
			return &watcher{reader: newReader(t.of), trigger: t, Every: t.every, Old: t.old}
		},
	}
}

// watcher is a trigger as a step of a flow.
type watcher struct {
	reader *reader
	kit.Gathering
	trigger *trigger
	Every   time.Duration
	Old     bool
}

// Fields are how often to look, and what the reading of the stream has.
func (w *watcher) Fields() kit.Fields {
	fields := kit.Fields{
		kit.Duration(&w.Every, "every", "Look every").Checked(func() error {
			if w.Every < leastEvery {
				return fmt.Errorf("a service is not asked more often than every %s", leastEvery)
			}
			return nil
		}),
		kit.Toggle(&w.Old, "old", "Begin with what is there").Help("Else only what comes after the flow was enabled starts runs."),
	}
	fields = append(fields, w.GatherFields()...)
	return append(fields, w.reader.Fields()[1:]...)
}

// Service is the host that is asked.
func (w *watcher) Service() (host string, perSecond float64) { return w.reader.Service() }

// Start gives the first page of the stream, to try the flow on.
func (w *watcher) Start(ctx context.Context, env kit.Env) ([]any, error) {
	page, err := w.reader.all(ctx, env, nil)
	if len(page.Data) > sampled {
		page.Data = page.Data[:sampled]
	}
	return page.Data, err
}

// sampled is how many records a start by hand gives.
const sampled = 10

// Listen looks at the stream until ctx ends. What a look finds is one event, which moves the
// mark; so nothing is given twice, and nothing is lost where the program ends between.
func (w *watcher) Listen(ctx context.Context, env kit.Env, give func(context.Context, kit.Event) (kit.Receipt, error)) error {
	mark, err := env.LastMark(ctx)
	if err != nil {
		return err
	}
	for {
		if mark, err = w.look(ctx, env, mark, give); err != nil {
			return err
		}
		timer := time.NewTimer(w.Every)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}

// mostNew is how many records one event holds; a look that finds more is told.
const mostNew = 100_000

// look reads what is new to its end.
func (w *watcher) look(ctx context.Context, env kit.Env, mark flow.Cursor, give func(context.Context, kit.Event) (kit.Receipt, error)) (flow.Cursor, error) {
	env.Started = time.Now()
	var found []any
	moved := mark
	for after, more := mark, true; more; {
		page, err := w.reader.fresh(ctx, env, after)
		if err != nil {
			return mark, err
		}
		for _, bad := range page.Bad {
			env.Log(flow.Warn, "", "%s", bad.Failure.What)
		}
		if found = append(found, page.Data...); len(found) > mostNew {
			return mark, kit.Fail(kit.Refused, "more than %d records are new at once", mostNew).Hint("read them by a schedule and a source, which holds only a page in memory")
		}
		if page.Mark != nil {
			moved = page.Mark
		}
		after, more = page.Next, page.More
	}
	if len(mark) == 0 && !w.Old || len(found) == 0 {
		if len(moved) == 0 { // there was nothing yet, and what comes is new
			moved = flow.Cursor(kept(map[string]string{"of": w.reader.stream.id + " " + w.reader.stream.news.field}))
		}
		if string(moved) == string(mark) {
			return mark, nil
		}
		return moved, env.SetMark(ctx, moved)
	}
	_, err := give(ctx, kit.Event{Data: found, Cause: "poll", Mark: moved})
	if err != nil {
		return mark, err
	}
	return moved, nil
}
