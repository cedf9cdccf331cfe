package yaml

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// parse gives the records of a text.
type parse struct {
	Text   string
	Base64 string
	At     string
}

func (p *parse) Fields() kit.Fields {
	return kit.Fields{
		kit.Long(&p.Text, "text", "Text").AsMain().Code("yaml"),
		kit.Text(&p.Base64, "base64", "Or as base64").More().Help("The bytes of the text, where they came as base64."),
		kit.Text(&p.At, "at", "List at").Eg("data.items").Help(atHelp),
	}
}

func (p *parse) Run(ctx context.Context, _ kit.Env, _ flow.Record) (kit.Result, error) {
	if err := ctx.Err(); err != nil {
		return kit.Result{}, err
	}
	text, field := []byte(p.Text), "text"
	if p.Base64 != "" {
		var err error
		if text, err = base64.StdEncoding.DecodeString(p.Base64); err != nil {
			return kit.Result{}, kit.Fail(kit.Malformed, "the text is not base64: %w", err).On("base64").Hint("give it as text")
		}
		field = "base64"
	}
	if err := notYAML("the text", text); err != nil {
		return kit.Result{}, err.On(field)
	}
	pieces := newPieces(bytes.NewReader(text), place{})
	pieces.whole = largest
	var all []any
	for {
		piece, err := pieces.next()
		if errors.Is(err, io.EOF) {
			return kit.Give(all...), nil
		}
		if err == nil {
			var records []any
			if records, err = piece.records(p.At); err == nil {
				all = append(all, records...)
				continue
			}
		}
		f := piece.failure("", err)
		return kit.Result{}, f.On(firstNonEmpty(f.Field, field))
	}
}

func firstNonEmpty(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// format gives a record as a text.
type format struct{ Value any }

func (f *format) Fields() kit.Fields {
	return kit.Fields{kit.Value(&f.Value, "value", "Value").AsMain().Help("What is written; the record itself where nothing is mapped.")}
}

func (f *format) Run(ctx context.Context, _ kit.Env, _ flow.Record) (kit.Result, error) {
	if err := ctx.Err(); err != nil {
		return kit.Result{}, err
	}
	text, err := encode(f.Value)
	if err != nil {
		return kit.Result{}, fmt.Errorf("write it as YAML: %w", err)
	}
	return kit.Give(map[string]any{"text": string(text)}), nil
}
