package ui

import (
	"context"
	"errors"
	"io/fs"
	"net/url"
	"path/filepath"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/storage"

	"jackfield/app"
	"jackfield/flow"
	"jackfield/ui/widgets"
)

// showStart goes to the start page and fills it.
func (w *Window) showStart() {
	w.unlessUnsaved(func() {
		w.desk.close()
		w.show(w.start)
		w.fillStart()
	})
}

func (w *Window) fillStart() {
	var flows []flow.Overview
	var examples []app.Example
	w.later("list the flows", func(ctx context.Context) (err error) {
		if flows, err = w.svc.Flows(ctx); err != nil {
			return err
		}
		examples, err = w.svc.Examples(ctx)
		return err
	}, func() { w.start.Fill(flows, examples, w.now()) })
}

func (w *Window) newFlow() {
	w.unlessUnsaved(func() {
		w.desk.openNew()
		w.desk.offerDraft(w.desk.doc.Flow())
	})
}

func (w *Window) openFlow(id flow.ID) {
	w.opening("open the flow", func(ctx context.Context) (flow.Flow, error) {
		f, err := w.svc.Flow(ctx, id, 0)
		if err != nil || f.Path == "" {
			return f, err
		}
		return w.fromFile(ctx, f.Path, f)
	})
}

func (w *Window) openExample(name string) {
	w.opening("open the example", func(ctx context.Context) (flow.Flow, error) { return w.svc.Example(ctx, name) })
}

func (w *Window) openFile(path string) {
	w.opening("open "+filepath.Base(path), func(ctx context.Context) (flow.Flow, error) {
		return w.fromFile(ctx, path, flow.Flow{})
	})
}

// fromFile reads a flow's file, which may be newer than what is stored. A file that
// is no flow is a problem with its line; one that is gone leaves the stored flow.
func (w *Window) fromFile(ctx context.Context, path string, stored flow.Flow) (flow.Flow, error) {
	f, problems, err := w.svc.Open(ctx, path)
	if errors.Is(err, fs.ErrNotExist) && stored.ID != "" {
		w.do(func() { w.tell(widgets.News, filepath.Base(path)+" is gone; this is what was saved last") })
		return stored, nil
	}
	for _, p := range problems {
		if !p.Warning {
			return f, errors.Join(err, app.Problems(problems))
		}
	}
	return f, err
}

// opening fetches a flow and shows it on the desk.
func (w *Window) opening(doing string, fetch func(context.Context) (flow.Flow, error)) {
	w.unlessUnsaved(func() {
		w.visit++
		visit := w.visit
		go func() {
			f, err := fetch(w.ctx)
			w.do(func() {
				switch {
				case w.ctx.Err() != nil || visit != w.visit:
				case err != nil:
					if len(w.body.Objects) == 0 {
						w.showStart()
					}
					w.refused(doing, err)
				default:
					w.desk.open(f)
					w.show(w.desk.content)
				}
			})
		}()
	})
}

// refused shows over everything why something could not be done, where a line in
// passing would be gone too soon.
func (w *Window) refused(doing string, err error) {
	w.inform("Could not "+doing, allInWords(err))
}

func (w *Window) chooseFile() {
	w.openDialog([]string{".yaml", ".yml", ".json"}, w.openFile)
}

// openDialog lets a person choose a file with one of the endings, where there are any.
func (w *Window) openDialog(endings []string, take func(path string)) {
	d := dialog.NewFileOpen(func(r fyne.URIReadCloser, err error) {
		if r == nil && err == nil {
			return // given up
		}
		path := ""
		if err == nil {
			path, err = r.URI().Path(), r.Close()
		}
		if err != nil {
			w.trouble("open a file", err)
			return
		}
		take(path)
	}, w.win)
	if len(endings) > 0 {
		d.SetFilter(storage.NewExtensionFileFilter(endings))
	}
	w.showDialog(d)
}

// fileDialog is what the dialogs for files and for folders have in common.
type fileDialog interface {
	Resize(fyne.Size)
	SetLocation(fyne.ListableURI)
	SetView(dialog.ViewLayout)
	Show()
}

// showDialog shows a list of files, as large as there is room, where the flow is.
func (w *Window) showDialog(d fileDialog) {
	room := w.win.Canvas().Size()
	d.SetView(dialog.ListView)
	if base := w.desk.doc.Path(); base != "" {
		if at, err := storage.ListerForURI(storage.NewFileURI(filepath.Dir(base))); err == nil {
			d.SetLocation(at)
		}
	}
	d.Resize(fyne.NewSize(min(room.Width*0.8, 900), min(room.Height*0.8, 640)))
	d.Show()
}

// dropped takes a flow file that was dropped onto the window.
func (w *Window) dropped(_ fyne.Position, uris []fyne.URI) {
	for _, u := range uris {
		path := u.Path()
		if un, err := url.PathUnescape(path); err == nil {
			path = un
		}
		if ext := strings.ToLower(filepath.Ext(path)); ext == ".yaml" || ext == ".yml" {
			w.openFile(path)
			return
		}
	}
	if len(uris) > 0 {
		w.tell(widgets.Bad, "That is not a flow file; flows end in .flow.yaml")
	}
}

func (w *Window) removeFlow(o flow.Overview) {
	w.confirm("Remove "+o.Name+"?", "It goes from this list, and its triggers are off. Its file and its runs stay.", "Remove", func() {
		w.later("remove the flow", func(ctx context.Context) error { return w.svc.RemoveFlow(ctx, o.ID) }, w.fillStart)
	})
}

func (w *Window) enable(id flow.ID, on bool) {
	w.later("change the triggers", func(ctx context.Context) error { return w.svc.Enable(ctx, id, on) }, func() {
		if w.showing(w.start) {
			w.fillStart()
		}
		w.desk.drawer.forgive(id)
		w.desk.enabledChanged(id, on)
	})
}
