package form

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/ui/theme"
	"jackfield/ui/uitest"
	"jackfield/ui/widgets"
)

var everyConnector = kit.Connector{ID: "kinds", Title: "Kinds", Connection: func() kit.Connection { return &account{} }, Ops: []kit.Op{everyOp}}

func subject(id flow.StepID) Subject {
	return Subject{Step: flow.Step{ID: id, Uses: "kinds.every"}, Connector: everyConnector, Op: everyOp, Known: true, Connections: []string{"home", "work"}}
}

// board is a panel in a window, and the wishes that it told.
type board struct {
	*uitest.Screen
	*Panel
	wishes []string
}

func newBoard(t *testing.T) *board {
	t.Helper()
	b := &board{}
	b.Screen = uitest.Show(t, theme.New(true), widgets.NewText("", widgets.Plain), fyne.NewSize(420, 2400))
	b.Panel = NewPanel()
	b.Mapping = widgets.NewText("the mapping", widgets.Plain)
	note := func(format string, args ...any) { b.wishes = append(b.wishes, fmt.Sprintf(format, args...)) }
	b.OnTitle = func(text string) { note("title %s", text) }
	b.OnRename = func(id flow.StepID) { note("rename %s", id) }
	b.OnSet = func(field string, v any) { note("set %s %v", field, v) }
	b.OnConnection = func(name string) { note("connection %q", name) }
	b.OnWhen = func(e flow.Edge, jq string) { note("when %s.%s -> %s: %s", e.From, e.Leaves(), e.To, jq) }
	b.OnRetry = func(r flow.Retry) { note("retry %d %s %s", r.Tries, r.First, r.Most) }
	b.OnOnError = func(e flow.OnError) { note("on error %q", e) }
	b.OnTimeout = func(d time.Duration) { note("time-out %s", d) }
	b.OnOff = func(off bool) { note("off %v", off) }
	b.Win.SetContent(widgets.WithLayer(b.Panel))
	return b
}

// wished fails unless just these wishes were told since it was asked last.
func (b *board) wished(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(b.wishes, want) {
		t.Errorf("it wished for %q, want %q", b.wishes, want)
	}
	b.wishes = nil
}

func TestFillingAPanelWishesForNothing(t *testing.T) {
	b := newBoard(t)
	s := subject("a")
	s.Step.Title, s.Step.Retry, s.Step.Timeout, s.Step.OnError = "Titled", flow.Retry{Tries: 3, First: time.Second}, time.Minute, flow.StopRun
	s.Step.Connection, s.Step.With = "work", flow.Values{"n": 7, "mode": "put"}
	s.Edges = []flow.Edge{{From: "a", To: "b", When: ".x"}}
	b.Fill(s)
	b.Fill(subject("other"))
	b.Fill(s)
	b.wished(t)
	b.Want("Kinds · Everything", "Titled", "Takes all kinds.", "work")
}

func TestTitleAndIDAreSet(t *testing.T) {
	b := newBoard(t)
	b.Fill(subject("a"))
	b.Type("Title", "Hi")
	b.wished(t, "title H", "title Hi")
	b.Type("Id", "renamed")
	b.wished(t)
	b.Key(fyne.KeyReturn)
	b.wished(t, "rename renamed")
	b.Type("Id", "left")
	b.Leave()
	b.wished(t, "rename left")
}

func TestFocusTitleChoosesTheWholeTitle(t *testing.T) {
	b := newBoard(t)
	s := subject("a")
	s.Step.Title = "Old"
	b.Fill(s)
	b.FocusTitle()
	b.Win.Canvas().Focused().TypedRune('N')
	b.wished(t, "title N")
}

func TestSwitchingOff(t *testing.T) {
	b := newBoard(t)
	s := subject("a")
	b.Fill(s)
	b.head.off.Tapped(nil)
	s.Step.Off = true
	b.Fill(s)
	b.head.off.Tapped(nil)
	b.wished(t, "off true", "off false")
}

func TestAConnectionIsChosenAndFoldsItsFieldsAway(t *testing.T) {
	b := newBoard(t)
	s := subject("a")
	b.Fill(s)
	b.Want("Name", "needed")
	b.FocusBelow("Connection")
	b.Key(fyne.KeyDown)
	b.wished(t, `connection "home"`)
	s.Step.Connection = "home"
	b.Fill(s)
	b.WantNot("Name", "needed")
	b.Want("Instead of the connection's")
	b.Click("Instead of the connection's")
	b.Want("Name")
	b.FocusBelow("Connection")
	b.Key(fyne.KeyUp)
	b.wished(t, `connection ""`)
}

