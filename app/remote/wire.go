package remote

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"syscall"

	"jackfield/app"
	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/flow/value"
)

// reply is what a call gives: what the method gave, or why not.
type reply struct {
	Out   []json.RawMessage `json:"out,omitempty"`
	Error *fault            `json:"error,omitempty"`
}

// fault is an error on its way through the socket.
type fault struct {
	Text     string         `json:"text"`
	Problems []flow.Problem `json:"problems,omitempty"` // where it is app.Problems
	Problem  *flow.Problem  `json:"problem,omitempty"`  // where it is one flow.Problem
	Failure  *flow.Problem  `json:"failure,omitempty"`  // where it is a kit.Failure
	Is       []string       `json:"is,omitempty"`
}

// marks are the errors that callers tell apart.
func marks() map[string]error {
	return map[string]error{
		"not-exist": fs.ErrNotExist, "exist": fs.ErrExist, "permission": fs.ErrPermission,
		"canceled": context.Canceled, "deadline": context.DeadlineExceeded, "no-space": syscall.ENOSPC,
	}
}

func faultOf(err error) *fault {
	f := &fault{Text: err.Error()}
	if ps, ok := errors.AsType[app.Problems](err); ok {
		f.Problems = ps
	} else if p, ok := errors.AsType[flow.Problem](err); ok {
		f.Problem = &p
	}
	if k, ok := errors.AsType[*kit.Failure](err); ok {
		f.Failure = &flow.Problem{Code: k.Kind, What: k.What, Fix: k.Fix, Field: k.Field}
	}
	for name, one := range marks() {
		if errors.Is(err, one) {
			f.Is = append(f.Is, name)
		}
	}
	return f
}

// farError is an error that came through the socket: the same words, and the same
// answers to errors.Is and errors.As.
type farError struct {
	text   string
	causes []error
}

func (e *farError) Error() string   { return e.text }
func (e *farError) Unwrap() []error { return e.causes }

func (f *fault) err() error {
	e := &farError{text: f.Text}
	switch {
	case len(f.Problems) > 0:
		ps := app.Problems(f.Problems)
		if ps.Error() == f.Text {
			return ps
		}
		e.causes = append(e.causes, ps)
	case f.Problem != nil:
		e.causes = append(e.causes, *f.Problem)
	}
	if f.Failure != nil {
		e.causes = append(e.causes, &kit.Failure{Kind: f.Failure.Code, What: f.Failure.What, Fix: f.Failure.Fix, Field: f.Failure.Field})
	}
	known := marks()
	for _, name := range f.Is {
		if one, ok := known[name]; ok {
			e.causes = append(e.causes, one)
		}
	}
	return e
}

// decode reads one argument or result. What stands where any value may stand becomes
// what jq knows, as everywhere behind the door.
func decode(text []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(into); err != nil {
		return err
	}
	return normalise(reflect.ValueOf(into))
}

// normalise makes the numbers inside any values into what jq knows.
func normalise(v reflect.Value) error {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			return normalise(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Field(i); f.CanSet() {
				if err := normalise(f); err != nil {
					return err
				}
			}
		}
	case reflect.Slice, reflect.Array:
		if v.Type() == reflect.TypeFor[json.RawMessage]() && string(v.Bytes()) == "null" {
			v.SetZero() // nil went out as null; a cursor that is nil is none
		}
		if !holdsAny(v.Type().Elem()) {
			return nil
		}
		for i := range v.Len() {
			if err := normalise(v.Index(i)); err != nil {
				return err
			}
		}
	case reflect.Map:
		return normaliseMap(v)
	case reflect.Interface:
		if v.IsNil() {
			return nil
		}
		n, err := value.Normal(v.Interface())
		if err != nil {
			return fmt.Errorf("read a value: %w", err)
		}
		v.Set(reflect.ValueOf(n))
	}
	return nil
}

func normaliseMap(v reflect.Value) error {
	if !holdsAny(v.Type().Elem()) {
		return nil
	}
	for _, key := range v.MapKeys() {
		one := reflect.New(v.Type().Elem()).Elem()
		one.Set(v.MapIndex(key))
		if err := normalise(one); err != nil {
			return err
		}
		v.SetMapIndex(key, one)
	}
	return nil
}

// holdsAny says whether values of a type can hold one of any kind.
func holdsAny(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Interface, reflect.Struct, reflect.Pointer:
		return true
	case reflect.Slice, reflect.Array, reflect.Map:
		return t == reflect.TypeFor[json.RawMessage]() || holdsAny(t.Elem())
	}
	return false
}
