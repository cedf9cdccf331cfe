// Package kittest is the test suite that is computed from a connector's
// declaration: Connector checks what every declaration owes to the form, the check,
// the documentation and the engine, and performs the examples that say what comes
// out. It stands in one test of every connector.
package kittest

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// reporter is the part of *testing.T that the checks need.
type reporter interface {
	Helper()
	Error(args ...any)
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// Option changes how Connector works.
type Option func(*suite)

type suite struct {
	eval  func(src string, in any) ([]any, error)
	files map[string]string
	env   kit.Env
}

// Eval says how to evaluate jq, which the suite cannot by itself: an example with a
// mapping or an expression needs it.
func Eval(eval func(src string, in any) ([]any, error)) Option {
	return func(s *suite) { s.eval = eval }
}

// Files puts files into the folder that an example's relative paths start at: names
// with their content.
func Files(files map[string]string) Option {
	return func(s *suite) { s.files = files }
}

// Calls says what becomes of a call to another flow.
func Calls(call func(ctx context.Context, name string, data []any) ([]any, error)) Option {
	return func(s *suite) { s.env.CallTo = call }
}

// Env is an environment for one step of one run, with folders of its own.
func Env(t testing.TB) kit.Env {
	return kit.Env{
		Run: "run1", Flow: "test", Name: "Test", Step: "step",
		Started: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
		Dir:     t.TempDir(), Scratch: t.TempDir(),
	}
}

// Connector tests a declaration.
func Connector(t *testing.T, c kit.Connector, options ...Option) {
	t.Helper()
	s := &suite{}
	for _, o := range options {
		o(s)
	}
	t.Run("connector", func(t *testing.T) { checkConnector(t, c) })
	if c.Connection != nil {
		t.Run("connection", func(t *testing.T) {
			checkFields(t, func() kit.Operation { return c.Connection() })
		})
	}
	for _, op := range c.Ops {
		t.Run(op.ID, func(t *testing.T) {
			checkOp(t, op)
			checkAbilities(t, op)
			checkOutlets(t, op)
			checkFields(t, op.New)
			for _, e := range op.Examples {
				t.Run(e.Title, func(t *testing.T) { s.perform(t, op, e) })
			}
		})
	}
}

var (
	connectorID = regexp.MustCompile(`^[a-z][a-z0-9]*$`)
	name        = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
)

func checkConnector(t reporter, c kit.Connector) {
	if !connectorID.MatchString(c.ID) {
		t.Errorf("the id %q is not [a-z][a-z0-9]*", c.ID)
	}
	checkTitle(t, "title", c.Title)
	checkSentence(t, "summary", c.Summary)
	if len(c.Ops) == 0 {
		t.Error("there are no operations")
	}
	seen := map[string]bool{}
	for _, op := range c.Ops {
		if seen[op.ID] {
			t.Errorf("the operation %q is declared twice", op.ID)
		}
		seen[op.ID] = true
	}
}

func checkOp(t reporter, op kit.Op) {
	if !name.MatchString(op.ID) {
		t.Errorf("the id %q is not [a-z][a-z0-9_]*", op.ID)
	}
	checkTitle(t, "title", op.Title)
	checkSentence(t, "summary", op.Summary)
	switch op.Effect {
	case kit.Pure, kit.Reads, kit.Repeatable, kit.Once:
	default:
		t.Errorf("there is no effect %q", op.Effect)
	}
	for _, w := range op.Words {
		if w != strings.ToLower(w) || strings.TrimSpace(w) != w || w == "" {
			t.Errorf("the word %q is not plain lower case, as searches are", w)
		}
	}
	seen := map[string]bool{}
	for _, e := range op.Examples {
		checkTitle(t, "example title", e.Title)
		if seen[e.Title] {
			t.Errorf("the example %q stands there twice", e.Title)
		}
		seen[e.Title] = true
	}
}

// checkTitle wants what stands on a card: begins like a sentence, ends without a stop.
func checkTitle(t reporter, what, text string) {
	t.Helper()
	first, _ := utf8.DecodeRuneInString(text)
	switch {
	case text == "":
		t.Errorf("%s: there is none", what)
	case unicode.IsLower(first), unicode.IsSpace(first):
		t.Errorf("%s %q: does not begin with a capital", what, text)
	case strings.ContainsAny(text, "\n\t") || strings.TrimRight(text, " .:;,") != text:
		t.Errorf("%s %q: ends with a stop or a space, or has several lines", what, text)
	case utf8.RuneCountInString(text) > 60:
		t.Errorf("%s %q: longer than 60 characters", what, text)
	}
}

// checkSentence wants what stands below a title or a field: one line that ends like a
// sentence.
func checkSentence(t reporter, what, text string) {
	t.Helper()
	first, _ := utf8.DecodeRuneInString(text)
	switch {
	case text == "":
		t.Errorf("%s: there is none", what)
	case unicode.IsLower(first), unicode.IsSpace(first):
		t.Errorf("%s %q: does not begin with a capital", what, text)
	case strings.Contains(text, "\n") || !strings.HasSuffix(text, "."):
		t.Errorf("%s %q: does not end with a full stop, or has several lines", what, text)
	case utf8.RuneCountInString(text) > 240:
		t.Errorf("%s %q: longer than 240 characters", what, text)
	}
}

// checkAbilities wants that what an operation can do fits its declaration.
func checkAbilities(t reporter, op kit.Op) {
	made := op.New()
	_, action := made.(kit.Action)
	_, bulk := made.(kit.Bulk)
	_, barrier := made.(kit.Barrier)
	_, source := made.(kit.Source)
	_, starter := made.(kit.Starter)
	_, listener := made.(kit.Listener)
	_, scheduled := made.(kit.Scheduled)
	_, follower := made.(kit.Follower)
	_, finisher := made.(kit.Finisher)
	_, joiner := made.(kit.Joiner)
	_, container := made.(kit.Container)
	effector, lasting := made.(kit.Effector)
	starts, takes := starter || listener || scheduled || follower, action || bulk || barrier || source || joiner || container
	switch {
	case op.Trigger && !starts:
		t.Error("it is a trigger, but neither Starter nor Listener nor Scheduled nor Follower")
	case op.Trigger && takes:
		t.Error("it is a trigger, but takes records too")
	case !op.Trigger && starts:
		t.Error("it can start runs, but is not declared as a trigger")
	case !op.Trigger && !takes:
		t.Error("it is neither Action nor Bulk nor Barrier nor Source nor Joiner nor Container")
	}
	if op.Barrier != barrier {
		t.Errorf("declared as a barrier: %v, has Gather: %v", op.Barrier, barrier)
	}
	if source && (action || bulk || barrier) {
		t.Error("it is a source and takes records in another way too")
	}
	if op.Each && !action && !bulk {
		t.Error("a mapping in front of it gives records, but it is neither Action nor Bulk")
	}
	if _, ok := made.Fields().Main(); op.Each && !ok {
		t.Error("a mapping in front of it gives records, but it has no main field")
	}
	if op.Effect == kit.Pure && (source || listener || finisher) {
		t.Error("it is declared as pure, but looks or works outside")
	}
	if op.Effect == kit.Once && (op.Trigger || op.Each || barrier || source || finisher || joiner) {
		t.Error("each performance counts, so it can only be an Action or Bulk that takes each record for itself")
	}
	if lasting && rank(effector.Effect()) > rank(op.Effect) {
		t.Errorf("its effect %q is more lasting than the declared %q", effector.Effect(), op.Effect)
	}
}

func rank(e kit.Effect) int {
	for i, known := range []kit.Effect{kit.Pure, kit.Reads, kit.Repeatable, kit.Once} {
		if e == known {
			return i
		}
	}
	return -1
}

func checkOutlets(t reporter, op kit.Op) {
	checkDeclared(t, op.Outlets)
	if b, ok := op.New().(kit.Brancher); ok {
		checkDeclared(t, b.Outlets())
	}
}

func checkDeclared(t reporter, outlets []flow.Outlet) {
	seen := map[flow.Outlet]bool{}
	for _, o := range outlets {
		switch {
		case o == flow.Failed:
			t.Error("the failed outlet is always there and is not declared")
		case o == flow.Waiting:
			t.Error("records wait for answers by kit.Ask, in an outlet that is not declared")
		case !name.MatchString(string(o)):
			t.Errorf("the outlet %q is not [a-z][a-z0-9_]*", o)
		case seen[o]:
			t.Errorf("the outlet %q is declared twice", o)
		}
		seen[o] = true
	}
}
