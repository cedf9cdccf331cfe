//go:build !headless

package main

import (
	"context"
	"errors"

	"fyne.io/fyne/v2"
	toolkit "fyne.io/fyne/v2/app"

	"jackfield/app"
	"jackfield/app/remote"
	"jackfield/store"
	"jackfield/ui"
)

// appID names the folder of the window's own preferences.
const appID = "org.jackfield.Jackfield"

// window opens the window and returns when it is closed.
func window() func(ctx context.Context, home, path string) error {
	return func(ctx context.Context, home, path string) error {
		toolkit.SetMetadata(fyne.AppMetadata{ID: appID, Name: "Jackfield", Version: version, Migrations: map[string]bool{"fyneDo": true}})
		f := &face{ctx: ctx, app: toolkit.NewWithID(appID), home: home, path: path}
		go func() {
			<-ctx.Done()
			fyne.Do(f.app.Quit)
		}()
		f.open()
		f.app.Run()
		return f.close()
	}
}

// face is the window, what it stands before, and what serves the triggers beside it.
type face struct {
	ctx        context.Context
	app        fyne.App
	home, path string

	window *ui.Window
	served chan struct{}
	opened *opened
	err    error // why there is no window
}

// open opens the home folder and a window before it, or one that says why not.
func (f *face) open() {
	var err error
	if f.opened, err = newOpened(f.home, remote.Face); err != nil {
		f.sorry(err)
		return
	}
	svc, err := f.opened.open(f.ctx)
	if err != nil {
		f.sorry(err)
		return
	}
	if f.window, err = ui.New(f.ctx, f.app, svc, ui.Options{Path: f.path, Dark: true}); err != nil {
		f.sorry(err)
		return
	}
	f.err = nil
	f.window.Show()
	go f.window.AskToUnlock()
	f.served = make(chan struct{})
	go f.serve(svc)
}

// serve makes the triggers live, unless another process has the home folder open and
// does so.
func (f *face) serve(svc app.Service) {
	defer close(f.served)
	if local, own := svc.(*app.Local); own {
		f.window.Serve(local.Serve)
	}
}

// sorry says why there is no window to work in; a store that is damaged can be saved
// from there.
func (f *face) sorry(err error) {
	f.err = err
	var save func() ([]string, error)
	if damaged := (*store.DamagedError)(nil); errors.As(err, &damaged) {
		save = func() ([]string, error) { return rescue(f.ctx, f.home) }
	}
	ui.Sorry(f.app, err, save, f.open)
}

// close lets go of everything.
func (f *face) close() error {
	if f.window != nil {
		f.window.End()
		<-f.served
	}
	if f.opened == nil {
		return f.err
	}
	return errors.Join(f.err, f.opened.close(f.ctx))
}
