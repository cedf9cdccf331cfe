package remote

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"runtime/debug"

	"jackfield/app"
)

// call performs one method of the door.
func (s *Server) call(w http.ResponseWriter, r *http.Request) {
	var args []json.RawMessage
	text, err := io.ReadAll(r.Body)
	if err == nil {
		err = json.Unmarshal(text, &args)
	}
	if err != nil {
		http.Error(w, "the arguments cannot be read: "+err.Error(), http.StatusBadRequest)
		return
	}
	out, err := perform(r.Context(), s.svc, r.PathValue("method"), args)
	answer := reply{Out: out}
	if err != nil {
		answer = reply{Error: faultOf(err)}
	}
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(answer); err != nil {
		_ = json.NewEncoder(w).Encode(reply{Error: faultOf(fmt.Errorf("send the answer of %s: %w", r.PathValue("method"), err))})
	}
}

// closed lists the methods that are not called over the socket: events and tests have
// streams of their own, and the catalogue holds functions, which every process has itself.
var closed = [...]string{"Watch", "Connectors", "TestConnection"}

// method finds a method of the door, and its type without the receiver.
func method(svc app.Service, name string) (reflect.Value, bool) {
	for _, c := range closed {
		if c == name {
			return reflect.Value{}, false
		}
	}
	if _, ok := reflect.TypeFor[app.Service]().MethodByName(name); !ok {
		return reflect.Value{}, false
	}
	return reflect.ValueOf(svc).MethodByName(name), true
}

// perform calls a method of the door with arguments as JSON, and gives its results.
func perform(ctx context.Context, svc app.Service, name string, args []json.RawMessage) (out []json.RawMessage, err error) {
	defer func() {
		if bad := recover(); bad != nil {
			err = fmt.Errorf("%s broke down: %v\n%s", name, bad, debug.Stack())
		}
	}()
	m, ok := method(svc, name)
	if !ok {
		return nil, fmt.Errorf("the door has no %q", name)
	}
	in, err := arguments(ctx, m.Type(), args)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	for _, got := range m.Call(in) {
		if got.Type() == reflect.TypeFor[error]() {
			err, _ = got.Interface().(error)
			continue
		}
		text, bad := json.Marshal(got.Interface())
		if bad != nil {
			return nil, fmt.Errorf("write the result of %s: %w", name, bad)
		}
		out = append(out, text)
	}
	return out, err
}

func arguments(ctx context.Context, t reflect.Type, args []json.RawMessage) ([]reflect.Value, error) {
	if len(args) != t.NumIn()-1 {
		return nil, fmt.Errorf("it takes %d arguments, not %d", t.NumIn()-1, len(args))
	}
	in := []reflect.Value{reflect.ValueOf(ctx)}
	for i, text := range args {
		v := reflect.New(t.In(i + 1))
		if err := decode(text, v.Interface()); err != nil {
			return nil, fmt.Errorf("argument %d: %w", i+1, err)
		}
		in = append(in, v.Elem())
	}
	return in, nil
}
