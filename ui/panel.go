package ui

import (
	"context"
	"path/filepath"
	"reflect"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/ui/editor"
	"jackfield/ui/form"
	"jackfield/ui/theme"
	"jackfield/ui/widgets"
)

// panel stands at the right of the desk: the settings of the chosen step, or of the
// flow where none is chosen.
type panel struct {
	d        *desk
	content  *fyne.Container
	step     *form.Panel
	mapping  *mapping
	accounts []flow.Connection
	name     *widgets.Editor
	note     *widgets.Editor
	settings *form.Settings
	flowPart fyne.CanvasObject
	noted    noted
}

func newPanel(d *desk) *panel {
	p := &panel{d: d, step: form.NewPanel()}
	p.mapping = newMapping(p)
	p.step.Mapping = p.mapping.content
	p.step.Ask = form.Asker{Choices: p.choices, File: p.chooseFile}
	change := func(do func(id flow.StepID, at time.Time)) {
		if id := p.step.Step(); id != "" {
			do(id, d.w.now())
			d.edited()
		}
	}
	p.step.OnTitle = func(text string) {
		change(func(id flow.StepID, at time.Time) { d.doc.SetTitle(id, text, at) })
	}
	p.step.OnSet = func(field string, v any) {
		change(func(id flow.StepID, at time.Time) { d.doc.SetField(id, field, v, at) })
	}
	p.step.OnConnection = func(name string) {
		change(func(id flow.StepID, _ time.Time) { d.doc.SetConnection(id, name) })
	}
	p.step.OnRetry = func(r flow.Retry) {
		change(func(id flow.StepID, at time.Time) { d.doc.SetRetry(id, r, at) })
	}
	p.step.OnTimeout = func(limit time.Duration) {
		change(func(id flow.StepID, at time.Time) { d.doc.SetTimeout(id, limit, at) })
	}
	p.step.OnOnError = func(e flow.OnError) {
		change(func(id flow.StepID, _ time.Time) { d.doc.SetOnError(id, e) })
	}
	p.step.OnWork = func(field string, set func(*flow.Step)) {
		change(func(id flow.StepID, at time.Time) { d.doc.SetWork(id, field, set, at) })
	}
	p.step.OnIn = func(in flow.StepID) { change(func(id flow.StepID, _ time.Time) { d.doc.SetIn(id, in) }) }
	p.step.OnOff = func(off bool) { change(func(id flow.StepID, _ time.Time) { d.doc.SetOff(off, id) }) }
	p.step.OnWhen = func(e flow.Edge, jq string) {
		d.doc.SetWhen(editor.EdgeID{From: e.From, Outlet: e.Leaves(), To: e.To}, jq, d.w.now())
		d.edited()
	}
	p.step.OnRename = p.renameID
	p.flowPart = p.makeFlowPart()
	p.content = container.NewStack()
	return p
}

// edited follows a change that was made in the panel.
func (d *desk) edited() {
	d.canvas.Refresh()
	d.changed()
}

// follow shows the chosen step as it is now.
func (p *panel) follow() {
	chosen := p.d.doc.Selected()
	if len(chosen) != 1 {
		p.showFlow()
		return
	}
	s, ok := p.d.doc.Step(chosen[0])
	if !ok {
		p.showFlow()
		return
	}
	conn, op, known := p.d.doc.Operation(s.ID)
	subject := form.Subject{Step: s, Connector: conn, Op: op, Known: known, Title: map[flow.StepID]string{}, Problems: p.d.doc.Problems(s.ID)}
	for _, a := range p.d.doc.Out(s.ID) {
		subject.Edges = append(subject.Edges, *a.Edge)
		subject.Title[a.Edge.To] = p.d.doc.TitleOf(a.Edge.To)
	}
	if known && !op.Trigger {
		for _, id := range p.d.doc.Containers(s.ID) {
			subject.Containers = append(subject.Containers, kit.Choice{Value: string(id), Label: p.d.doc.TitleOf(id)})
		}
	}
	for _, c := range p.accounts {
		if c.Connector == conn.ID {
			subject.Connections = append(subject.Connections, c.Name)
		}
	}
	p.mapping.show(s, op, known)
	p.step.Fill(subject)
	p.askNote(s, known && op.Trigger)
	p.put(p.step)
}

// askNote asks what the settings of a trigger do not show, where they are others than
// those that it was asked of.
func (p *panel) askNote(s flow.Step, trigger bool) {
	f := p.d.doc.Flow()
	about := noted{p.d.turn, f.ID, s}
	if reflect.DeepEqual(about, p.noted) {
		return
	}
	p.noted = about
	if !trigger {
		p.step.SetNote(kit.Note{})
		return
	}
	var note kit.Note
	p.d.w.later("ask about the step", func(ctx context.Context) (err error) {
		note, err = p.d.w.svc.Note(ctx, f, s.ID)
		return err
	}, func() {
		if reflect.DeepEqual(about, p.noted) {
			p.step.SetNote(note)
		}
	})
}

