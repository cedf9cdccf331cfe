package ssh

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

func runOp(w *world) kit.Op {
	text := flow.Of(flow.String)
	return kit.Op{
		ID: "run", Title: "Run a command", Effect: kit.Once, Icon: "code",
		Summary: "Runs a command on the host for each record, and gives what it wrote and its exit code.",
		Words:   []string{"shell", "exec", "execute", "script", "remote", "terminal", "program"},
		New:     func() kit.Operation { return newRun(w) },
		Out: flow.ObjectOf(
			flow.Property{Name: "code", Required: true, Schema: flow.Of(flow.Integer)},
			flow.Property{Name: "stdout", Schema: text},
			flow.Property{Name: "stdout_base64", Schema: text},
			flow.Property{Name: "stderr", Required: true, Schema: text},
			flow.Property{Name: "cut", Required: true, Schema: flow.Of(flow.Boolean)}),
		Examples: []kit.Example{{
			Title: "A program with what the record says",
			With:  flow.Values{"host": "files.example.com", "user": "jackfield"},
			Map:   `{argv: ["gzip", "-9", "--", .path]}`,
		}, {
			Title: "A line for the shell, with the record on standard input",
			With:  flow.Values{"host": "files.example.com", "user": "jackfield", "command": `sort -u | head -n "$most"`},
			Map:   `{stdin: .text, values: {most: "10"}}`,
		}},
	}
}

// run performs one command for each record.
type run struct {
	*settings
	Argv    []string
	Command string
	Values  map[string]string
	Stdin   string
	AnyCode bool
	Most    int
	Within  time.Duration
}

func newRun(w *world) *run {
	return &run{settings: newSettings(w), Most: 1 << 20, Within: 10 * time.Minute}
}

func (r *run) Fields() kit.Fields {
	own := kit.Fields{
		kit.List(&r.Argv, "argv", "Program and arguments").Eg("gzip").
			Help("Each is one word for the host, whatever is in it: no shell reads it."),
		kit.Long(&r.Command, "command", "Or a command for the shell").Code("sh").Eg(`gzip -9 -- "$file"`).
			Help("Values stand in it as variables, such as \"$file\"; they are never part of the command's own text."),
		kit.Pairs(&r.Values, "values", "Values").Checked(r.checkValues).
			Help("The variables that the command has, in its environment."),
		kit.Long(&r.Stdin, "stdin", "Standard input"),
		kit.Toggle(&r.AnyCode, "any_code", "Go on whatever the exit code").
			Help("Otherwise a record fails where it is not 0."),
		kit.Duration(&r.Within, "within", "At most for").Checked(r.checkWithin).
			Help("A command that takes longer is killed, with all that it started."),
		kit.Int(&r.Most, "most", "Bytes of output").More().Checked(r.checkMost).
			Help("What a command writes beyond that, to each of standard output and standard error, is cut off."),
	}
	for _, f := range r.settings.Fields() {
		if f.Name == "base" {
			f = f.OnlyIf(func() bool { return false }) // a connection may fill it
		}
		own = append(own, f.More())
	}
	return own
}

var variable = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

func (r *run) checkValues() error {
	for name := range r.Values {
		if !variable.MatchString(name) {
			return fmt.Errorf("%q is no name of a variable; use letters, digits and _", name)
		}
	}
	return nil
}

func (r *run) checkWithin() error {
	if r.Within <= 0 {
		return errors.New("a command needs some time")
	}
	return nil
}

func (r *run) checkMost() error {
	if r.Most < 1 || r.Most > 64<<20 {
		return errors.New("between 1 byte and 64 MB can be kept")
	}
	return nil
}

// Run performs the command for one record.
func (r *run) Run(ctx context.Context, env kit.Env, rec flow.Record) (kit.Result, error) {
	line, err := r.line()
	if err != nil {
		return kit.Result{}, err
	}
	h, giveBack, err := r.borrow(ctx)
	if err != nil {
		return kit.Result{}, err
	}
	defer func() { giveBack(!h.Alive()) }()
	slot, err := h.slot(ctx)
	if err != nil {
		return kit.Result{}, err
	}
	defer slot()
	c := &command{host: h, line: line, stdin: r.Stdin, most: r.Most, token: env.Key(rec.ID)}
	if err := c.perform(ctx, r.Within); err != nil {
		return kit.Result{}, err
	}
	if c.code != 0 && !r.AnyCode {
		return kit.Result{}, kit.Fail(kit.Refused, "the command ended with the code %d%s", c.code, c.why()).
			Hint("mend the command, or let the record go on whatever the exit code")
	}
	return kit.Give(c.result(env, rec)), nil
}

// line is what the host's shell is to read: words in quotes, and what the flow's author
// wrote for a shell.
func (r *run) line() (string, error) {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(r.Values)) {
		fmt.Fprintf(&b, "%s=%s; export %s; ", name, quoted(r.Values[name]), name)
	}
	switch {
	case len(r.Argv) > 0 && r.Command != "":
		return "", kit.Fail(kit.Invalid, "both a program and a command for the shell are given").On("command").Hint("give one of them")
	case len(r.Argv) > 0:
		b.WriteString("exec")
		for i, word := range r.Argv {
			if i == 0 && word == "" {
				return "", kit.Fail(kit.Invalid, "the program has no name").On("argv").Hint("name it in front of its arguments")
			}
			b.WriteString(" " + quoted(word))
		}
	case strings.TrimSpace(r.Command) != "":
		b.WriteString(r.Command)
	default:
		return "", kit.Fail(kit.Invalid, "there is no command").On("argv").Hint("name a program with its arguments, or write a command")
	}
	if strings.Contains(b.String(), "\x00") {
		return "", kit.Fail(kit.Invalid, "the command holds a zero byte, which no host takes").On("argv").Hint("send bytes as standard input or in a file")
	}
	return b.String(), nil
}

// quoted is a word that a shell takes as it is (POSIX.1-2017, Shell Command Language,
// 2.2.2: within single quotes nothing has a meaning but their end).
func quoted(word string) string { return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'" }

// result is what a command gives.
func (c *command) result(env kit.Env, rec flow.Record) map[string]any {
	out := map[string]any{
		"code":   c.code,
		"stderr": strings.ToValidUTF8(c.stderr.text(), "\ufffd"),
		"cut":    c.stdout.cut || c.stderr.cut,
	}
	if text := c.stdout.text(); utf8.ValidString(text) {
		out["stdout"] = text
	} else {
		env.Log(flow.Info, rec.ID, "what the command wrote is no text; it is given as stdout_base64")
		out["stdout_base64"] = base64.StdEncoding.EncodeToString([]byte(text))
	}
	return out
}

// why is what a command said when it failed.
func (c *command) why() string {
	text := strings.TrimSpace(strings.ToValidUTF8(c.stderr.text(), "\ufffd"))
	if text == "" {
		return ""
	}
	first, _, _ := strings.Cut(text, "\n")
	return ": " + first[:min(len(first), 500)]
}
