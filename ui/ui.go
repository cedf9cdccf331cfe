// Package ui is the window: it puts the views together and stands between them and
// the door. Views draw and report wishes; this package carries the wishes out, away
// from the interface's own goroutine, and gives the views what came of them.
package ui

import (
	"context"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"jackfield/app"
	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/ui/connections"
	"jackfield/ui/history"
	"jackfield/ui/inbox"
	"jackfield/ui/palette"
	"jackfield/ui/schedules"
	"jackfield/ui/start"
	"jackfield/ui/storage"
	"jackfield/ui/theme"
	"jackfield/ui/widgets"
)

// Window is the program's window.
type Window struct {
	app   fyne.App
	win   fyne.Window
	svc   app.Service
	ctx   context.Context
	end   context.CancelFunc
	ops   kit.Set
	items []palette.Item
	do    func(func()) // performs on the interface's goroutine
	say   Say
	now   func() time.Time

	layer     *widgets.Layer
	head      *head
	body      *fyne.Container
	start     *start.Page
	desk      *desk
	runs      *history.List
	run       *history.Page
	accounts  *connections.Page
	testing   context.CancelFunc // ends the test of a connection that goes on; nil before the first
	signing   context.CancelFunc // ends the sign-in that goes on; nil before the first
	inbox     *inbox.Page
	schedules *schedules.Page
	storage   *storage.Page
	shown     shownRun
	back      func()          // to where the run was opened from
	asked     func()          // gives up the question that is asked; nil where none is
	questions []flow.Question // that were open at the last look
	counting  int             // counts these looks
	visit     int             // counts the ways that a person took, so that late answers lead nowhere
}

// Options say how the window opens.
type Options struct {
	Path string // a flow file to open at once; "" is the start page
	Dark bool
	// Do performs on the interface's goroutine; nil is the toolkit's way.
	Do func(func())
	// Say tells something in passing; nil shows it at the lower edge of the window.
	Say Say
}

// Say tells something in passing, with something to do about it where action is not "".
type Say func(kind widgets.ToastKind, text, action string, do func())

// The size of a new window, and the least that a window is usable at.
const (
	firstWidth, firstHeight float32 = 1440, 900
	prefDark                        = "dark"
	prefWidth, prefHeight           = "width", "height"
)

// New makes the window before the door svc. ctx ends everything that it started.
func New(ctx context.Context, a fyne.App, svc app.Service, o Options) (*Window, error) {
	a.Settings().SetTheme(theme.New(a.Preferences().BoolWithFallback(prefDark, o.Dark)))
	ops, err := svc.Connectors(ctx)
	if err != nil {
		return nil, err
	}
	w := &Window{app: a, svc: svc, ops: ops, items: palette.Items(ops), do: o.Do, say: o.Say, now: time.Now, win: a.NewWindow("Jackfield")}
	if w.do == nil {
		w.do = fyne.Do
	}
	w.ctx, w.end = context.WithCancel(ctx)
	w.win.SetIcon(theme.Mark())
	w.layer = widgets.NewLayer()
	if w.say == nil {
		w.say = w.layer.Offer
	}
	w.body = container.NewStack()
	w.head = newHead(w)
	w.makePages()
	w.win.SetPadded(false)
	w.win.SetContent(container.NewStack(widgets.Under(w.head.content, w.body), w.layer))
	w.win.Resize(fyne.NewSize(
		float32(a.Preferences().FloatWithFallback(prefWidth, float64(firstWidth))),
		float32(a.Preferences().FloatWithFallback(prefHeight, float64(firstHeight))),
	))
	w.win.SetOnDropped(w.dropped)
	w.win.SetCloseIntercept(w.close)
	w.addShortcuts()
	events := svc.Watch(w.ctx)
	go w.follow(events)
	if o.Path != "" {
		w.openFile(o.Path)
	} else {
		w.showStart()
		w.offerLost()
	}
	return w, nil
}

// Show shows the window; it is up to the caller to run the app.
func (w *Window) Show() { w.win.Show() }

// Window is the toolkit's window.
func (w *Window) Window() fyne.Window { return w.win }

func (w *Window) makePages() {
	w.start = start.New()
	w.start.OnNew = w.newFlow
	w.start.OnOpen = w.chooseFile
	w.start.OnFlow = func(id flow.ID) { w.openFlow(id) }
	w.start.OnExample = w.openExample
	w.start.OnRemove = w.removeFlow
	w.start.OnEnable = w.enable
	w.desk = newDesk(w)
	w.makeHistory()
	w.makeAccounts()
	w.makeInbox()
	w.makeSchedules()
	w.makeStorage()
}

// show puts a page into the window.
func (w *Window) show(page fyne.CanvasObject) {
	w.visit++
	w.body.Objects = []fyne.CanvasObject{page}
	w.body.Refresh()
	w.head.update()
}

func (w *Window) showing(page fyne.CanvasObject) bool {
	return len(w.body.Objects) == 1 && w.body.Objects[0] == page
}

// later performs work away from the interface and then done on it. A failure is
// shown, saying what was being done.
func (w *Window) later(doing string, work func(ctx context.Context) error, done func()) {
	w.laterOr(doing, work, done, nil)
}

// laterOr does something else where the work failed, which is shown.
func (w *Window) laterOr(doing string, work func(ctx context.Context) error, done, otherwise func()) {
	go func() {
		err := work(w.ctx)
		if w.ctx.Err() != nil {
			return
		}
		w.do(func() {
			if err != nil {
				w.trouble(doing, err)
				call(otherwise)
				return
			}
			call(done)
		})
	}()
}

func call(f func()) {
	if f != nil {
		f()
	}
}

// trouble tells a person what went wrong and what to do about it.
func (w *Window) trouble(doing string, err error) {
	w.say(widgets.Bad, "Could not "+doing+": "+inWords(err), "", nil)
}

// tell tells something in passing.
func (w *Window) tell(kind widgets.ToastKind, text string) { w.say(kind, text, "", nil) }

func (w *Window) setDark(dark bool) {
	w.app.Preferences().SetBool(prefDark, dark)
	w.app.Settings().SetTheme(theme.New(dark))
	w.head.update()
}

func (w *Window) isDark() bool { return w.app.Preferences().BoolWithFallback(prefDark, true) }

// close asks before changes are lost, and remembers the size of the window.
func (w *Window) close() {
	size := w.win.Canvas().Size()
	w.app.Preferences().SetFloat(prefWidth, float64(size.Width))
	w.app.Preferences().SetFloat(prefHeight, float64(size.Height))
	w.unlessUnsaved(func() {
		w.end()
		w.win.Close()
	})
}

// unlessUnsaved goes on at once where nothing is unsaved, and else asks.
func (w *Window) unlessUnsaved(goOn func()) {
	if !w.desk.dirty() {
		goOn()
		return
	}
	w.ask(question{
		Title: "Save the changes to " + w.desk.name() + "?", Text: "They are not saved yet.",
		No: "Discard", OnNo: func() { w.desk.discard(goOn) },
		Yes: "Save", Icon: "save", OnYes: func() { w.desk.save(goOn) },
	})
}
