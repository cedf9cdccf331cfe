// Package template evaluates the expression templates of declarative manifests: the part
// of Jinja that they use, with the meaning that they rely on.
//
// Its nouns: a Template is a text with expressions in {{ }} and statements in {% %}; an
// expression is a tree that is evaluated with names; a Moment is a date or a time, a Span
// a length of time, as Python has them. Its rules: what is not there is undefined, which
// renders as nothing, and what is asked of it makes the whole template null; a rendered
// text is read once more as a Python literal, so that "{{ 1 }}" is a number; nothing
// outside of the names can be reached; the clock is what the caller says.
package template

import (
	"fmt"
	"strings"
	"time"
)

// Template is a parsed text. It is safe for concurrent use.
type Template struct {
	src   string
	parts []part
	plain bool // it holds no expression at all
}

// Error says what is wrong with a template, and where in its text.
type Error struct {
	What   string
	Offset int // in bytes
}

func (e *Error) Error() string { return e.What }

// part is a piece of a template that gives text.
type part interface {
	render(s *state, out *strings.Builder) error
}

// Parse reads a text.
func Parse(src string) (*Template, error) {
	p := &segments{src: src}
	parts, end, err := p.until()
	if err != nil {
		return nil, err
	}
	if end != "" {
		return nil, &Error{What: fmt.Sprintf("{%% %s %%} closes nothing", end), Offset: p.at}
	}
	return &Template{src: src, parts: parts, plain: !strings.Contains(src, "{{") && !strings.Contains(src, "{%") && !strings.Contains(src, "{#")}, nil
}

// Source is the text that was parsed.
func (t *Template) Source() string { return t.src }

// Plain says whether the text holds no expression.
func (t *Template) Plain() bool { return t.plain }

// Names are what a template sees.
type Names struct {
	Values map[string]any
	Now    time.Time
}

// Value renders the template and reads the text as a Python literal. An empty text, and
// one that asked something of what is not there, is nil.
func (t *Template) Value(n Names) (any, error) {
	v, err := t.result(n)
	if err != nil || v == nil {
		return nil, err
	}
	if text, is := v.(string); is {
		return literal(text), nil
	}
	return v, nil
}

// Text renders the template to a text as it is; nil stands for one that is empty or
// undefined. Lists that an expression gives stay lists, as query parameters may be.
func (t *Template) Text(n Names) (any, error) {
	v, err := t.result(n)
	if err != nil || v == nil {
		return nil, err
	}
	switch v := v.(type) {
	case string:
		if list, is := literal(v).([]any); is {
			return list, nil
		}
		return v, nil
	case []any:
		return v, nil
	}
	return render(v), nil
}

// True says whether the template holds, as conditions do: what renders as nothing, False,
// None, 0 or something empty does not.
func (t *Template) True(n Names) (bool, error) {
	v, err := t.Value(n)
	if err != nil {
		return false, err
	}
	if text, is := v.(string); is {
		return !falseTexts[text], nil
	}
	return truth(v), nil
}

// falseTexts are the texts that count as false in a condition.
var falseTexts = map[string]bool{"": true, "False": true, "false": true, "{}": true, "[]": true, "()": true, "0": true, "0.0": true, "None": true}

// result is what one expression alone gives, or the rendered text.
func (t *Template) result(n Names) (v any, err error) {
	if t.plain {
		if t.src == "" {
			return nil, nil
		}
		return t.src, nil
	}
	s := &state{names: n, most: mostSteps}
	if only, is := t.only(); is {
		v, err = s.eval(only.of)
	} else {
		var out strings.Builder
		for _, p := range t.parts {
			if err = p.render(s, &out); err != nil {
				break
			}
		}
		v = out.String()
	}
	if err == errUndefined {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	switch v := v.(type) {
	case missing:
		return nil, nil
	case string:
		if v == "" {
			return nil, nil
		}
	}
	return external(v), nil
}

func (t *Template) only() (shown, bool) {
	if len(t.parts) != 1 {
		return shown{}, false
	}
	one, is := t.parts[0].(shown)
	return one, is
}

// external makes of what an expression gives what JSON knows: moments become texts.
func external(v any) any {
	switch v := v.(type) {
	case Moment, Span:
		return render(v)
	case missing:
		return nil
	case []any:
		out := make([]any, len(v))
		for i, m := range v {
			out[i] = external(m)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, m := range v {
			out[k] = external(m)
		}
		return out
	}
	return v
}
