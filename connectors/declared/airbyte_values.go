package declared

import (
	"context"
	"encoding/base64"
	"strings"

	"jackfield/connectors/declared/template"
)

// memberOfRecord is a member of the record, by its names with slashes between.
type memberOfRecord string

func (e memberOfRecord) value(_ context.Context, in *scene) (any, error) {
	v := in.record
	for name := range strings.SplitSeq(string(e), "/") {
		found := stepInto(v, name)
		if len(found) == 0 {
			return nil, nil
		}
		v = found[0]
	}
	return v, nil
}

// configAt is a member of the settings.
type configAt []expression

func (e configAt) value(ctx context.Context, in *scene) (any, error) {
	return digAll(ctx, map[string]any(in.config), e, in)
}

// prefixed is a text with another before it; nothing where there is none.
type prefixed struct {
	before string
	e      expression
}

func (e prefixed) value(ctx context.Context, in *scene) (any, error) {
	text, err := textOf(ctx, e.e, in)
	if err != nil || text == "" {
		return nil, err
	}
	return e.before + text, nil
}

// basic is user and password as a header has them (RFC 7617, 2).
type basic struct{ user, password expression }

func (e basic) value(ctx context.Context, in *scene) (any, error) {
	user, err := textOf(ctx, e.user, in)
	if err != nil {
		return nil, err
	}
	password, err := textOf(ctx, e.password, in)
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password)), err
}

// spaced is a list as one text.
type spaced struct{ e expression }

func (e spaced) value(ctx context.Context, in *scene) (any, error) {
	if e.e == nil {
		return nil, nil
	}
	v, err := e.e.value(ctx, in)
	list, is := v.([]any)
	if !is || err != nil {
		return v, err
	}
	var all []string
	for _, one := range list {
		all = append(all, plainText(one))
	}
	if len(all) == 0 {
		return nil, nil
	}
	return strings.Join(all, " "), nil
}

func orNothing(e expression) expression {
	if e == nil {
		return nothing{}
	}
	return e
}

// nothing gives nothing, and is left out.
type nothing struct{}

func (nothing) value(context.Context, *scene) (any, error) { return nil, nil }

// bounded is a time between others.
type bounded struct {
	e, least, most expression
	format         string
}

func (e bounded) value(ctx context.Context, in *scene) (any, error) {
	read := func(e expression) (string, error) {
		text, err := textOf(ctx, e, in)
		if err != nil || text == "" {
			return "", err
		}
		if t, ok := momentOf(text, nil); ok {
			return stored(t), nil
		}
		return "", nil
	}
	text, err := textOf(ctx, e.e, in)
	if err != nil {
		return nil, err
	}
	t, ok := momentOf(text, []string{e.format})
	if !ok {
		return text, nil
	}
	at := stored(t)
	if least, err := read(e.least); err != nil {
		return nil, err
	} else if least != "" {
		at = max(at, least)
	}
	if most, err := read(e.most); err != nil {
		return nil, err
	} else if most != "" {
		at = min(at, most)
	}
	made, _ := readStored(at)
	return template.FormatTime(made, e.format), nil
}
