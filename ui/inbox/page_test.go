package inbox

import (
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/ui/form"
	"jackfield/ui/theme"
	"jackfield/ui/uitest"
	"jackfield/ui/widgets"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// answered is a page with what it reports.
type answered struct {
	*Page
	*uitest.Screen
	id   string
	said []flow.Answer
	runs []flow.RunID
}

func show(t *testing.T, questions ...flow.Question) *answered {
	a := &answered{Page: New()}
	a.Page.OnAnswer = func(id string, one flow.Answer) { a.id, a.said = id, append(a.said, one) }
	a.Page.OnRun = func(id flow.RunID) { a.runs = append(a.runs, id) }
	a.Page.NewForm = func(fields, defaults kit.Fields, changed func(string, any)) widgets.Form {
		rows := form.NewRows(fields, defaults, form.Asker{})
		rows.OnSet = changed
		return rows
	}
	a.Screen = uitest.Show(t, theme.New(true), a.Page, fyne.NewSize(1200, 800))
	a.Page.Fill(questions, noon)
	return a
}

func approval(id, text string) flow.Question {
	return flow.Question{
		ID: id, Run: "r-" + flow.RunID(id), Name: "Orders", Title: "ok", Asked: noon.Add(-time.Hour),
		Ask:    flow.Ask{Kind: flow.Approval, Text: text, Choices: []string{flow.Approve, flow.Reject}, Due: noon.AddDate(0, 0, 2), Else: flow.Reject},
		Record: &flow.Record{Data: map[string]any{"customer": "Ada"}},
	}
}

func (a *answered) reads(t *testing.T, want ...string) {
	t.Helper()
	texts := a.Texts()
	for _, one := range want {
		if !slices.Contains(texts, one) {
			t.Errorf("%q cannot be read; what can: %q", one, texts)
		}
	}
}

func TestNothingToAnswerSaysSo(t *testing.T) {
	show(t).reads(t, "Nothing waits for you")
}

func TestAnApprovalIsGivenOnce(t *testing.T) {
	a := show(t, approval("q1", "May order 7 be sent?"), approval("q2", "May order 8 be sent?"))
	a.reads(t, "APPROVAL", "May order 7 be sent?", "May order 8 be sent?")
	a.Click("Approve")
	a.Click("Approve")                                                                                                 // impatient
	a.Page.Fill([]flow.Question{approval("q1", "May order 7 be sent?"), approval("q2", "May order 8 be sent?")}, noon) // something else happened
	a.Click("Reject")
	if len(a.said) != 1 || a.id != "q1" || a.said[0].Choice != flow.Approve || a.said[0].By != "window" {
		t.Fatalf("answered %s %+v", a.id, a.said)
	}
	a.Page.Fill([]flow.Question{approval("q2", "May order 8 be sent?")}, noon)
	a.Click("Reject")
	if a.id != "q2" || a.said[1].Choice != flow.Reject {
		t.Errorf("answered %s %+v", a.id, a.said)
	}
	a.Click("Open the run")
	if !slices.Equal(a.runs, []flow.RunID{"r-q2"}) {
		t.Errorf("opened %v", a.runs)
	}
}

func TestAnUncertainEffectIsExplained(t *testing.T) {
	q := flow.Question{ID: "q", Name: "Mail", Title: "send", Asked: noon, Ask: flow.Ask{Kind: flow.Uncertain, Text: "Was it sent?", Choices: []string{flow.Again, flow.Skip}}}
	a := show(t, q)
	a.reads(t, "UNCERTAIN", "Again", "Skip")
	a.Click("Skip")
	if a.said[0].Choice != flow.Skip {
		t.Errorf("answered %+v", a.said)
	}
}

func TestAFormGivesItsValuesAndKeepsThemWhenTheyAreRefused(t *testing.T) {
	q := flow.Question{ID: "q", Name: "Calls", Title: "who", Asked: noon, Ask: flow.Ask{Kind: flow.Form, Text: "Who calls Ada?", Fields: &flow.Schema{
		Types: []flow.Kind{flow.Object}, Properties: []flow.Property{
			{Name: "who", Required: true, Schema: flow.Schema{Types: []flow.Kind{flow.String}, Title: "Name"}},
			{Name: "urgent", Schema: flow.Schema{Types: []flow.Kind{flow.Boolean}, Title: "Today?"}},
			{Name: "team", Schema: flow.Schema{Types: []flow.Kind{flow.String}, Enum: []any{"red", "blue"}, Default: "blue"}},
		},
	}}}
	a := show(t, q)
	a.reads(t, "FORM", "Name", "Today?", "team")
	a.Click("Send")
	if got := a.said[0].Values; len(got) != 1 || got["team"] != "blue" {
		t.Errorf("without a word it gave %v", got)
	}
	a.Page.ShowProblems([]flow.Problem{{Field: "who", What: "it is needed", Fix: "say who"}})
	a.reads(t, "it is needed; say who")
	if n := strings.Count(strings.Join(a.Texts(), "\n"), "it is needed"); n != 1 {
		t.Errorf("what is wrong is said %d times", n)
	}
	a.asked.values["who"] = "Grace"
	a.asked.forgive("who")
	if slices.Contains(a.Texts(), "it is needed; say who") {
		t.Error("what is given is still called missing")
	}
	a.Page.Fill([]flow.Question{q}, noon) // something else happened
	a.Click("Send")
	if got := a.said[1].Values; got["who"] != "Grace" || got["team"] != "blue" {
		t.Errorf("gave %v", got)
	}
}
