package start

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"jackfield/app"
	"jackfield/flow"
	"jackfield/ui/theme"
	"jackfield/ui/uitest"
	"jackfield/ui/widgets"
)

var today = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

// page is a start page in a window, and what it wished for.
type page struct {
	*uitest.Screen
	*Page
	wishes []string
}

func newPage(t *testing.T, flows []flow.Overview, examples []app.Example) *page {
	t.Helper()
	p := &page{Screen: uitest.Show(t, theme.New(true), widgets.NewText("", widgets.Plain), fyne.NewSize(1200, 800))}
	wish := func(format string, args ...any) { p.wishes = append(p.wishes, fmt.Sprintf(format, args...)) }
	p.Page = New()
	p.OnNew = func() { wish("new") }
	p.OnOpen = func() { wish("open a file") }
	p.OnFlow = func(id flow.ID) { wish("flow %s", id) }
	p.OnExample = func(name string) { wish("example %s", name) }
	p.OnRemove = func(o flow.Overview) { wish("remove %s", o.ID) }
	p.OnEnable = func(id flow.ID, on bool) { wish("enable %s %v", id, on) }
	p.Win.SetContent(widgets.WithLayer(p.Page))
	p.Fill(flows, examples, today)
	return p
}

func (p *page) wished(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(p.wishes, want) {
		t.Errorf("it wished for %q, want %q", p.wishes, want)
	}
	p.wishes = nil
}

func someFlows() []flow.Overview {
	return []flow.Overview{
		{ID: "orders", Name: "Orders", Steps: 8, Saved: today.Add(-5 * time.Minute), State: flow.RunPartial, Enabled: true},
		{ID: "mail", Name: "Mail them", Steps: 1, Saved: today.Add(-30 * time.Hour)},
	}
}

func TestFlowsAreListedAndOpened(t *testing.T) {
	p := newPage(t, someFlows(), nil)
	p.Want("Orders", "8 steps · 5 min ago", "on", "Mail them", "1 step · yesterday")
	p.Click("Mail them")
	p.wished(t, "flow mail")
}

func TestFlowsAreOpenedAndRemovedWithTheKeys(t *testing.T) {
	p := newPage(t, someFlows(), nil)
	p.FocusBelow("YOUR FLOWS")
	p.Key(fyne.KeyDown, fyne.KeyDown, fyne.KeyDelete)
	p.wished(t, "remove mail")
	p.Key(fyne.KeyReturn)
	p.wished(t, "flow mail")
}

func TestAFlowsMenu(t *testing.T) {
	for _, tc := range []struct{ flow, item, want string }{
		{"Orders", "Disable its triggers", "enable orders false"},
		{"Mail them", "Enable its triggers", "enable mail true"},
		{"Mail them", "Remove from this list…", "remove mail"},
		{"Mail them", "Open", "flow mail"},
	} {
		t.Run(tc.item, func(t *testing.T) {
			p := newPage(t, someFlows(), nil)
			p.Menu(tc.flow)
			p.Click(tc.item)
			p.wished(t, tc.want)
		})
	}
}

func TestAnEmptyPageSaysHowToBegin(t *testing.T) {
	p := newPage(t, nil, []app.Example{{Name: "orders", Title: "Orders to the shop"}})
	p.Want("No flows yet.", "Begin with an example on the right, or draw your own.")
	p.Click("New flow")
	p.Click("Open a file…")
	p.wished(t, "new", "open a file")
	p.Fill(someFlows(), nil, today)
	p.WantNot("No flows yet.")
}

func TestExamplesAreOpened(t *testing.T) {
	p := newPage(t, nil, []app.Example{
		{Name: "orders", Title: "Orders to the shop", Summary: "Reads orders.", Steps: 8}, {Name: "retry", Title: "Fails at first", Steps: 3},
	})
	p.Want("Reads orders.", "8 steps")
	p.Click("Fails at first")
	p.wished(t, "example retry")
	p.FocusBelow("EXAMPLES THAT WORK OFFLINE")
	p.Key(fyne.KeyReturn)
	p.wished(t, "example orders")
}

func TestASummaryEndsWithAWholeWord(t *testing.T) {
	words := "Gathers the stock of three warehouses, of which the one in the east sends its count only when the others are in, so that the first run fails; what is behind it waits."
	p := newPage(t, nil, []app.Example{{Name: "x", Title: "X", Summary: strings.Repeat(words+"\n", 3)}})
	last := ""
	for _, text := range p.Texts() {
		if strings.HasSuffix(text, "…") && len(text) > len("Open a file…") {
			last = strings.TrimSuffix(text, "…")
		}
	}
	at := strings.LastIndex(last, " ")
	if last == "" || !slices.Contains(strings.FieldsFunc(words, func(r rune) bool { return strings.ContainsRune(" .,;", r) }), last[at+1:]) {
		t.Errorf("the last line is %q", last)
	}
}

func TestAges(t *testing.T) {
	for _, tc := range []struct {
		age  time.Duration
		want string
	}{
		{time.Second, "just now"}, {3 * time.Minute, "3 min ago"}, {5 * time.Hour, "5 h ago"}, {25 * time.Hour, "yesterday"}, {72 * time.Hour, "3 days ago"},
	} {
		if got := Ago(tc.age); got != tc.want {
			t.Errorf("%s is %q, want %q", tc.age, got, tc.want)
		}
	}
}