func TestANewConnectionIsOffered(t *testing.T) {
	b := newBoard(t)
	s := subject("a")
	b.Fill(s)
	s.Connections = []string{"home", "play"}
	b.Fill(s)
	b.FocusBelow("Connection")
	b.Key(fyne.KeyDown, fyne.KeyDown)
	b.wished(t, `connection "home"`, `connection "play"`)
}

func TestConditionsOfEdges(t *testing.T) {
	b := newBoard(t)
	s := subject("a")
	s.Edges = []flow.Edge{{From: "a", To: "b"}, {From: "a", Outlet: flow.Failed, To: "c"}}
	s.Title = map[flow.StepID]string{"b": "Bee"}
	b.Fill(s)
	b.Click("Edges and failure")
	b.Want("done  →  Bee", "failed  →  c")
	b.Type("failed  →  c", ".n")
	b.wished(t, "when a.failed -> c: .", "when a.failed -> c: .n")
	b.Leave()

	s.Edges[1].When, s.Title = ".n > 1", map[flow.StepID]string{"b": "Renamed"}
	s.Problems = []flow.Problem{{Step: "a", Field: "when", What: "not jq", Fix: "write jq"}}
	b.Fill(s)
	b.Want("done  →  Renamed", "not jq; write jq")
	s.Edges = []flow.Edge{{From: "a", To: "d"}, s.Edges[1]}
	s.Problems = nil
	b.Fill(s)
	b.Want("done  →  d")
	b.WantNot("Renamed", "not jq")
}

func TestRetryAndFailure(t *testing.T) {
	b := newBoard(t)
	b.Fill(subject("a"))
	b.Click("Edges and failure")
	b.Type("Attempts", "5")
	b.wished(t, "retry 5 0s 0s")
	b.Type("First pause", "2s")
	b.wished(t, "retry 5 2s 0s") // while it was "2" it was no length of time
	b.Type("Attempts", "0")
	b.wished(t)
	b.Want("attempts: a whole number from 1")
	b.Type("Attempts", "3")
	b.wished(t, "retry 3 2s 0s")
	b.WantNot("a whole number")
	b.Type("Time-out", "1m")
	b.wished(t, "time-out 1m0s")
	b.Type("Longest", "oops")
	b.wished(t)
	b.Want("write a length of time")
	b.FocusBelow("A record that fails")
	b.Key(fyne.KeyDown, fyne.KeyUp)
	b.wished(t, `on error "stop"`, `on error ""`)
}

func TestProblemsWithoutAPlaceStandAbove(t *testing.T) {
	b := newBoard(t)
	s := subject("a")
	s.Problems = []flow.Problem{{Step: "a", What: "nothing leads here", Fix: "wire it"}, {Step: "a", Field: "n", What: "too many"}}
	b.Fill(s)
	b.Want("nothing leads here; wire it", "too many")
	if b.other.Text() != "nothing leads here; wire it" {
		t.Errorf("above it says %q", b.other.Text())
	}
	b.SetProblems(nil)
	b.WantNot("nothing leads here", "too many")
}

func TestATabStaysOpenForTheNextStep(t *testing.T) {
	b := newBoard(t)
	b.Fill(subject("a"))
	b.Click("Edges and failure")
	b.Fill(subject("b"))
	b.Want("WHEN IT FAILS")
	b.Click("Mapping")
	b.Want("the mapping")
	b.Fill(subject("c"))
	b.WantNot("the mapping")
	each := subject("m")
	each.Op.Each = true
	b.Fill(each)
	b.Want("the mapping")
}

func TestATriggerHasNoMapping(t *testing.T) {
	b := newBoard(t)
	s := subject("a")
	s.Op.Trigger = true
	b.Fill(s)
	b.WantNot("Mapping", "Edges and failure")
}

func TestANoteIsShownAndCopied(t *testing.T) {
	b := newBoard(t)
	b.Fill(subject("a"))
	b.SetNote(kit.Note{Text: "It listens at", Copy: "http://127.0.0.1:8095/x"})
	b.Want("It listens at", "http://127.0.0.1:8095/x")
	b.FocusBelow("http://127.0.0.1:8095/x")
	b.Key(fyne.KeySpace)
	if got := fyne.CurrentApp().Clipboard().Content(); got != "http://127.0.0.1:8095/x" {
		t.Errorf("the clipboard holds %q", got)
	}
	b.SetNote(kit.Note{})
	b.WantNot("It listens at")
}

func TestAnUnknownOperationIsShownAllTheSame(t *testing.T) {
	b := newBoard(t)
	b.Fill(Subject{Step: flow.Step{ID: "a", Uses: "fax.send", Title: "Fax it"}})
	b.Want("fax.send", "This operation is not known here.", "Fax it")
}
