package form

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"jackfield/flow"
	"jackfield/ui/theme"
	"jackfield/ui/uitest"
)

func TestSettingsOfAFlowAreReadAndWritten(t *testing.T) {
	s := NewSettings()
	var got flow.Settings
	s.OnSet = func(f flow.Settings) { got = f }
	screen := uitest.Show(t, theme.New(true), s, fyne.NewSize(400, 900))
	s.Fill(flow.Settings{Timeout: time.Hour, Concurrency: 2, OnFailure: "tell", Quota: 500 << 20})
	screen.Click("Its runs")
	screen.Click("More settings")
	screen.Type("Runs at the same time", "3")
	screen.Type("Room for its runs", "2GB")
	screen.Type("A run may take", "90m")
	screen.Type("When a run fails, start", "")
	want := flow.Settings{Timeout: 90 * time.Minute, Concurrency: 3, Quota: 2 << 30}
	if got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	screen.Type("Room for its runs", "much")
	screen.Want(`"much" is not a size; write it like 500MB or 10GB`)
}

func TestHowAStepWorksIsReadAndWritten(t *testing.T) {
	p := NewPanel()
	step := flow.Step{ID: "send", Uses: "core.map", Retry: flow.Retry{Tries: 2, Only: []flow.Code{"busy"}}, Rate: flow.Rate{N: 10, Per: time.Second}, Parallel: 4, Order: ".id"}
	p.OnWork = func(_ string, change func(*flow.Step)) { change(&step) }
	p.OnRetry = func(r flow.Retry) { step.Retry = r }
	screen := uitest.Show(t, theme.New(true), p, fyne.NewSize(420, 1400))
	p.Fill(Subject{Step: step})
	screen.Click("Edges and failure")
	screen.Type("At most", "600/m")
	screen.Type("Records at the same time", "2")
	screen.Type("In order for each", ".customer")
	screen.Type("Attempts", "5")
	if step.Rate != (flow.Rate{N: 600, Per: time.Minute}) || step.Parallel != 2 || step.Order != ".customer" || step.Retry.Tries != 5 || len(step.Retry.Only) != 1 {
		t.Errorf("the step is %+v", step)
	}
}
