package cli_test

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"jackfield/app"
	"jackfield/app/cli"
	"jackfield/connectors/core"
	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/ui/uitest"
)

// desk is the command line before a door whose answers the test sets.
type desk struct {
	*uitest.Door
	Lost    bool // all batches are
	t       *testing.T
	program cli.Program
	in      string
}

func newDesk(t *testing.T) *desk {
	d := &desk{t: t, Door: &uitest.Door{Ops: kit.Set{core.New()}}}
	d.program = cli.Program{
		Version: "1.2.3",
		Open: func(context.Context, string) (app.Service, func() error, error) {
			return d, func() error { return nil }, nil
		},
		Hold:  func(context.Context, string, string, func(int)) (cli.Host, error) { return &host{d}, nil },
		Check: func(_ context.Context, _, path string) []flow.Problem { return d.Problems },
	}
	return d
}

// host is the desk as jackfield serve has it.
type host struct{ *desk }

func (*host) Serve(context.Context) error     { return nil }
func (*host) Drain(context.Context) int       { return 0 }
func (*host) CloseHome(context.Context) error { return nil }

// Records gives those of the door, unless they are lost.
func (d *desk) Records(ctx context.Context, ref flow.Ref) (flow.Batch, error) {
	if d.Lost {
		return nil, fmt.Errorf("batch %s %d %s: %w", ref.Run, ref.Seq, ref.Outlet, fs.ErrNotExist)
	}
	return d.Door.Records(ctx, ref)
}

// said is what a call wrote and its exit code.
type said struct {
	code     int
	out, err string
}

func (d *desk) call(args ...string) said {
	d.t.Helper()
	var out, errs bytes.Buffer
	p := d.program
	p.In, p.Out, p.Err = strings.NewReader(d.in), &out, &errs
	code := p.Main(d.t.Context(), args)
	return said{code, out.String(), errs.String()}
}

// want compares all that a call did with what it should.
func (d *desk) want(args string, want said) {
	d.t.Helper()
	if got := d.call(strings.Fields(args)...); got != want {
		d.t.Errorf("jackfield %s\ngot  %d\nout: %s\nerr: %s\nwant %d\nout: %s\nerr: %s", args, got.code, got.out, got.err, want.code, want.out, want.err)
	}
}
