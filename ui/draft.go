package ui

import (
	"context"
	"sync"

	"jackfield/flow"
	"jackfield/ui/widgets"
)

// drafts keeps what is unsaved against a crash. What is asked of it is done in the
// order in which it was asked for: one that comes late, behind a later one, is void.
type drafts struct {
	mu    sync.Mutex
	done  int
	asked int // of the interface's goroutine alone
}

// next gives a thing to do its place in the order.
func (s *drafts) next() int {
	s.asked++
	return s.asked
}

// do performs it, unless a later one was.
func (s *drafts) do(n int, what func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n < s.done {
		return nil
	}
	s.done = n
	return what()
}

func (d *desk) draftSoon() {
	if d.draft != nil {
		d.draft.Stop()
	}
	d.draft = d.soon(draftPause, d.keepDraft)
}

// keepDraft keeps the flow as it is now; what was undone needs no keeping.
func (d *desk) keepDraft() {
	n, f, dirty := d.drafts.next(), d.doc.Flow(), d.doc.Dirty()
	d.w.later("keep the unsaved changes", func(ctx context.Context) error {
		return d.drafts.do(n, func() error {
			if !dirty {
				return d.w.svc.DropDraft(ctx, f.ID)
			}
			return d.w.svc.KeepDraft(ctx, f)
		})
	}, nil)
}

// discard forgets what is unsaved, and goes on.
func (d *desk) discard(then func()) {
	if d.draft != nil {
		d.draft.Stop()
	}
	n, id := d.drafts.next(), d.doc.ID()
	go func() {
		err := d.drafts.do(n, func() error { return d.w.svc.DropDraft(d.w.ctx, id) })
		d.w.do(func() {
			if err != nil {
				d.w.trouble("forget the unsaved changes", err)
			}
			then()
		})
	}()
}

// offerDraft brings changes back that were not saved when the program ended.
func (d *desk) offerDraft(f flow.Flow) {
	turn := d.turn
	d.w.findDraft(f.ID, func(draft flow.Flow) {
		if turn != d.turn || sameFile(draft, f) {
			return
		}
		d.w.say(widgets.News, "Changes from last time were not saved", "Bring them back", func() {
			if turn == d.turn {
				d.restore(draft)
			}
		})
	})
}

// restore puts a draft in the place of what is drawn.
func (d *desk) restore(draft flow.Flow) {
	if d.doc.Replace(draft, "brought unsaved changes back") {
		d.doc.Fit()
		d.edited()
	}
}

// offerLost brings a flow back that was never saved when the program ended.
func (w *Window) offerLost() {
	w.findDraft("", func(draft flow.Flow) {
		if len(draft.Steps) == 0 || !w.showing(w.start) {
			return
		}
		w.say(widgets.News, draft.Name+" was not saved last time", "Bring it back", func() {
			w.unlessUnsaved(func() {
				w.desk.openNew()
				w.desk.restore(draft)
			})
		})
	})
}

// findDraft gives what was kept of a flow, if anything was.
func (w *Window) findDraft(id flow.ID, found func(flow.Flow)) {
	var draft flow.Flow
	kept := false
	w.later("look for unsaved changes", func(ctx context.Context) error {
		draft, kept = w.svc.Draft(ctx, id)
		return nil
	}, func() {
		if kept {
			found(draft)
		}
	})
}

func sameFile(a, b flow.Flow) bool {
	return string(flow.WriteFile(a)) == string(flow.WriteFile(b))
}
