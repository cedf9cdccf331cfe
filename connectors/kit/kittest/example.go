package kittest

import (
	"os"
	"path/filepath"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/flow/value"
)

// perform does what an example says and compares what comes out.
func (s *suite) perform(t *testing.T, op kit.Op, e kit.Example) {
	in, err := value.Normal(e.In)
	if err != nil {
		t.Fatalf("the input has no form in JSON: %v", err)
	}
	checkExample(t, op, e)
	if e.Out == nil {
		return
	}
	env := s.surroundings(t)
	var got []any
	for _, input := range s.inputs(t, op, e, in) {
		made := op.New()
		fields := bind(t, made, e.With, input)
		if !op.Barrier {
			s.decide(t, fields, in)
		}
		got = append(got, s.run(t, env, op, made, fields, in)...)
	}
	compare(t, got, e.Out)
}

// surroundings is an environment with the files that examples find.
func (s *suite) surroundings(t *testing.T) kit.Env {
	env := Env(t)
	env.CallTo = s.env.CallTo
	for name, content := range s.files {
		path := filepath.Join(env.Dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return env
}

// checkExample wants that what the example sets exists and that nothing needed is
// left out.
func checkExample(t reporter, op kit.Op, e kit.Example) {
	fields := op.New().Fields()
	if problems := fields.Bind("step", e.With); len(problems) > 0 {
		t.Errorf("the example's settings: %v", problems)
	}
	main, _ := fields.Main()
	filled := func(name string) bool { return e.Map != "" || name == main.Name && e.In != nil }
	if missing := fields.Missing("step", filled); len(missing) > 0 {
		t.Errorf("the example leaves out what is needed: %v", missing)
	}
}

// inputs are what the example's mapping gives, each a set of named inputs; without a
// mapping the main field takes the record.
func (s *suite) inputs(t *testing.T, op kit.Op, e kit.Example, in any) []flow.Values {
	main, hasMain := op.New().Fields().Main()
	_, set := e.With[main.Name]
	switch {
	case e.Map == "" && hasMain && !set && e.In != nil && !op.Barrier:
		return []flow.Values{{main.Name: in}}
	case e.Map == "":
		return []flow.Values{nil}
	}
	var all []flow.Values
	for _, v := range s.jq(t, e.Map, in) {
		if op.Each {
			v = map[string]any{main.Name: v}
		}
		m, ok := v.(map[string]any)
		if !ok {
			t.Fatalf("the mapping gives %v, want an object", v)
		}
		all = append(all, m)
	}
	return all
}

func (s *suite) jq(t *testing.T, src string, in any) []any {
	t.Helper()
	if s.eval == nil {
		t.Fatalf("the example needs jq to evaluate %s: give kittest.Eval", src)
	}
	out, err := s.eval(src, in)
	if err != nil {
		t.Fatalf("evaluate %s: %v", src, err)
	}
	return out
}

// bind sets the fields in layers, as the engine does.
func bind(t *testing.T, made kit.Operation, with, input flow.Values) kit.Fields {
	fields := made.Fields()
	for _, layer := range []flow.Values{with, input} {
		if problems := fields.Bind("step", layer); len(problems) > 0 {
			t.Fatalf("bind %v: %v", layer, problems)
		}
	}
	return fields
}

// decide sets what the expressions come to for a record.
func (s *suite) decide(t *testing.T, fields kit.Fields, in any) {
	for _, f := range fields {
		switch set := f.Get().(type) {
		case string:
			if f.Evaluated() && set != "" {
				f.Decide(first(s.jq(t, set, in)))
			}
		case []any:
			if f.Kind == kit.CasesField {
				f.Decide(s.chosen(t, set, in))
			}
		}
	}
}

func (s *suite) chosen(t *testing.T, cases []any, in any) string {
	for _, c := range cases {
		c := c.(map[string]any)
		if v := first(s.jq(t, c["when"].(string), in)); v != nil && v != false {
			return c["name"].(string)
		}
	}
	return ""
}

func first(values []any) any {
	if len(values) == 0 {
		return nil
	}
	return values[0]
}

// run performs one bound operation in the way that its abilities ask for.
func (s *suite) run(t *testing.T, env kit.Env, op kit.Op, made kit.Operation, fields kit.Fields, in any) []any {
	ctx := t.Context()
	rec := flow.Record{ID: "r1", Data: in}
	var got []any
	var err error
	switch made := made.(type) {
	case kit.Source:
		got = readAll(t, env, made)
	case kit.Starter:
		got, err = made.Start(ctx, env)
	case kit.Barrier:
		got, err = s.gather(t, env, op, made, fields, batchOf(in))
	case kit.Action:
		var r kit.Result
		r, err = made.Run(ctx, env, rec)
		got = s.outcome(t, op, made, r, in)
	case kit.Bulk:
		got, err = s.bulk(t, env, op, made, in)
	default:
		t.Fatal("an example that says what comes out needs a Source, Starter, Barrier, Action or Bulk")
	}
	if err != nil {
		t.Fatalf("perform: %v", err)
	}
	if b, ok := made.(kit.Bulk); ok && op.Effect != kit.Once {
		again, err := s.bulk(t, env, op, b, in)
		if err != nil {
			t.Fatalf("perform in bulk: %v", err)
		}
		compare(t, again, got)
	}
	if f, ok := made.(kit.Finisher); ok {
		for range 2 {
			if err := f.Finish(ctx, env); err != nil {
				t.Fatalf("finish: %v", err)
			}
		}
	}
	return got
}

func (s *suite) bulk(t *testing.T, env kit.Env, op kit.Op, made kit.Bulk, in any) ([]any, error) {
	data := in
	if main, ok := made.Fields().Main(); ok {
		data = main.Get()
	}
	results, err := made.RunAll(t.Context(), env, flow.Batch{{ID: "r1", Data: data}})
	if err != nil {
		return nil, err
	}
	if len(results) != 1 {
		t.Fatalf("%d results for one record", len(results))
	}
	return s.outcome(t, op, made, results[0], in), results[0].Err
}

// outcome lists what a result gives, and wants that its outlet is declared.
func (s *suite) outcome(t *testing.T, op kit.Op, made kit.Operation, r kit.Result, in any) []any {
	outlets := append([]flow.Outlet{""}, op.Outlets...)
	if len(op.Outlets) == 0 {
		outlets = append(outlets, flow.Done)
	}
	if b, ok := made.(kit.Brancher); ok {
		outlets = append(outlets, b.Outlets()...)
	}
	known := r.Err != nil
	for _, o := range outlets {
		known = known || o == r.Outlet
	}
	if !known {
		t.Errorf("it gives to the outlet %q, which is not declared", r.Outlet)
	}
	if r.Same {
		return []any{in}
	}
	return r.Data
}

// gather lets a barrier take a batch, with its expressions decided for each record. What
// leaves by the first outlet counts.
func (s *suite) gather(t *testing.T, env kit.Env, op kit.Op, made kit.Barrier, fields kit.Fields, batch flow.Batch) (got []any, err error) {
	first := flow.Done
	if len(op.Outlets) > 0 {
		first = op.Outlets[0]
	}
	err = made.Gather(t.Context(), env, func(yield func(flow.Record, error) bool) {
		for _, rec := range batch {
			s.decide(t, fields, rec.Data)
			if !yield(rec, nil) {
				return
			}
		}
	}, func(o flow.Outlet, rec flow.Record) error {
		if o == "" || o == first {
			got = append(got, rec.Data)
		}
		return nil
	})
	return got, err
}

// readAll reads a source to its end, each page with the cursor of the one before.
func readAll(t *testing.T, env kit.Env, source kit.Source) []any {
	var all []any
	var after flow.Cursor
	for range 10_000 {
		page, err := source.Read(t.Context(), env, after)
		if err != nil {
			t.Fatalf("read: %v", err)
		}
		for _, b := range page.Bad {
			t.Errorf("a record could not be read: %v", b.Failure)
		}
		all = append(all, page.Data...)
		if !page.More {
			return all
		}
		after = page.Next
	}
	t.Fatal("the source does not end")
	return nil
}

func batchOf(in any) flow.Batch {
	list, _ := in.([]any)
	var batch flow.Batch
	for i, v := range list {
		batch = append(batch, flow.Record{ID: flow.Child("before", nil, i), Data: v})
	}
	return batch
}

func compare(t *testing.T, got, want []any) {
	t.Helper()
	g, err := value.Normal(append([]any{}, got...))
	if err != nil {
		t.Fatalf("what comes out has no form in JSON: %v", err)
	}
	w, err := value.Normal(append([]any{}, want...))
	if err != nil {
		t.Fatalf("the example's output has no form in JSON: %v", err)
	}
	if !value.Equal(g, w) {
		t.Errorf("comes out:\n%s\nwant:\n%s", value.Indent(nil, g), value.Indent(nil, w))
	}
}
