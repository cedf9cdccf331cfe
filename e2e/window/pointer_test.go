package window

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	toolkit "fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"jackfield/e2e/screen"
	"jackfield/flow"
	"jackfield/ui/canvas"
	"jackfield/ui/widgets"
)

// hand moves the pointer and presses keys in a window, as a person would, and looks
// at what the window shows.
type hand struct {
	t   *testing.T
	win fyne.Window
	id  string // of the X window
}

// pause is how long a hand takes between two moves: the toolkit takes one move a
// frame, and a frame without a graphics card takes up to 60 ms.
const pause = 70 * time.Millisecond

// patience is how long a person would wait for something to appear.
const patience = 20 * time.Second

func newHand(t *testing.T, win fyne.Window, title string) *hand {
	t.Helper()
	h := &hand{t: t, win: win}
	h.await("the window", func() bool {
		id, err := screen.Do("search", "--onlyvisible", "--name", "^"+title+"$")
		h.id, _, _ = strings.Cut(id, "\n")
		return err == nil && h.id != ""
	})
	h.do("windowactivate", "--sync", h.id)
	return h
}

func (h *hand) do(args ...string) {
	h.t.Helper()
	if _, err := screen.Do(args...); err != nil {
		h.t.Fatal(err)
	}
	rest(pause)
}

// rest lets real time pass: the window lives in it.
func rest(d time.Duration) { <-time.After(d) }

// await looks until it is so.
func (h *hand) await(what string, so func() bool) {
	h.t.Helper()
	for end := time.Now().Add(patience); ; rest(pause) {
		ok := false
		fyne.DoAndWait(func() { ok = so() })
		if ok {
			return
		}
		if time.Now().After(end) {
			h.picture("waiting")
			h.t.Fatalf("%s did not come; the window shows %q", what, h.texts())
		}
	}
}

// at reads a place of the window on the interface's own goroutine.
func at(find func() (fyne.Position, bool)) (p fyne.Position, ok bool) {
	fyne.DoAndWait(func() { p, ok = find() })
	return p, ok
}

func (h *hand) move(p fyne.Position) {
	h.t.Helper()
	h.do("mousemove", "--window", h.id, strconv.Itoa(int(p.X)), strconv.Itoa(int(p.Y)))
}

func (h *hand) click(p fyne.Position) {
	h.t.Helper()
	h.move(p)
	h.do("click", "1")
}

// drag presses at a, moves to b in steps, and lets go.
func (h *hand) drag(a, b fyne.Position) {
	h.t.Helper()
	h.move(a)
	h.do("mousedown", "1")
	rest(2 * pause)
	const steps = 8
	for i := 1; i <= steps; i++ {
		share := float32(i) / steps
		h.move(fyne.NewPos(a.X+(b.X-a.X)*share, a.Y+(b.Y-a.Y)*share))
	}
	rest(2 * pause)
	h.do("mouseup", "1")
	rest(2 * pause)
}

func (h *hand) write(text string) {
	h.t.Helper()
	h.do("type", "--window", h.id, "--delay", "25", text)
	rest(2 * pause)
}

func (h *hand) key(name string) {
	h.t.Helper()
	h.do("key", "--window", h.id, name)
	rest(pause)
}

// clickText clicks in the middle of what shows the text.
func (h *hand) clickText(text string) {
	h.t.Helper()
	h.click(h.find(text))
}

// find waits until the text is shown and gives the middle of it.
func (h *hand) find(text string) fyne.Position {
	h.t.Helper()
	var p fyne.Position
	h.await(fmt.Sprintf("the text %q", text), func() (found bool) {
		p, found = h.place(func(o fyne.CanvasObject) bool { return shows(o) == text })
		return found
	})
	return p
}

// shows is the text that an object shows, "" for none.
func shows(o fyne.CanvasObject) string {
	switch o := o.(type) {
	case *toolkit.Text:
		return o.Text
	case *widgets.Button:
		return o.Text
	}
	return ""
}

// place finds the uppermost visible object of a kind.
func (h *hand) place(is func(fyne.CanvasObject) bool) (p fyne.Position, found bool) {
	h.walk(func(o fyne.CanvasObject, pos fyne.Position) bool {
		if !is(o) {
			return true
		}
		p, found = pos.AddXY(o.Size().Width/2, o.Size().Height/2), true
		return false
	})
	return p, found
}

// texts lists all that the window shows.
func (h *hand) texts() (all []string) {
	fyne.DoAndWait(func() {
		h.walk(func(o fyne.CanvasObject, _ fyne.Position) bool {
			if text := shows(o); text != "" {
				all = append(all, text)
			}
			return true
		})
	})
	return all
}

