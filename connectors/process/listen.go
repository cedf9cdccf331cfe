package process

import (
	"context"
	"io"
	"unicode/utf8"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/flow/value"
)

// listen is a trigger: a program that goes on, and whose lines start runs.
type listen struct {
	program
	As string
	kit.Gathering
}

func newListen() *listen { return &listen{program: newProgram(), As: asLines} }

func (l *listen) Fields() kit.Fields {
	fields := append(l.fields(), kit.Pick(&l.As, "output_as", "Each line is",
		kit.Choice{Value: asLines, Label: "Text"},
		kit.Choice{Value: asJSON, Label: "A JSON document"}))
	fields = append(fields, l.GatherFields()...)
	return append(fields, l.more()...)
}

// mostLine is how long a line may be that starts a run.
const mostLine = 16 << 20

// Listen keeps the program going until ctx ends. A line is taken once the program has
// written its end, and the next one is read when it is safe on disk, so a program that
// prints faster than that waits. When the program ends by itself it is begun anew after a
// pause; what it says then is new.
func (l *listen) Listen(ctx context.Context, env kit.Env, give func(context.Context, kit.Event) (kit.Receipt, error)) error {
	cmd, err := l.command(env, "")
	if err != nil {
		return err
	}
	within, stop := context.WithCancel(ctx)
	defer stop()
	out, in := io.Pipe()
	cmd.Stdout = in
	wait, err := l.start(within, env, "", cmd)
	if err != nil {
		return err
	}
	env.Log(flow.Info, "", "%s goes on as process %d", cmd.Args[0], cmd.Process.Pid)
	var end ended
	var waited error
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		end, waited = wait()
		_ = in.Close()
	}()
	err = eachLine(out, mostLine, func(line []byte) error {
		v, err := l.value(line)
		if err != nil {
			env.Log(flow.Warn, "", "left out: %v", err)
			return nil
		}
		_, err = give(ctx, kit.Event{Data: []any{v}})
		return err
	})
	stop()
	_ = out.Close() // what it still prints is nobody's
	<-gone
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return err
	case waited != nil:
		return waited
	}
	return l.over(end)
}

// over tells that the program did not go on.
func (l *listen) over(end ended) *kit.Failure {
	f := (&run{program: l.program}).unwell(end)
	f.Kind, f.Uncertain = kit.Unavailable, false
	return f.Hint("it is begun anew after a pause; a program that prints and ends is for process.run behind a schedule")
}

// value is the record that a line makes.
func (l *listen) value(line []byte) (any, error) {
	if l.As == asJSON {
		v, err := value.Decode(line)
		if err != nil {
			return nil, kit.Fail(kit.Malformed, "the line %s is no JSON: %w", quote(string(line)), err)
		}
		return v, nil
	}
	if !utf8.Valid(line) {
		return nil, kit.Fail(kit.Malformed, "the line %s is no text in UTF-8", quote(printable(line)))
	}
	return map[string]any{"line": string(line)}, nil
}
