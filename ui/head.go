package ui

import (
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
}

func newHead(w *Window) *head {
	h := &head{w: w}
	h.title = widgets.NewText("", widgets.Title)
	h.note = widgets.NewText("", widgets.Muted)
	h.save = widgets.NewButton(widgets.Ghost, "save", "Save", func() { w.desk.save(nil) })
	h.live = widgets.NewButton(widgets.Ghost, "power", "Enable", func() { w.desk.toggleLive() })
	h.live.Tip = "Enabled, its schedules and listeners start runs while Jackfield is open or served"
	h.run = widgets.NewButton(widgets.Primary, "run", "Run", func() { w.desk.runFlow() })
	h.run.Tip = "Save and run the flow (Ctrl+Shift+Enter)"
	h.stop = widgets.NewButton(widgets.Danger, "stop", "Stop", func() { w.desk.stopRun() })
	h.runs = widgets.NewIconButton("history", "All runs (Ctrl+H)", w.showRuns)
	h.conns = widgets.NewIconButton("key", "Connections", w.showAccounts)
	h.look = widgets.NewIconButton("sun", "Light or dark", func() { w.setDark(!w.isDark()) })
	home := newMark(func() { w.showStart() })
	left := container.NewHBox(widgets.NewGap(theme.Gap), centred(home), widgets.NewGap(theme.Gap), centred(h.title), centred(h.note))
	right := container.NewHBox(centred(h.save), centred(h.live), centred(h.conns), centred(h.runs), centred(h.look), widgets.NewGap(theme.Gap), centred(h.stop), centred(h.run), widgets.NewGap(theme.Gap))
	bar := widgets.NewPanel(container.NewBorder(nil, nil, left, right))
	bar.PadY = theme.Inner
	h.content = container.NewBorder(nil, newRule(), nil, nil, bar)
	return h
}

func centred(o fyne.CanvasObject) fyne.CanvasObject { return container.NewCenter(o) }

// update shows what fits the page that is open.
func (h *head) update() {
	w := h.w
	atDesk := w.showing(w.desk.content)
	title, note := "Jackfield", ""
	switch {
	case atDesk:
		title, note = w.desk.name(), w.desk.inWords()
	case w.runs != nil && w.showing(w.runs):
		title = "Runs"
	case w.run != nil && w.showing(w.run):
		title = "Run"
	case w.accounts != nil && w.showing(w.accounts):
		title = "Connections"
	}
	h.title.SetText(title)
	h.note.SetText(note)
	show(h.save, atDesk)
	show(h.live, atDesk && w.desk.hasTriggers())
	show(h.run, atDesk && !w.desk.running())
	show(h.stop, atDesk && w.desk.running())
	if w.desk.dirty() {
		h.save.Enable()
	} else {
		h.save.Disable()
	}
	h.live.SetOn(w.desk.live)
	h.live.SetText("Enable")
	if w.desk.live {
		h.live.SetText("Enabled")
	}
	h.look.SetIcon("sun")
	if !w.isDark() {
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
}

func newMark(tapped func()) *mark {
	m := &mark{tapped: tapped}
	m.ExtendBaseWidget(m)
	return m
}

// Tapped goes home.
func (m *mark) Tapped(*fyne.PointEvent) { m.tapped() }

// Cursor is a hand.
func (m *mark) Cursor() desktop.Cursor { return desktop.PointerCursor }

// CreateRenderer draws the icon.
func (m *mark) CreateRenderer() fyne.WidgetRenderer {
	img := canvas.NewImageFromResource(theme.Mark())
	img.FillMode = canvas.ImageFillContain
	img.SetMinSize(fyne.NewSquareSize(theme.Size(theme.TileSize)))
	return widget.NewSimpleRenderer(img)
}

// rule is a hairline that follows the theme.
type rule struct {
	widget.BaseWidget
}

func newRule() *rule {
	r := &rule{}
	r.ExtendBaseWidget(r)
	return r
}

// CreateRenderer draws the line.
func (r *rule) CreateRenderer() fyne.WidgetRenderer {
	return &ruleRenderer{rule: r, line: canvas.NewRectangle(theme.Color(theme.Separator))}
}

type ruleRenderer struct {
	rule *rule
	line *canvas.Rectangle
}

func (x *ruleRenderer) Layout(size fyne.Size) { x.line.Resize(size) }

func (x *ruleRenderer) MinSize() fyne.Size { return fyne.NewSquareSize(theme.Size(theme.Hairline)) }

func (x *ruleRenderer) Refresh() {
	x.line.FillColor = theme.Color(theme.Separator)
	x.line.Refresh()
}

func (x *ruleRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{x.line} }

func (x *ruleRenderer) Destroy() {}
