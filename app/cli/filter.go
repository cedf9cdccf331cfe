package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"jackfield/flow"
	"jackfield/flow/filter"
	"jackfield/flow/value"
)

// told is a filter as --json tells it.
type told struct {
	Filter   string   `json:"filter"`
	Fields   []string `json:"fields"`
	Warnings []string `json:"warnings,omitempty"`
}

// filterRecords prints a filter in its canonical form with what is odd about it or, with
// an input, the records that it picks.
func filterRecords(ctx context.Context, p *Program, c *call) error {
	flags := c.flags()
	path := flags.String("input", "", "print the records of this `file` that the filter picks; - is standard input")
	args, err := c.plain(flags, 1, 1)
	if err != nil {
		return err
	}
	f, err := filter.Parse(args[0])
	if err != nil {
		return usagef("%s", err)
	}
	if *path != "" {
		return p.pick(ctx, f, *path)
	}
	about := told{Filter: filter.Print(f), Fields: append([]string{}, f.Fields()...)}
	for _, w := range append(f.Check(flow.Any()), f.Portable()...) {
		about.Warnings = append(about.Warnings, w.Error())
	}
	if c.json {
		return p.printJSON(about)
	}
	for _, w := range about.Warnings {
		fmt.Fprintln(p.Err, "note: "+w)
	}
	_, err = fmt.Fprintln(p.Out, about.Filter)
	return err
}

// pick prints the records that f picks, one at a time: JSON Lines, documents behind each
// other, or one list.
func (p *Program) pick(ctx context.Context, f filter.Filter, path string) error {
	in, err := p.input(path)
	if err != nil {
		return err
	}
	defer in.Close()
	m := f.Matcher(flow.Any())
	for r := value.NewReader(in); ctx.Err() == nil && !m.Done(); {
		v, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read input %s: %w", path, err)
		}
		list, many := v.([]any)
		if !many {
			list = []any{v}
		}
		for _, one := range list {
			if wanted, _ := m.Take(one); !wanted {
				continue
			}
			if err := p.printRecord(flow.Record{Data: one}, false); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}
