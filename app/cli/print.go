package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"jackfield/flow"
)

// printJSON writes v as one indented document.
func (p *Program) printJSON(v any) error {
	enc := json.NewEncoder(p.Out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// printTable writes rows in columns below a head line.
func (p *Program) printTable(head string, rows [][]string) error {
	w := tabwriter.NewWriter(p.Out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, strings.ReplaceAll(head, "|", "\t"))
	for _, r := range rows {
		fmt.Fprintln(w, strings.Join(r, "\t"))
	}
	return w.Flush()
}

// nothing says on standard error that a listing is empty.
func (p *Program) nothing(text string) error {
	_, err := fmt.Fprintln(p.Err, text)
	return err
}

// printProblems writes one line a problem, in the shape that editors can jump to.
func printProblems(w io.Writer, problems []flow.Problem) {
	for _, p := range problems {
		kind := ""
		if p.Warning {
			kind = "note: "
		}
		fmt.Fprintln(w, kind+problemLine(p))
	}
}

// problemLine is file:line:column: where: what; fix.
func problemLine(p flow.Problem) string {
	if p.File == "" || p.Line == 0 {
		return p.Error()
	}
	file, line, column := p.File, p.Line, max(p.Column, 1)
	p.File, p.Line, p.Column = "", 0, 0
	return fmt.Sprintf("%s:%d:%d: %s", file, line, column, p.Error())
}

// errorsAmong says whether any of the problems stands in the way of a run.
func errorsAmong(problems []flow.Problem) bool {
	for _, p := range problems {
		if !p.Warning {
			return true
		}
	}
	return false
}

// when shows a time for a person, in the zone of the machine.
func when(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Local().Format("2006-01-02 15:04:05")
}

// took rounds a duration to what a person cares for.
func took(d time.Duration) string {
	switch {
	case d < time.Second:
		return d.Round(time.Millisecond).String()
	case d < time.Minute:
		return d.Round(10 * time.Millisecond).String()
	}
	return d.Round(time.Second).String()
}

// mark is the sign of a state.
func mark(s flow.RunState) string {
	switch s {
	case flow.RunDone:
		return "✓"
	case flow.RunPartial:
		return "◐"
	case flow.RunFailed:
		return "✗"
	case flow.RunStopped:
		return "■"
	}
	return "…"
}

// plural counts things in words.
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
