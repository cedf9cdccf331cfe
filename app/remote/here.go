package remote

import (
	"context"
	"fmt"
	"reflect"

	"jackfield/app"
)

// locally calls a method of the door of this very process, once it has taken over.
func locally(ctx context.Context, svc app.Service, name string, args, out []any) error {
	m, ok := method(svc, name)
	if !ok {
		return fmt.Errorf("the door has no %q", name)
	}
	in := []reflect.Value{reflect.ValueOf(ctx)}
	for i, a := range args {
		v := reflect.New(m.Type().In(i + 1)).Elem()
		if a != nil {
			v.Set(reflect.ValueOf(a))
		}
		in = append(in, v)
	}
	var err error
	n := 0
	for _, got := range m.Call(in) {
		if got.Type() == reflect.TypeFor[error]() {
			err, _ = got.Interface().(error)
			continue
		}
		if n < len(out) {
			reflect.ValueOf(out[n]).Elem().Set(got)
			n++
		}
	}
	return err
}
