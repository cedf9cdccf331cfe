package window

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	toolkitapp "fyne.io/fyne/v2/app"

	"jackfield/app"
	"jackfield/connectors"
	"jackfield/e2e/screen"
	"jackfield/examples"
	"jackfield/flow"
	"jackfield/store"
	"jackfield/store/vault"
	"jackfield/ui"
)

// theApp is the toolkit's app: there can be only one in a process.
var theApp fyne.App

// TestMain starts an X server and gives the main goroutine to the toolkit, as the
// program does; the tests run beside it.
func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	folder, err := os.MkdirTemp("", "jackfield-window-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(folder)
	for _, name := range []string{"HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"} {
		if err := os.Setenv(name, folder); err != nil {
			panic(err)
		}
	}
	s, err := screen.Open(1440, 900)
	if err != nil {
		panic(err)
	}
	defer s.Close()
	theApp = toolkitapp.NewWithID("org.jackfield.test")
	keep := theApp.NewWindow("keep") // the toolkit ends with the last window
	keep.Resize(fyne.NewSize(40, 20))
	keep.Show()
	code := 1
	theApp.Lifecycle().SetOnStarted(func() {
		go func() {
			code = m.Run()
			fyne.Do(theApp.Quit)
		}()
	})
	theApp.Run()
	return code
}

// keepPicture writes a picture of the screen into the folder that JACKFIELD_PICTURES
// names, and nowhere where it names none.
func keepPicture(name string) error {
	folder := os.Getenv("JACKFIELD_PICTURES")
	if folder == "" {
		return nil
	}
	out, err := exec.Command("import", "-window", "root", filepath.Join(folder, name+".png")).CombinedOutput()
	if err != nil {
		return fmt.Errorf("keep a picture: %w: %s", err, out)
	}
	return nil
}

// desk is the window before a real door.
type desk struct {
	*hand
	door *app.Local
	home string
}

// open opens the window on a flow file, or on the start page.
func open(t *testing.T, path string, dark bool) *desk {
	t.Helper()
	home := t.TempDir()
	st, err := store.Open(home, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	secrets, err := vault.Open(home, st, vault.Options{})
	if err != nil {
		t.Fatal(err)
	}
	set := connectors.All(home)
	door := app.New(app.Options{Store: st, Vault: secrets, History: st, Ops: set, Home: home, Examples: examples.Files})
	ctx, stop := context.WithCancel(context.Background())
	var w *ui.Window
	fyne.DoAndWait(func() {
		theApp.Preferences().SetBool("dark", dark)
		if w, err = ui.New(ctx, theApp, door, ui.Options{Path: path, Dark: dark}); err == nil {
			w.Window().SetTitle("Jackfield " + t.Name())
			w.Show()
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		fyne.DoAndWait(func() {
			w.End()
			w.Window().SetCloseIntercept(nil)
			w.Window().Close()
		})
		stop()
		if err := errors.Join(door.Close(context.Background()), set.Close(), st.Close()); err != nil {
			t.Error(err)
		}
	})
	return &desk{hand: newHand(t, w.Window(), "Jackfield "+t.Name()), door: door, home: home}
}

func TestDrawAFlowRunItAndReadTheRecord(t *testing.T) {
	d := open(t, "", true)
	d.clickText("New flow")
	c, origin := d.canvas()
	spot := func(x, y float32) fyne.Position { return origin.AddXY(x, y) }

	d.drag(d.find("Start by hand"), spot(200, 180))
	start := d.step("core.manual")
	d.drag(d.find("Map"), spot(520, 180))
	shape := d.step("core.map")
	d.drag(d.port(start, flow.Done), d.port(shape, ""))
	d.await("the edge", func() bool { return len(c.Document().Flow().Edges) == 1 })
	d.picture("drawn")

	d.click(d.card(start))
	d.clickBelow("Items")
	d.key("ctrl+a")
	d.write(`[{"name":"Ada","age":36},{"name":"Kurt","age":71}]`)
	d.await("the records in the step's settings", func() bool {
		s, _ := c.Document().Step(start)
		return fmt.Sprint(s.With["items"]) == "[map[age:36 name:Ada] map[age:71 name:Kurt]]"
	})

	d.click(d.card(shape))
	d.clickMapping()
	d.write(`{who: .name, next: (.age + 1)}`)
	d.await("the mapping", func() bool {
		s, _ := c.Document().Step(shape)
		return strings.Contains(s.Map, ".age + 1")
	})
	d.picture("mapped")

	d.clickText("Run")
	d.find("Open the run")
	d.picture("ran")
	d.await("a badge with the count of records on both steps", func() bool { return d.badges(c, "2") >= 2 })

	runs, err := d.door.Runs(t.Context(), app.Query{})
	if err != nil || len(runs) != 1 || runs[0].State != flow.RunDone {
		t.Fatalf("the runs are %+v, %v", runs, err)
	}
	d.clickText("Open the run")
	d.find("Done: 2 records went through.")
	d.clickText("Map")
	d.find("Ada")
	d.find("37") // the field of the record that is open
	d.picture("record")
}
