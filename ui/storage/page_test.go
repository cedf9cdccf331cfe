package storage

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"jackfield/app"
	"jackfield/connectors/kit"
	"jackfield/ui/form"
	"jackfield/ui/theme"
	"jackfield/ui/uitest"
	"jackfield/ui/widgets"
)

func shown(t *testing.T) (*Page, *uitest.Screen) {
	p := New()
	p.NewForm = func(fields, defaults kit.Fields, changed func(string, any)) widgets.Form {
		rows := form.NewRows(fields, defaults, form.Asker{})
		rows.OnSet = changed
		return rows
	}
	return p, uitest.Show(t, theme.New(true), p, fyne.NewSize(1200, 800))
}

func TestUsageIsToldByFlow(t *testing.T) {
	p, s := shown(t)
	p.Fill(app.Usage{Total: 1536 << 20, Quota: 5 << 30, Disk: 60 << 30, Flows: []app.FlowUsage{
		{Flow: "orders", Name: "Orders", Runs: 12, Bytes: 1 << 30, Quota: 2 << 30}, {Flow: "gone", Runs: 1, Bytes: 300},
	}})
	s.Want("1.5 GB", "13 runs of 2 flows · 5.0 GB may be taken · 60 GB are left on the disk", "Orders", "12 runs", "1.0 GB of 2.0 GB", "gone", "300 B")
}

func TestRetentionIsChangedAndWhatIsWrongWithItIsSaid(t *testing.T) {
	p, s := shown(t)
	var got []app.Retention
	p.OnKeep = func(r app.Retention) { got = append(got, r) }
	p.FillKept(app.Retention{Quota: 5 << 30, Keep: 200, Done: 30 * day, Failed: 90 * day, Samples: 20})
	s.Type("Room for history", "lots")
	s.Click("Save")
	s.Want(`"lots" is not a size; write it like 500MB or 10GB`)
	s.Type("Room for history", "10GB")
	s.Type("Days for runs that ended well", "7")
	s.Click("Save")
	want := app.Retention{Quota: 10 << 30, Keep: 200, Done: 7 * 24 * time.Hour, Failed: 90 * day, Samples: 20}
	if len(got) != 1 || got[0] != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
