package app

import (
	"fmt"
	"time"
)

// Fact is one line of what is told about a connection.
type Fact struct {
	Label, Text string
	Bad         bool
}

// Facts tells how a connection has fared in words, but for its sign-in and who uses it.
func (h Health) Facts() []Fact {
	facts := []Fact{{Label: "Last success", Text: "none yet"}}
	if !h.Worked.IsZero() {
		facts[0].Text = moment(h.Worked) + ", " + h.WorkedFor
	}
	if !h.Failed.IsZero() {
		failure := Fact{Label: "Last failure", Text: moment(h.Failed) + ", " + h.FailedFor, Bad: h.fails()}
		if h.Problem != nil {
			failure.Text += ": " + h.Problem.What
		}
		facts = append(facts, failure)
	}
	if !h.Certificate.IsZero() {
		facts = append(facts, Fact{Label: "Certificate", Text: "until " + moment(h.Certificate), Bad: h.Certificate.Before(time.Now())})
	}
	if !h.Next.IsZero() {
		facts = append(facts, Fact{Label: "Next use", Text: moment(h.Next) + ", " + h.By})
	}
	if !h.Rate.IsZero() {
		facts = append(facts, Fact{Label: "Limit", Text: "at most " + h.Rate.String()})
	}
	if !h.Renews.IsZero() {
		facts = append(facts, Fact{Label: "The service takes", Text: fmt.Sprintf("%d more requests until %s", h.Left, moment(h.Renews)), Bad: h.Left == 0})
	}
	if !h.Shut.IsZero() {
		facts = append(facts, Fact{Label: "The service takes", Text: "no requests until " + moment(h.Shut), Bad: true})
	}
	return facts
}

func moment(t time.Time) string { return t.Local().Format("2 January 2006 15:04") }
