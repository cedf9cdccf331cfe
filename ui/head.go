package ui

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"jackfield/ui/theme"
	"jackfield/ui/widgets"
)

// head is the bar at the top: the way home, what is open, and what can be done with it.
type head struct {
	w       *Window
	content fyne.CanvasObject
	title   *widgets.Text
	note    *widgets.Text
	save    *widgets.Button
	live    *widgets.Button
	run     *widgets.Button
	stop    *widgets.Button
	look    *widgets.Button
	runs    *widgets.Button
	conns   *widgets.Button
	asks    *widgets.Button
	times   *widgets.Button
	space   *widgets.Button
	now     headline
}

// headline is all that the head shows.
type headline struct {
	title, note                   string
	desk, triggers, live, running bool
	dirty, dark                   bool
	questions                     int
	page                          fyne.CanvasObject
}

func newHead(w *Window) *head {
	h := &head{w: w}
	h.title = widgets.NewText("", widgets.Title)
	h.note = widgets.NewText("", widgets.Caption)
	h.save = widgets.NewButton(widgets.Ghost, "save", "Save", func() { w.desk.save(nil) })
	h.save.Tip = "Save the flow (" + keyNames("Ctrl+S") + ")"
	h.live = widgets.NewButton(widgets.Ghost, "power", "Enable", func() { w.desk.toggleLive() })
	h.live.Tip = "Enabled, its schedules and listeners start runs while Jackfield is open or served"
	h.run = widgets.NewButton(widgets.Primary, "run", "Run", func() { w.desk.runFlow() })
	h.run.Tip = "Save and run the flow (" + keyNames("Ctrl+Shift+Enter") + ")"
	h.stop = widgets.NewButton(widgets.Danger, "stop", "Stop", func() { w.desk.stopRun() })
	h.runs = widgets.NewIconButton("history", "All runs ("+keyNames("Ctrl+H")+")", w.showRuns)
	h.conns = widgets.NewIconButton("key", "Connections", w.showAccounts)
	h.asks = widgets.NewIconButton("inbox", "Questions that wait for you", w.showInbox)
	h.times = widgets.NewIconButton("clock", "When flows start by themselves", w.showSchedules)
	h.space = widgets.NewIconButton("disk", "What history takes of the disk", w.showStorage)
	h.look = widgets.NewIconButton("sun", "Light or dark", func() { w.setDark(!w.isDark()) })
	keys := widgets.NewIconButton("keyboard", "Keys (F1)", w.showKeys)
	home := newMark(w.showStart)
	words := container.New(&onOneLine{}, h.title, h.note)
	left := container.NewHBox(widgets.NewGap(theme.Gap), centred(home), widgets.NewGap(theme.Gap), words)
	right := container.NewHBox(centred(h.save), centred(h.live), widgets.NewGap(theme.Gap), centred(h.asks), centred(h.times), centred(h.conns), centred(h.runs), centred(h.space), centred(keys), centred(h.look),
		widgets.NewGap(theme.Gap), centred(h.stop), centred(h.run), widgets.NewGap(theme.Gap))
	bar := widgets.NewPanel(container.NewBorder(nil, nil, left, right))
	bar.PadY = theme.Inner
	h.content = container.NewBorder(nil, widgets.NewLine(), nil, nil, bar)
	return h
}

func centred(o fyne.CanvasObject) fyne.CanvasObject { return container.NewCenter(o) }

// onOneLine sets a title and a smaller note behind it on the same base line.
type onOneLine struct{}

func (*onOneLine) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	title, note := objects[0].MinSize(), objects[1].MinSize()
	y := (size.Height - title.Height) / 2
	objects[0].Resize(title)
	objects[0].Move(fyne.NewPos(0, y))
	objects[1].Resize(note)
	objects[1].Move(fyne.NewPos(title.Width+theme.Size(theme.WideGap), y+baseline(theme.TitleSize, true)-baseline(theme.CaptionSize, false)))
}

func (*onOneLine) MinSize(objects []fyne.CanvasObject) fyne.Size {
	title, note := objects[0].MinSize(), objects[1].MinSize()
	return fyne.NewSize(title.Width+theme.Size(theme.WideGap)+note.Width, max(title.Height, note.Height))
}

