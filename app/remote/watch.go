package remote

import (
	"bufio"
	"context"
	"fmt"
	"iter"
	"net/http"

	"jackfield/flow"
)

// Watch yields what changes from now on. When the process that had the home folder
// open ends it goes on with the one that takes its place, and says so: what changed in
// between, nobody told.
func (c *Client) Watch(ctx context.Context) iter.Seq[flow.Event] {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(c.ctx, cancel)
	from, err := c.watch(ctx)
	return func(yield func(flow.Event) bool) {
		defer stop()
		defer cancel()
		for {
			if err != nil || !from(yield) || ctx.Err() != nil {
				return
			}
			_, l := c.way()
			if err := c.again(ctx, l); err != nil {
				yield(flow.Event{Kind: flow.Trouble, What: err.Error()})
				return
			}
			from, err = c.watch(ctx)
			if !yield(flow.Event{Kind: flow.Trouble, What: "another process had the home folder open and has ended; this one goes on in its place"}) ||
				!yield(flow.Event{Kind: flow.FlowChanged}) {
				return
			}
		}
	}
}

// events yields until the server goes (true) or whoever listens has enough (false).
type events func(yield func(flow.Event) bool) bool

// watch begins at once, not with the first look.
func (c *Client) watch(ctx context.Context) (events, error) {
	here, l := c.way()
	if here != nil {
		seq := here.Watch(ctx)
		return func(yield func(flow.Event) bool) bool {
			for e := range seq {
				if !yield(e) {
					return false
				}
			}
			return false
		}, nil
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/watch", nil)
	if err != nil {
		return nil, err
	}
	got, err := l.http.Do(req)
	if err != nil {
		return func(func(flow.Event) bool) bool { return ctx.Err() == nil }, nil
	}
	lines := bufio.NewReader(got.Body)
	_, err = lines.ReadBytes('\n')
	return func(yield func(flow.Event) bool) bool {
		defer got.Body.Close()
		return err != nil || follow(lines, yield)
	}, nil
}

func follow(lines *bufio.Reader, yield func(flow.Event) bool) bool {
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return true
		}
		var e flow.Event
		if err := decode(line, &e); err != nil {
			e = flow.Event{Kind: flow.Trouble, What: fmt.Sprintf("an event could not be read: %v", err)}
		}
		if !yield(e) {
			return false
		}
	}
}
