//go:build !headless

package main

import (
	"context"
	"errors"

	"fyne.io/fyne/v2"
	toolkit "fyne.io/fyne/v2/app"

	"jackfield/ui"
)

// appID names the folder of the window's own preferences.
const appID = "org.jackfield.Jackfield"

// window opens the window and returns when it is closed.
func window() func(ctx context.Context, home, path string) error {
	return func(ctx context.Context, home, path string) error {
		toolkit.SetMetadata(fyne.AppMetadata{ID: appID, Name: "Jackfield", Version: version, Migrations: map[string]bool{"fyneDo": true}})
		a := toolkit.NewWithID(appID)
		local, closeHome, err := openHome(ctx, home)
		if err != nil {
			ui.Sorry(a, err)
			a.Run()
			return err
		}
		w, err := ui.New(ctx, a, local, ui.Options{Path: path, Dark: true})
		if err != nil {
			return errors.Join(err, closeHome())
		}
		w.Show()
		served := make(chan struct{})
		go func() {
			defer close(served)
			w.Serve(local.Serve)
		}()
		go func() {
			<-ctx.Done()
			fyne.Do(a.Quit)
		}()
		a.Run()
		w.End()
		<-served
		return closeHome()
	}
}
