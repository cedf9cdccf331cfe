package windowbench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"fyne.io/fyne/v2"
	toolkit "fyne.io/fyne/v2/app"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"jackfield/app"
	"jackfield/connectors"
	"jackfield/examples"
	"jackfield/store"
	"jackfield/store/vault"
	"jackfield/ui"
	"jackfield/ui/canvas"
)

// aWord is to be a window that shows a word; anything else is the path of a flow file
// that is opened, moved, and reported on.
const aWord = "word"

// act is a window until it is done.
func act(as string) {
	a := toolkit.NewWithID("org.jackfield.bench")
	if as == aWord {
		w := a.NewWindow("Bench")
		w.SetContent(container.NewCenter(widget.NewLabel("a word")))
		w.Resize(fyne.NewSize(width, height))
		w.ShowAndRun()
		return
	}
	if err := move(a, as); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// frames are the times of the frames of one movement.
type frames struct {
	Between []time.Duration // from one frame's beginning to the next one's
	CPU     time.Duration   // of the whole process, for each frame
}

// part gives the time that this share of the frames do not exceed.
func (f frames) part(share float64) time.Duration {
	sorted := slices.Sorted(slices.Values(f.Between))
	return sorted[int(share*float64(len(sorted)-1))]
}

// movements are what a window reports when it was moved.
type movements struct{ Pan, Zoom frames }

// move opens a flow as the program does, pans and zooms it, and writes how long the
// frames took.
func move(a fyne.App, path string) error {
	home, err := os.MkdirTemp(filepath.Dir(path), "home-")
	if err != nil {
		return err
	}
	st, err := store.Open(home, store.Options{})
	if err != nil {
		return err
	}
	secrets, err := vault.Open(home, st, vault.Options{})
	if err != nil {
		return err
	}
	set := connectors.All(home)
	door := app.New(app.Options{Store: st, Vault: secrets, History: st, Ops: set, Home: home, Examples: examples.Files})
	w, err := ui.New(context.Background(), a, door, ui.Options{Path: path, Dark: true})
	if err != nil {
		return err
	}
	w.Show()
	a.Lifecycle().SetOnStarted(func() {
		go func() {
			<-time.After(2 * time.Second) // until all is drawn that is drawn later
			var m movements
			c := find(w.Window())
			m.Pan = watch(func(n int) { c.Scrolled(scroll(c, pan(n))) })
			m.Zoom = watch(func(n int) { c.Scrolled(scroll(c, zoom(n))) })
			err = json.NewEncoder(os.Stdout).Encode(m)
			fyne.Do(a.Quit)
		}()
	})
	a.Run()
	w.End()
	return errors.Join(err, door.Close(context.Background()), set.Close(), st.Close())
}

// find is the canvas that the flow is drawn on, at full size.
func find(w fyne.Window) (c *canvas.Canvas) {
	fyne.DoAndWait(func() {
		for _, o := range test.LaidOutObjects(w.Content()) {
			if found, ok := o.(*canvas.Canvas); ok {
				c = found
			}
		}
		c.SetZoom(1)
	})
	<-time.After(time.Second) // the view glides there
	return c
}

func scroll(c *canvas.Canvas, by fyne.Delta) *fyne.ScrollEvent {
	e := &fyne.ScrollEvent{Scrolled: by}
	e.Position = fyne.NewPos(c.Size().Width/2, c.Size().Height/2)
	return e
}

// pan goes a second to one side, as fast as a hand does, and then back.
func pan(n int) fyne.Delta {
	if n/60%2 == 1 {
		return fyne.Delta{DX: 23, DY: 7}
	}
	return fyne.Delta{DX: -23, DY: -7}
}

// zoom goes out notch by notch, to a tenth of the size, and then in again.
func zoom(n int) fyne.Delta {
	const notch = 25
	if n/24%2 == 1 {
		return fyne.Delta{DY: notch}
	}
	return fyne.Delta{DY: -notch}
}

// movementTime is how long each movement is watched.
const movementTime = 4 * time.Second

// watch does something at the beginning of each frame, and notes when that was: a frame
// begins once the one before is painted, or when the screen is due to be painted again,
// whichever is later.
func watch(do func(n int)) frames {
	var times []time.Time
	done := make(chan struct{})
	var before, after syscall.Rusage
	fyne.Do(func() {
		_ = syscall.Getrusage(syscall.RUSAGE_SELF, &before)
		var move *fyne.Animation
		move = fyne.NewAnimation(time.Hour, func(float32) {
			times = append(times, time.Now())
			if times[len(times)-1].Sub(times[0]) < movementTime {
				do(len(times) - 1)
				return
			}
			if done != nil {
				_ = syscall.Getrusage(syscall.RUSAGE_SELF, &after)
				move.Stop()
				close(done)
				done = nil
			}
		})
		move.Start()
	})
	<-done
	var f frames
	for i := range times[1:] {
		f.Between = append(f.Between, times[i+1].Sub(times[i]))
	}
	cpu := after.Utime.Nano() + after.Stime.Nano() - before.Utime.Nano() - before.Stime.Nano()
	f.CPU = time.Duration(cpu / int64(len(f.Between)))
	return f
}
