package process

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/flow/value"
)

// run runs a program for each record.
type run struct {
	program
	Input    any
	InputAs  string
	OutputAs string
	Codes    []string
	Effects  string
	MaxMB    int
}

// How what goes in and comes out is written.
const (
	asJSON   = "json"
	asLines  = "lines"
	asText   = "text"
	asBase64 = "base64"
	asAll    = "all"
	asNone   = "none"
)

func newRun() *run {
	return &run{program: newProgram(), InputAs: asJSON, OutputAs: asJSON, Codes: []string{"0"}, Effects: string(kit.Once), MaxMB: 16}
}

func (r *run) Fields() kit.Fields {
	fields := append(r.fields(),
		kit.Value(&r.Input, "input", "What it reads").AsMain().OnlyIf(func() bool { return r.InputAs != asNone }).
			Help("It finds this on its standard input."),
		kit.Pick(&r.InputAs, "input_as", "It reads",
			kit.Choice{Value: asJSON, Label: "One JSON document"},
			kit.Choice{Value: asLines, Label: "A list, one JSON document on each line"},
			kit.Choice{Value: asText, Label: "Text, as it is"},
			kit.Choice{Value: asBase64, Label: "Bytes, given as base64"},
			kit.Choice{Value: asNone, Label: "Nothing"}),
		kit.Pick(&r.OutputAs, "output_as", "It prints",
			kit.Choice{Value: asJSON, Label: "JSON: each document is a record"},
			kit.Choice{Value: asLines, Label: "Lines: each is a record"},
			kit.Choice{Value: asText, Label: "Text: all of it is a record"},
			kit.Choice{Value: asBase64, Label: "Bytes: a record with base64"},
			kit.Choice{Value: asAll, Label: "Whatever: a record with output and exit code, which never counts as failed"}),
		kit.List(&r.Codes, "codes", "Exit codes that are well").OnlyIf(func() bool { return r.OutputAs != asAll }).Checked(r.checkCodes).More(),
		kit.Pick(&r.Effects, "effect", "Running it twice",
			kit.Choice{Value: string(kit.Once), Label: "counts twice: never repeat it unasked"},
			kit.Choice{Value: string(kit.Repeatable), Label: "changes nothing more"},
			kit.Choice{Value: string(kit.Reads), Label: "changes nothing at all"}),
		kit.Int(&r.MaxMB, "max_output", "Most that it may print, in MB").Checked(r.checkMost).More(),
	)
	return append(fields, r.more()...)
}

// Effect is what the person says of the program.
func (r *run) Effect() kit.Effect { return kit.Effect(r.Effects) }

func (r *run) checkCodes() error {
	for _, c := range r.Codes {
		if n, err := strconv.Atoi(c); err != nil || n < 0 || n > 255 {
			return errors.New(quote(c) + " is no exit code; those go from 0 to 255")
		}
	}
	return nil
}

func (r *run) checkMost() error {
	if r.MaxMB < 1 || r.MaxMB > 64 {
		return errors.New("a record holds from 1 to 64 MB")
	}
	return nil
}

// Run runs the program to its end.
func (r *run) Run(ctx context.Context, env kit.Env, rec flow.Record) (kit.Result, error) {
	input, err := r.input()
	if err != nil {
		return kit.Result{}, err
	}
	cmd, err := r.command(env, rec.ID)
	if err != nil {
		return kit.Result{}, err
	}
	within, stop := context.WithCancel(ctx)
	defer stop()
	out := &capped{most: r.MaxMB << 20, stop: stop}
	cmd.Stdout = out
	cmd.WaitDelay = time.Second // for what it left going with its output in hand
	if input != nil {
		cmd.Stdin = bytes.NewReader(input)
	}
	wait, err := r.start(within, env, rec.ID, cmd)
	if err != nil {
		return kit.Result{}, err
	}
	end, err := wait()
	switch {
	case err != nil:
		return kit.Result{}, err
	case ctx.Err() != nil:
		return kit.Result{}, r.cutShort(ctx)
	case out.over:
		return kit.Result{}, kit.Fail(kit.Refused, "the program printed more than %d MB and was ended", r.MaxMB).On("max_output").
			Hint("raise max_output, or let it write a file that a later step reads").Unsure()
	case r.OutputAs == asAll:
		return kit.Give(map[string]any{"code": end.code, "output": printable(out.kept), "error": end.last}), nil
	}
	if !r.well(end) {
		return kit.Result{}, r.unwell(end)
	}
	values, err := r.values(out.kept)
	return kit.Give(values...), err
}

