package storage

import (
	"strconv"
	"time"

	"jackfield/app"
	"jackfield/connectors/kit"
	"jackfield/flow"
)

// keep is a retention as the form's fields hold it. Days are what people count in.
type keep struct {
	Quota                     string
	Keep, Done, Failed, First int
}

const day = 24 * time.Hour

func keepOf(r app.Retention) keep {
	k := keep{Keep: r.Keep, Done: days(r.Done), Failed: days(r.Failed), First: r.Samples}
	if r.Quota > 0 {
		k.Quota = flow.FormatSize(r.Quota)
	}
	return k
}

// days are whole days, and one for less.
func days(d time.Duration) int {
	if d <= 0 {
		return 0
	}
	return max(1, int(d/day))
}

func (k *keep) fields() kit.Fields {
	return kit.Fields{
		kit.Text(&k.Quota, "quota", "Room for history").Eg("5GB").Help("In all; left empty it is without limit."),
		kit.Int(&k.Keep, "keep", "Runs of each flow").Help("As many again that failed; 0 is without limit."),
		kit.Int(&k.Done, "done", "Days for runs that ended well").Help("0 is without limit."),
		kit.Int(&k.Failed, "failed", "Days for runs that failed").Help("0 is without limit."),
		kit.Int(&k.First, "samples", "First records that stay").Help("Of each outlet of a run that is given up, for a while longer."),
	}
}

func (k *keep) set(name string, v any) {
	n, _ := v.(int)
	switch name {
	case "quota":
		k.Quota, _ = v.(string)
	case "keep":
		k.Keep = n
	case "done":
		k.Done = n
	case "failed":
		k.Failed = n
	case "samples":
		k.First = n
	}
}

func (k *keep) retention() (r app.Retention, problems []flow.Problem) {
	r = app.Retention{Keep: k.Keep, Done: time.Duration(k.Done) * day, Failed: time.Duration(k.Failed) * day, Samples: k.First}
	for name, n := range map[string]int{"keep": k.Keep, "done": k.Done, "failed": k.Failed, "samples": k.First} {
		if n < 0 {
			problems = append(problems, flow.Problem{Field: name, What: strconv.Itoa(n) + " is less than none"})
		}
	}
	if k.Quota == "" {
		return r, problems
	}
	var err error
	if r.Quota, err = flow.ParseSize(k.Quota); err != nil {
		problems = append(problems, flow.Problem{Field: "quota", What: err.Error()})
	}
	return r, problems
}
