package form

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/ui/widgets"
)

// Settings is a form of what holds for a flow as a whole.
type Settings struct {
	widget.BaseWidget
	OnSet func(flow.Settings)

	now     flow.Settings
	rows    *Rows
	content *widgets.Section
}

// settings is what the form shows, as its fields hold it.
type settings struct {
	Timeout                    time.Duration
	Keep, Concurrency, Retries int
	Quota, OnFailure           string
	Unresolved                 string
}

func (s *settings) fields() kit.Fields {
	return kit.Fields{
		kit.Text(&s.OnFailure, "on_failure", "When a run fails, start").Eg("Tell me").Help("The name of a flow; it is given the run, its state and its problems."),
		kit.Pick(&s.Unresolved, "unresolved", "A failed run, when the next is due",
			kit.Choice{Value: string(flow.ResumeFirst), Label: "Is resumed first"},
			kit.Choice{Value: string(flow.LeaveIt), Label: "Is left as it is"}),
		kit.Int(&s.Concurrency, "concurrency", "Runs at the same time").Eg("no limit").Help("More than these wait in order; 0 is no limit."),
		kit.Duration(&s.Timeout, "timeout", "A run may take").Eg("no limit"),
		kit.Int(&s.Retries, "retries", "Attempts beyond the first, in all").Help("All steps together; 0 is 1000.").More(),
		kit.Int(&s.Keep, "keep", "Runs to keep").Help("0 is as for all flows.").More(),
		kit.Text(&s.Quota, "quota", "Room for its runs").Eg("500MB").Checked(s.checkQuota).More(),
	}
}

func (s *settings) checkQuota() error {
	if s.Quota == "" {
		return nil
	}
	_, err := flow.ParseSize(s.Quota)
	return err
}

func settingsOf(f flow.Settings) settings {
	s := settings{Timeout: f.Timeout, Keep: f.Keep, Concurrency: f.Concurrency, Retries: f.Retries, OnFailure: string(f.OnFailure), Unresolved: string(f.Unresolved)}
	if f.Quota > 0 {
		s.Quota = flow.FormatSize(f.Quota)
	}
	return s
}

// NewSettings is a form with nothing set.
func NewSettings() *Settings {
	s := &Settings{}
	s.rows = NewRows(new(settings).fields(), new(settings).fields(), Asker{})
	s.rows.OnSet = s.set
	s.content = widgets.NewSection("Its runs", false, s.rows)
	s.ExtendBaseWidget(s)
	return s
}

// Fill takes the settings as they are.
func (s *Settings) Fill(f flow.Settings) {
	s.now = f
	shown := settingsOf(f)
	s.rows.update(shown.fields(), nil)
}

func (s *Settings) set(field string, v any) {
	text, _ := v.(string)
	n, _ := v.(int)
	switch field {
	case "on_failure":
		s.now.OnFailure = flow.ID(text)
	case "unresolved":
		s.now.Unresolved = flow.Unresolved(text)
	case "concurrency":
		s.now.Concurrency = n
	case "retries":
		s.now.Retries = n
	case "keep":
		s.now.Keep = n
	case "timeout":
		s.now.Timeout, _ = time.ParseDuration(text) // the field lets nothing else through; none is none
	case "quota":
		if !s.setQuota(text) {
			return
		}
	}
	s.rows.SetProblems(nil)
	if s.OnSet != nil {
		s.OnSet(s.now)
	}
}

// setQuota says whether the text is a size; what is wrong with it is shown.
func (s *Settings) setQuota(text string) bool {
	if text == "" {
		s.now.Quota = 0
		return true
	}
	size, err := flow.ParseSize(text)
	if err != nil {
		s.rows.SetProblems([]flow.Problem{{Field: "quota", What: err.Error()}})
		return false
	}
	s.now.Quota = size
	return true
}

// CreateRenderer shows the form.
func (s *Settings) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(s.content) }
