package cli_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"jackfield/app"
	"jackfield/app/cli"
	"jackfield/flow"
)

func historyDesk(t *testing.T) *desk {
	d := newDesk(t)
	d.Kept = app.Retention{Quota: 10 << 30, Keep: 200, Done: 30 * 24 * time.Hour, Failed: 90 * 24 * time.Hour, Samples: 20}
	d.RunRows = []flow.Run{
		{ID: "r2", Flow: "prices", Name: "Prices", State: flow.RunDone, Bytes: 3 << 30},
		{ID: "r1", Flow: "prices", Name: "Prices", State: flow.RunDone, Bytes: 512 << 20},
	}
	return d
}

func TestHistoryTellsWhatIsTakenAndWhatIsKept(t *testing.T) {
	d := historyDesk(t)
	d.want("history", said{cli.Done, `3.5 GB taken, 0 B of it can be used again; 0 B are left on the disk
runs take 3.5 GB of the 10 GB they may (35 %); kept are 200 runs of a flow, done ones for 30 days, failed ones for 90 days, and of those given up the first 20 records of each outlet for a while

flow    runs  takes   quota
Prices  2     3.5 GB  
`, ""})
	var got struct {
		Total     int64
		Flows     []app.FlowUsage
		Retention app.Retention
	}
	said := d.call("history", "--json")
	if err := json.Unmarshal([]byte(said.out), &got); err != nil || got.Total != 7<<29 || len(got.Flows) != 1 || got.Retention != d.Kept {
		t.Errorf("as JSON it is %+v, %v", got, err)
	}
}

func TestHistorySet(t *testing.T) {
	const day = 24 * time.Hour
	for _, c := range []struct {
		args string
		want app.Retention
		says string // on standard error, where it is refused
	}{
		{args: "quota=500MB", want: app.Retention{Quota: 500 << 20, Keep: 200, Done: 30 * day, Failed: 90 * day, Samples: 20}},
		{args: "quota=0 keep=5 done=1w failed=36h samples=0", want: app.Retention{Keep: 5, Done: 7 * day, Failed: 36 * time.Hour}},
		{args: "quota=500", says: "write 500MB"},
		{args: "quotum=1GB", says: `did you mean "quota"?`},
		{args: "done=soon", says: "write it like 30d"},
		{args: "keep=-1", says: "0 is without limit"},
		{args: "quota", says: "write it like quota=10GB"},
		{args: "", says: "history set"},
	} {
		d := historyDesk(t)
		before := d.Kept
		got := d.call(append([]string{"history", "set"}, strings.Fields(c.args)...)...)
		if c.says != "" {
			if got.code == cli.Done || !strings.Contains(got.err, c.says) || d.Kept != before {
				t.Errorf("%s gave %+v", c.args, got)
			}
			continue
		}
		if got.code != cli.Done || d.Kept != c.want {
			t.Errorf("%s gave %+v and %+v", c.args, got, d.Kept)
		}
	}
}

func TestHistoryTidy(t *testing.T) {
	d := historyDesk(t)
	d.want("history tidy", said{cli.Done, "0 B of history were given up; 3.5 GB are taken now\n", ""})
	if asked := d.Asked(); len(asked) != 1 || asked[0] != "tidy" {
		t.Errorf("asked was %q", asked)
	}
	if got := d.call("history", "tidi"); !strings.Contains(got.err, `did you mean "history tidy"?`) {
		t.Errorf("a typing error gave %+v", got)
	}
}
