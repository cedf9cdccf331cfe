package inbox

import (
	"strings"
	"time"

	"jackfield/flow"
)

func kindWord(k flow.QuestionKind) string {
	switch k {
	case flow.Approval:
		return "Approval"
	case flow.Form:
		return "Form"
	}
	return "Uncertain"
}

// explained says what the choices of a question mean where that is not plain.
func explained(k flow.QuestionKind) string {
	if k != flow.Uncertain {
		return ""
	}
	return "Jackfield had begun this and was cut off before it heard how it went. Look at the service, then choose: " +
		"Again does it once more; Skip takes it as done, and the record goes on as it came."
}

func choiceWord(choice string) string {
	switch choice {
	case flow.Again, flow.Skip, flow.Approve, flow.Reject:
		return strings.ToUpper(choice[:1]) + choice[1:]
	case "":
		return "left open"
	}
	return choice
}

func choiceIcon(choice string) string {
	switch choice {
	case flow.Again:
		return "retry"
	case flow.Skip:
		return "play-to"
	case flow.Approve:
		return "check"
	case flow.Reject:
		return "cross"
	}
	return ""
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

// when is a time as a person says it on the day now.
func when(t, now time.Time) string {
	t = t.In(now.Location())
	if t.YearDay() == now.YearDay() && t.Year() == now.Year() {
		return "today at " + t.Format("15:04")
	}
	return t.Format("2 Jan 2006 at 15:04")
}
