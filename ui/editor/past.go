package editor

import (
	"slices"
	"time"

	"jackfield/flow"
)

// pastLimit is how many changes can be taken back.
const pastLimit = 500

// burst is how long after the last letter a next one in the same field still belongs
// to the same change.
const burst = 800 * time.Millisecond

// Change is one step of undo, in words.
type Change struct{ Words string }

// moment is where a change began or led: the scene, and what a person looked at.
type moment struct {
	scene *scene
	pick  selection
	view  View
}

// change is one step of undo.
type change struct {
	words  string
	before moment
	after  moment
	field  string // of typing: which field of which step
	typed  time.Time
}

// history is what can be taken back and what can be done again. done[:at] has been
// done, done[at:] has been taken back.
type history struct {
	done []change
	at   int
}

// change makes one step of undo of whatever edit does to the draft. It gives false
// where that was nothing.
func (d *Document) change(words string, edit func(*draft)) bool {
	return d.changeSelecting(words, edit, nil)
}

// changeSelecting selects something else after the change, as a part of it.
func (d *Document) changeSelecting(words string, edit func(*draft), choose func(*selection)) bool {
	d.cancelDrag()
	t := d.now.draft()
	edit(t)
	if !t.changed() {
		return false
	}
	c := change{words: words, before: d.moment()}
	d.show(&t.scene)
	next := d.pick
	if choose != nil {
		next = next.clone()
		choose(&next)
	}
	d.setPick(next.keepOnly(d))
	c.after = d.moment()
	d.past.push(c)
	return true
}

// typing is a change of one field by one letter or so. Those that follow each other
// within a burst are one step of undo.
func (d *Document) typing(field, words string, at time.Time, edit func(*draft)) bool {
	last := d.past.last()
	joins := last != nil && last.field == field && at.Sub(last.typed) < burst && !at.Before(last.typed) &&
		d.past.at == len(d.past.done) && last.after.scene == d.now && d.now != d.saved
	if !d.change(words, edit) {
		return false
	}
	made := d.past.last()
	made.field, made.typed = field, at
	if joins {
		d.past.join()
	}
	return true
}

func (d *Document) moment() moment { return moment{d.now, d.pick, d.view} }

func (d *Document) show(s *scene) {
	d.now = s
	d.drawn.follow(d, s)
	d.rev++
}

func (h *history) last() *change {
	if h.at == 0 {
		return nil
	}
	return &h.done[h.at-1]
}

func (h *history) push(c change) {
	clear(h.done[h.at:])
	h.done = append(h.done[:h.at], c)
	if len(h.done) > pastLimit {
		h.done = slices.Delete(h.done, 0, len(h.done)-pastLimit)
	}
	h.at = len(h.done)
}

// join makes one of the last two changes.
func (h *history) join() {
	n := len(h.done)
	h.done[n-1].before = h.done[n-2].before
	h.done = slices.Delete(h.done, n-2, n-1)
	h.at = len(h.done)
}

// Undo takes the last change back and says which one that was.
func (d *Document) Undo() (Change, bool) {
	d.cancelDrag()
	c := d.past.last()
	if c == nil {
		return Change{}, false
	}
	d.past.at--
	d.recall(c.before, c.after)
	return Change{c.words}, true
}

// Redo does again what was taken back last.
func (d *Document) Redo() (Change, bool) {
	d.cancelDrag()
	if d.past.at == len(d.past.done) {
		return Change{}, false
	}
	c := &d.past.done[d.past.at]
	d.past.at++
	d.recall(c.after, c.before)
	return Change{c.words}, true
}

// recall brings a moment back. The view follows only where what changed could not
// be seen otherwise.
func (d *Document) recall(m, other moment) {
	d.show(m.scene)
	d.setPick(m.pick.keepOnly(d))
	if d.view.W <= 0 {
		return
	}
	if r := d.changedArea(m.scene, other.scene); !r.Empty() && !d.view.Area().Meets(r) {
		d.view.At, d.view.Zoom = m.view.At, m.view.Zoom
		if !d.view.Area().Meets(r) {
			d.Reveal(r)
		}
	}
}

// changedArea holds the cards that differ between the scene that is shown and
// another; for those that are not on the canvas any more, where they were.
func (d *Document) changedArea(shown, other *scene) Rect {
	var r Rect
	head, tail := differing(shown.steps, other.steps)
	for _, s := range shown.steps[head : len(shown.steps)-tail] {
		if !slices.Contains(other.steps[head:len(other.steps)-tail], s) {
			r = r.With(Rect{s.At.X, s.At.Y, CardWidth, CardHeight})
		}
	}
	if !r.Empty() {
		return r
	}
	for _, s := range other.steps[head : len(other.steps)-tail] {
		r = r.With(Rect{s.At.X, s.At.Y, CardWidth, CardHeight})
	}
	head, tail = differing(shown.edges, other.edges)
	for _, a := range d.drawn.lines[head : len(d.drawn.lines)-tail] {
		r = r.With(a.Box.Grown(1))
	}
	return r
}

// Undoable gives the words of the change that Undo would take back, "" where there is
// none.
func (d *Document) Undoable() string {
	if c := d.past.last(); c != nil {
		return c.words
	}
	return ""
}

// Redoable gives the words of the change that Redo would do again.
func (d *Document) Redoable() string {
	if d.past.at < len(d.past.done) {
		return d.past.done[d.past.at].words
	}
	return ""
}

// Past lists the changes, oldest first, and how many of them are done; the others
// have been taken back.
func (d *Document) Past() (changes []Change, done int) {
	for _, c := range d.past.done {
		changes = append(changes, Change{c.words})
	}
	return changes, d.past.at
}

func (d *Document) label(id flow.StepID) string {
	if c := d.drawn.cards[id]; c != nil {
		return c.Title()
	}
	return string(id)
}
