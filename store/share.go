package store

import (
	"context"
	"fmt"
	"reflect"
	"slices"

	"jackfield/flow"
)

// share says that a batch is made of records that lie in the run already, since its
// step passed them on: a filter, a switch, a sink that gives what it was given.
type share struct {
	Seq    int         `json:"seq"`
	Outlet flow.Outlet `json:"outlet"`
	Take   [][2]int    `json:"take"` // stretches of that batch: the first and how many
}

// sharedFrom finds the batch among those that e took which b is a part of, in order.
// Only one that is still at hand is looked at: its records are the very same then.
func (s *Store) sharedFrom(e flow.Entry, b flow.Batch) (share, bool) {
	if len(b) == 0 {
		return share{}, false
	}
	for _, ref := range e.From {
		if ref.Run != e.Run {
			continue
		}
		if from, found := s.cache.get(ref); found {
			if take, all := stretches(from, b); all {
				return share{Seq: ref.Seq, Outlet: ref.Outlet, Take: take}, true
			}
		}
	}
	return share{}, false
}

// stretches tells where the records of b lie in from, if all of them do and in order.
func stretches(from, b flow.Batch) (take [][2]int, all bool) {
	at := 0
	for _, r := range b {
		skipped := slices.IndexFunc(from[at:], func(one flow.Record) bool { return same(one, r) })
		if skipped < 0 {
			return nil, false
		}
		at += skipped + 1
		if n := len(take); n > 0 && take[n-1][0]+take[n-1][1] == at-1 {
			take[n-1][1]++
		} else {
			take = append(take, [2]int{at - 1, 1})
		}
	}
	return take, true
}

// same says whether two records are one: not merely alike, but with the same objects
// in them.
func same(a, b flow.Record) bool {
	return a.ID == b.ID && a.Problem == nil && b.Problem == nil && slices.Equal(a.Parents, b.Parents) && sameData(a.Data, b.Data)
}

func sameData(a, b any) bool {
	switch a := a.(type) {
	case nil:
		return b == nil
	case map[string]any:
		b, ok := b.(map[string]any)
		return ok && a != nil && reflect.ValueOf(a).Pointer() == reflect.ValueOf(b).Pointer()
	case []any:
		b, ok := b.([]any)
		return ok && len(a) == len(b) && len(a) > 0 && &a[0] == &b[0]
	case string, bool, int:
		return a == b
	}
	return false
}

// shared gives the records that a share speaks of. They lie further up in the run.
func (s *Store) shared(ctx context.Context, ref flow.Ref, sh share) (flow.Batch, error) {
	if sh.Seq >= ref.Seq {
		return nil, fmt.Errorf("it is to be a part of the later step run %d", sh.Seq)
	}
	from, err := s.Batch(ctx, flow.Ref{Run: ref.Run, Seq: sh.Seq, Outlet: sh.Outlet})
	if err != nil {
		return nil, err
	}
	var b flow.Batch
	for _, t := range sh.Take {
		if t[0] < 0 || t[1] < 0 || t[0]+t[1] > len(from) {
			return nil, fmt.Errorf("it is to be records %d and on of step run %d, which has %d", t[0], sh.Seq, len(from))
		}
		b = append(b, from[t[0]:t[0]+t[1]]...)
	}
	return b, nil
}