// baseline is how far below its top a line of text stands.
func baseline(size fyne.ThemeSizeName, bold bool) float32 {
	_, base := fyne.CurrentApp().Driver().RenderedTextSize("M", theme.Size(size), fyne.TextStyle{Bold: bold}, nil)
	return base
}

// update shows what fits the page that is open.
func (h *head) update() {
	w := h.w
	next := headline{title: "Jackfield", dark: w.isDark(), dirty: w.desk.dirty(), live: w.desk.live, running: w.desk.running(), questions: len(w.questions)}
	if len(w.body.Objects) == 1 {
		next.page = w.body.Objects[0]
	}
	switch next.page {
	case w.desk.content:
		next.desk, next.triggers = true, w.desk.hasTriggers()
		next.title, next.note = w.desk.name(), w.desk.inWords()
	case fyne.CanvasObject(w.runs):
		next.title = "Runs"
	case fyne.CanvasObject(w.run):
		next.title = "Run"
	case fyne.CanvasObject(w.accounts):
		next.title = "Connections"
	case fyne.CanvasObject(w.inbox):
		next.title = "Questions"
	case fyne.CanvasObject(w.schedules):
		next.title = "Schedules"
	case fyne.CanvasObject(w.storage):
		next.title = "Storage"
	}
	if next == h.now {
		return
	}
	h.now = next
	h.draw()
}

func (h *head) draw() {
	now := h.now
	h.title.SetText(now.title)
	h.note.SetText(now.note)
	show(h.save, now.desk)
	show(h.live, now.desk && now.triggers)
	show(h.run, now.desk && !now.running)
	show(h.stop, now.desk && now.running)
	if now.dirty {
		h.save.Enable()
	} else {
		h.save.Disable()
	}
	h.live.SetOn(now.live)
	h.live.SetText("Enable")
	if now.live {
		h.live.SetText("Enabled")
	}
	h.runs.SetOn(now.page == fyne.CanvasObject(h.w.runs))
	h.conns.SetOn(now.page == fyne.CanvasObject(h.w.accounts))
	h.space.SetOn(now.page == fyne.CanvasObject(h.w.storage))
	h.times.SetOn(now.page == fyne.CanvasObject(h.w.schedules))
	h.asks.SetOn(now.page == fyne.CanvasObject(h.w.inbox) || now.questions > 0)
	h.asks.SetText("")
	if now.questions > 0 {
		h.asks.SetText(strconv.Itoa(now.questions))
	}
	h.look.SetIcon("sun")
	if !now.dark {
		h.look.SetIcon("moon")
	}
	h.content.Refresh()
}

func show(o fyne.CanvasObject, on bool) {
	if on {
		o.Show()
	} else {
		o.Hide()
	}
}

// mark is the program's icon: the way to the start page.
type mark struct {
	widget.BaseWidget
	tapped func()
	ring   *canvas.Rectangle
}

var _ fyne.Focusable = (*mark)(nil)

func newMark(tapped func()) *mark {
	m := &mark{tapped: tapped, ring: &canvas.Rectangle{}}
	m.ring.Hide()
	m.ExtendBaseWidget(m)
	return m
}

// Tapped goes home.
func (m *mark) Tapped(*fyne.PointEvent) { m.tapped() }

// FocusGained shows that keys go to it.
func (m *mark) FocusGained() { m.ring.Show(); m.Refresh() }

// FocusLost hides that.
func (m *mark) FocusLost() { m.ring.Hide(); m.Refresh() }

// TypedRune does nothing.
func (m *mark) TypedRune(rune) {}

// TypedKey goes home on the space bar and on Enter.
func (m *mark) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		m.tapped()
	}
}

// Cursor is a hand.
func (m *mark) Cursor() desktop.Cursor { return desktop.PointerCursor }

// CreateRenderer draws the icon.
func (m *mark) CreateRenderer() fyne.WidgetRenderer {
	img := canvas.NewImageFromResource(theme.Mark())
	img.FillMode = canvas.ImageFillContain
	img.SetMinSize(fyne.NewSquareSize(theme.Size(theme.TileSize)))
	m.ring.StrokeColor, m.ring.StrokeWidth, m.ring.CornerRadius = theme.Color(theme.Primary), theme.Size(theme.Line), theme.Size(theme.TileRadius)
	return widget.NewSimpleRenderer(container.NewStack(img, m.ring))
}