// noted is what a note was asked about.
type noted struct {
	turn int
	flow flow.ID
	step flow.Step
}

func (p *panel) put(o fyne.CanvasObject) {
	if len(p.content.Objects) == 1 && p.content.Objects[0] == o {
		return
	}
	p.content.Objects = []fyne.CanvasObject{o}
	p.content.Refresh()
}

// open brings the panel to a step, as on Enter or a double click.
func (p *panel) open(id flow.StepID) {
	p.d.doc.Select(id)
	p.follow()
}

// focus gives the keyboard to the first that can be set.
func (p *panel) focus() {
	if len(p.content.Objects) == 1 && p.content.Objects[0] == p.step {
		p.step.FocusFirst()
		return
	}
	widgets.Focus(p.name)
}

// rename lets a person type the step's title.
func (p *panel) rename(id flow.StepID) {
	p.open(id)
	p.step.FocusTitle()
}

func (p *panel) renameID(id flow.StepID) {
	old := p.step.Step()
	if old == id {
		return
	}
	if err := p.d.doc.Rename(old, id); err != nil {
		p.d.w.tell(widgets.Bad, err.Error())
		return
	}
	p.d.doc.Select(id)
	p.d.edited()
}

func (p *panel) showProblems() {
	if id := p.step.Step(); id != "" {
		p.step.SetProblems(p.d.doc.Problems(id))
	}
}

// samplesChanged lets the mapping look at the records of the last run.
func (p *panel) samplesChanged() { p.mapping.refresh() }

// refreshAccounts asks which connections there are.
func (p *panel) refreshAccounts() {
	var all []flow.Connection
	p.d.w.later("list the connections", func(ctx context.Context) (err error) {
		all, err = p.d.w.svc.Connections(ctx)
		return err
	}, func() {
		p.accounts = all
		p.follow()
	})
}

func (p *panel) choices(field string, got func([]kit.Choice)) {
	f, id := p.d.doc.Flow(), p.step.Step()
	var found []kit.Choice
	p.d.w.later("ask what there is", func(ctx context.Context) (err error) {
		found, err = p.d.w.svc.Choices(ctx, f, id, field)
		return err
	}, func() { got(found) })
}

// chooseFile gives a path relative to the flow's file where it lies below it, so that
// the flow can be moved with its data.
func (p *panel) chooseFile(folder bool, got func(string)) {
	take := func(path string) {
		if base := p.d.doc.Path(); base != "" {
			if rel, err := filepath.Rel(filepath.Dir(base), path); err == nil && !strings.HasPrefix(rel, "..") {
				path = filepath.ToSlash(rel)
			}
		}
		got(path)
	}
	w := p.d.w
	if !folder {
		w.openDialog(nil, take)
		return
	}
	w.showDialog(dialog.NewFolderOpen(func(u fyne.ListableURI, err error) {
		switch {
		case err != nil:
			w.trouble("choose a folder", err)
		case u != nil:
			take(u.Path())
		}
	}, w.win))
}

// makeFlowPart is what can be set of the flow itself.
func (p *panel) makeFlowPart() fyne.CanvasObject {
	p.name = widgets.NewTextField("What the flow is called", func(text string) {
		if p.d.doc.SetName(text, p.d.w.now()) {
			p.d.edited()
		}
	})
	p.note = widgets.NewTextArea("What it is for, for those who come after you", func(text string) {
		if p.d.doc.SetNote(text, p.d.w.now()) {
			p.d.edited()
		}
	})
	p.settings = form.NewSettings()
	p.settings.OnSet = func(s flow.Settings) {
		if p.d.doc.SetSettings(s, p.d.w.now()) {
			p.d.edited()
		}
	}
	return container.NewVScroll(widgets.NewPanel(container.NewVBox(
		widgets.NewText("The flow", widgets.Title), widgets.NewGap(theme.Gap),
		widgets.NewText("Name", widgets.Muted), p.name,
		widgets.NewText("Note", widgets.Muted), p.note, p.settings,
		widgets.NewGap(theme.FarGap),
		widgets.NewProse("Choose a step to see its settings. Drag one from the left to add it, or press Tab on the canvas; drag from a step's outlet to wire it.", widgets.Caption),
	)).Padded(theme.FarGap, theme.WideGap))
}

// showFlow shows the flow's own settings, or how many steps are chosen.
func (p *panel) showFlow() {
	f := p.d.doc.Flow()
	if p.name.Text() != f.Name {
		p.name.SetText(f.Name)
	}
	if p.note.Text() != f.Note {
		p.note.SetText(f.Note)
	}
	p.settings.Fill(f.Settings)
	p.put(p.flowPart)
}