// walk visits what is visible, overlays first, with its place in the window.
func (h *hand) walk(visit func(o fyne.CanvasObject, at fyne.Position) bool) {
	c := h.win.Canvas()
	roots := []fyne.CanvasObject{}
	if top := c.Overlays().Top(); top != nil {
		roots = append(roots, top)
	}
	roots = append(roots, c.Content())
	var down func(o fyne.CanvasObject, at fyne.Position) bool
	down = func(o fyne.CanvasObject, at fyne.Position) bool {
		if o == nil || !o.Visible() {
			return true
		}
		at = at.Add(o.Position())
		if !visit(o, at) {
			return false
		}
		var children []fyne.CanvasObject
		switch o := o.(type) {
		case *fyne.Container:
			children = o.Objects
		case fyne.Widget:
			children = test.WidgetRenderer(o).Objects()
		}
		for _, child := range children {
			if !down(child, at) {
				return false
			}
		}
		return true
	}
	for _, root := range roots {
		if !down(root, fyne.Position{}) {
			return
		}
	}
}

// canvas finds the canvas that a flow is drawn on, and where it lies.
func (h *hand) canvas() (c *canvas.Canvas, origin fyne.Position) {
	h.t.Helper()
	h.await("the canvas", func() bool {
		h.walk(func(o fyne.CanvasObject, at fyne.Position) bool {
			if found, ok := o.(*canvas.Canvas); ok {
				c, origin = found, at
			}
			return c == nil
		})
		return c != nil
	})
	return c, origin
}

// port is the place of a step's outlet, or of its inlet where the outlet is "".
func (h *hand) port(step flow.StepID, outlet flow.Outlet) fyne.Position {
	h.t.Helper()
	c, origin := h.canvas()
	p, ok := at(func() (fyne.Position, bool) {
		card := c.Document().Card(step)
		if card == nil {
			return fyne.Position{}, false
		}
		point := card.Inlet()
		if outlet != "" {
			point = card.Outlet(outlet)
		}
		x, y := c.Document().View().Screen(point)
		return origin.AddXY(x, y), true
	})
	if !ok {
		h.t.Fatalf("there is no step %q on the canvas; it has %v", step, c.Document().Flow().Steps)
	}
	return p
}

// card is the middle of a step's card.
func (h *hand) card(step flow.StepID) fyne.Position {
	h.t.Helper()
	in := h.port(step, "")
	return in.AddXY(60, 0)
}

// clickBelow clicks into the field below a label.
func (h *hand) clickBelow(label string) {
	h.t.Helper()
	h.click(h.find(label).AddXY(20, 30))
}

// icon is the middle of the button that shows just this icon.
func (h *hand) icon(name string) fyne.Position {
	h.t.Helper()
	var p fyne.Position
	h.await("the icon "+name, func() (found bool) {
		p, found = h.place(func(o fyne.CanvasObject) bool {
			b, ok := o.(*widgets.Button)
			return ok && b.Icon == name && b.Text == ""
		})
		return found
	})
	return p
}

// clickHome clicks the program's mark at the top left.
func (h *hand) clickHome() {
	h.t.Helper()
	h.click(fyne.NewPos(25, 24))
}

// clickMapping clicks into the jq editor of the step that is chosen.
func (h *hand) clickMapping() {
	h.t.Helper()
	var p fyne.Position
	h.await("the editor of the mapping", func() (found bool) {
		p, found = h.place(func(o fyne.CanvasObject) bool {
			e, ok := o.(*widgets.Editor)
			return ok && !e.Plain && !e.OneLine
		})
		return found
	})
	h.click(p)
}

// badges counts the texts on the canvas that say just this. Call it on the
// interface's goroutine.
func (h *hand) badges(c *canvas.Canvas, text string) (n int) {
	inside := false
	var from, to fyne.Position
	h.walk(func(o fyne.CanvasObject, at fyne.Position) bool {
		if o == fyne.CanvasObject(c) {
			inside, from, to = true, at, at.AddXY(c.Size().Width, c.Size().Height)
		}
		if inside && shows(o) == text && at.X >= from.X && at.Y >= from.Y && at.X <= to.X && at.Y <= to.Y {
			n++
		}
		return true
	})
	return n
}

// step waits for a step that the operation was dropped as, and gives its id.
func (h *hand) step(uses flow.OpID) (id flow.StepID) {
	h.t.Helper()
	c, _ := h.canvas()
	h.await("a step that uses "+string(uses), func() bool {
		for _, s := range c.Document().Flow().Steps {
			if s.Uses == uses {
				id = s.ID
			}
		}
		return id != ""
	})
	return id
}

// picture keeps what the screen shows, where pictures are wanted.
func (h *hand) picture(name string) {
	h.t.Helper()
	if err := keepPicture(name); err != nil {
		h.t.Error(err)
	}
}