// cutShort tells that the program was ended before it was done. What it did until then,
// nobody knows.
func (r *run) cutShort(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return kit.Fail(kit.TimedOut, "the program took too long and was ended").Unsure().
			Hint("raise the step's time-out, or see what it waits for")
	}
	return ctx.Err()
}

// input is what the program finds on its standard input; nil is none.
func (r *run) input() ([]byte, error) {
	fault := func(want string) error {
		return kit.Fail(kit.Invalid, "what it reads is %s", want).On("input").Hint("map it, or choose another form under \"It reads\"")
	}
	switch r.InputAs {
	case asText:
		text, ok := r.Input.(string)
		if !ok {
			return nil, fault("no text")
		}
		return []byte(text), nil
	case asBase64:
		text, _ := r.Input.(string)
		data, err := base64.StdEncoding.DecodeString(text)
		if err != nil || text == "" {
			return nil, fault("no base64")
		}
		return data, nil
	case asLines:
		list, ok := r.Input.([]any)
		if !ok {
			return nil, fault("no list")
		}
		var text []byte
		for _, one := range list {
			text = append(value.Append(text, one), '\n')
		}
		return text, nil
	case asJSON:
		return append(value.Append(nil, r.Input), '\n'), nil
	}
	return nil, nil
}

func (r *run) well(end ended) bool {
	for _, c := range r.Codes {
		if n, err := strconv.Atoi(c); err == nil && n == end.code {
			return true
		}
	}
	return false
}

// unwell is the failure of a program that ended otherwise than it should. 126 and 127 are
// what a shell says of a program that cannot be run or found (POSIX, 2.8.2).
func (r *run) unwell(end ended) *kit.Failure {
	what := "exit code " + strconv.Itoa(end.code)
	if end.signal != "" {
		what = "the signal " + end.signal
	}
	said := ""
	if end.last != "" {
		said = ": " + end.last
	}
	f := kit.Fail(kit.Refused, "%s ended with %s%s", r.Program, what, said).
		Hint("all that it said stands in the run's log; codes names those that are well")
	if r.Shell && (end.code == 126 || end.code == 127) {
		f.Kind = kit.Missing
	}
	if end.signal != "" {
		f.Uncertain = true
	}
	return f
}

// values are the records that the program has printed.
func (r *run) values(out []byte) ([]any, error) {
	switch r.OutputAs {
	case asBase64:
		return []any{map[string]any{"base64": base64.StdEncoding.EncodeToString(out)}}, nil
	case asText, asLines:
		if !utf8.Valid(out) {
			return nil, kit.Fail(kit.Malformed, "what %s printed is no text in UTF-8", r.Program).On("output_as").Hint("take it as bytes").Unsure()
		}
		if r.OutputAs == asText {
			return []any{map[string]any{"text": string(out)}}, nil
		}
		values := []any{}
		for line := range strings.Lines(string(out)) {
			values = append(values, map[string]any{"line": strings.TrimRight(line, "\r\n")})
		}
		return values, nil
	}
	return r.documents(out)
}

// documents are the JSON documents, one behind the other.
func (r *run) documents(out []byte) ([]any, error) {
	values := []any{}
	for reader := value.NewReader(bytes.NewReader(out)); ; {
		v, err := reader.Next()
		if err != nil {
			if errors.Is(err, io.EOF) {
				return values, nil
			}
			return nil, kit.Fail(kit.Malformed, "%s printed what is no JSON: %w", r.Program, err).On("output_as").
				Hint("take it as lines or text").Unsure()
		}
		values = append(values, v)
	}
}

func printable(out []byte) string { return strings.ToValidUTF8(string(out), "�") }
