package core_test

import (
	"context"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
	"jackfield/flow/value"
)

// given is what a barrier gives, by outlet.
type given map[flow.Outlet]flow.Batch

// gatherBy lets a barrier take a batch, with an expression decided for each record.
func gatherBy(ctx context.Context, env kit.Env, o kit.Operation, field string, by func(any) any, batch flow.Batch) (given, error) {
	got := given{}
	fields := o.Fields()
	return got, o.(kit.Barrier).Gather(ctx, env, func(yield func(flow.Record, error) bool) {
		for _, r := range batch {
			if f, ok := fields.Field(field); ok && by != nil {
				f.Decide(by(r.Data))
			}
			if !yield(r, nil) {
				return
			}
		}
	}, func(o flow.Outlet, r flow.Record) error {
		got[o] = append(got[o], r)
		return nil
	})
}

func batchOf(t *testing.T, text string) (batch flow.Batch) {
	t.Helper()
	v, err := value.Decode([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	for i, one := range v.([]any) {
		batch = append(batch, flow.Record{ID: flow.Child("before", nil, i), Parents: []flow.RecordID{"p"}, Data: one})
	}
	return batch
}

func textOf(batch flow.Batch) string {
	list := []any{}
	for _, r := range batch {
		list = append(list, r.Data)
	}
	return string(value.Append(nil, list))
}

func member(name string) func(any) any {
	return func(data any) any { return data.(map[string]any)[name] }
}

func TestSortGivesRecordsOnInOrder(t *testing.T) {
	for _, tt := range []struct {
		name     string
		with     flow.Values
		by       func(any) any
		in, want string
	}{
		{"the records themselves", nil, nil, `[3,"a",null,[1],{"a":1},1.5,true]`, `[null,true,1.5,3,"a",[1],{"a":1}]`},
		{"turned round", flow.Values{"order": "descending"}, nil, `[3,"a",null,10]`, `["a",10,3,null]`},
		{
			"by jq, equal ones as they came", nil, member("n"), `[{"n":2,"i":1},{"n":1,"i":2},{"n":2,"i":3},{"n":1,"i":4}]`,
			`[{"i":2,"n":1},{"i":4,"n":1},{"i":1,"n":2},{"i":3,"n":2}]`,
		},
		{
			"downwards, equal ones as they came",
			flow.Values{"order": "descending"},
			member("n"), `[{"n":1,"i":1},{"n":2,"i":2},{"n":1,"i":3}]`,
			`[{"i":2,"n":2},{"i":1,"n":1},{"i":3,"n":1}]`,
		},
		{
			"by fields in objects",
			flow.Values{"fields": []any{"c.land", " -c.n "}},
			nil, `[{"c":{"land":"b","n":1}},{"c":{"land":"a","n":1}},{"c":{"land":"a","n":2}},{"c":3},5]`,
			`[{"c":3},5,{"c":{"land":"a","n":2}},{"c":{"land":"a","n":1}},{"c":{"land":"b","n":1}}]`,
		},
		{"by a field whose name has a dot", flow.Values{"fields": []any{"a.b"}}, nil, `[{"a.b":2},{"a":{"b":1}},{"a.b":0}]`, `[{"a.b":0},{"a":{"b":1}},{"a.b":2}]`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			batch := batchOf(t, tt.in)
			got, err := gatherBy(t.Context(), kittest.Env(t), made(t, "sort", tt.with), "by", tt.by, batch)
			if err != nil || textOf(got[flow.Done]) != tt.want {
				t.Errorf("%s, %v\nwant %s", textOf(got[flow.Done]), err, tt.want)
			}
			known := map[flow.RecordID]any{}
			for _, r := range batch {
				known[r.ID] = r.Data
			}
			for _, r := range got[flow.Done] {
				if !value.Equal(known[r.ID], r.Data) || len(r.Parents) != 1 {
					t.Errorf("%+v is none of the records that came", r)
				}
			}
		})
	}
}

func TestWhatMemoryDoesNotHoldIsSortedOnDisk(t *testing.T) {
	const n = 130_000 // about 30 MB
	var batch flow.Batch
	for i := range n {
		batch = append(batch, flow.Record{ID: flow.Child("before", nil, i), Data: map[string]any{"n": (i * 7919) % n, "text": strings.Repeat("x", 150)}})
	}
	for _, tt := range []struct {
		op   string
		with flow.Values
		want func(i int, r any) bool
	}{
		{"sort", nil, func(i int, r any) bool { return r.(map[string]any)["n"] == i }},
		{"group", flow.Values{"sum": []any{"n"}}, func(i int, r any) bool {
			return r.(map[string]any)["key"] == i && value.Compare(r.(map[string]any)["sum"].(map[string]any)["n"], i) == 0
		}},
		{"dedupe", nil, func(i int, r any) bool { return r.(map[string]any)["n"] == (i*7919)%n }},
	} {
		t.Run(tt.op, func(t *testing.T) {
			env := kittest.Env(t)
			env.Scratch = t.TempDir()
			got, err := gatherBy(t.Context(), env, made(t, tt.op, tt.with), "by", member("n"), batch)
			if err != nil || len(got[flow.Done]) != n {
				t.Fatalf("%d of %d, %v", len(got[flow.Done]), n, err)
			}
			for i, r := range got[flow.Done] {
				if !tt.want(i, r.Data) {
					t.Fatalf("record %d is %v", i, r.Data)
				}
			}
			if dirs, err := filepath.Glob(filepath.Join(env.Scratch, "*")); err != nil || len(dirs) != 1 {
				t.Errorf("nothing was ever put on disk: %v, %v", dirs, err)
			} else if files, err := os.ReadDir(dirs[0]); err != nil || len(files) > 0 {
				t.Errorf("left behind: %v, %v", files, err)
			}
		})
	}
}

func TestDedupeLetsOneOfEachKeyGoOn(t *testing.T) {
	const in = `[{"k":"a","n":1},{"k":"b","n":2},{"k":"a","n":3},{"k":null,"n":4},{"n":5},{"k":"a","n":6}]`
	for _, tt := range []struct{ keep, done, duplicate string }{
		{"first", `[{"k":"a","n":1},{"k":"b","n":2},{"k":null,"n":4}]`, `[{"k":"a","n":3},{"n":5},{"k":"a","n":6}]`},
		{"last", `[{"k":"b","n":2},{"n":5},{"k":"a","n":6}]`, `[{"k":"a","n":1},{"k":"a","n":3},{"k":null,"n":4}]`},
	} {
		got, err := gatherBy(t.Context(), kittest.Env(t), made(t, "dedupe", flow.Values{"keep": tt.keep}), "by", member("k"), batchOf(t, in))
		if err != nil || textOf(got[flow.Done]) != tt.done || textOf(got["duplicate"]) != tt.duplicate {
			t.Errorf("%s: %s and %s, %v", tt.keep, textOf(got[flow.Done]), textOf(got["duplicate"]), err)
		}
	}
}

func TestGroupAddsUp(t *testing.T) {
	for _, tt := range []struct {
		name     string
		with     flow.Values
		by       func(any) any
		in, want string
	}{
		{"counts alone", nil, member("k"), `[{"k":1},{"k":"a"},{"k":1.0}]`, `[{"count":2,"key":1},{"count":1,"key":"a"}]`},
		{
			"all of it",
			flow.Values{"sum": []any{"n"}, "avg": []any{"n", "m"}, "min": []any{"n", "s"}, "max": []any{"s"}, "first": true, "last": true},
			nil,
			`[{"n":1,"s":"b"},{"n":null,"s":"a"},{"n":4}]`,
			`[{"avg":{"m":null,"n":2.5},"count":3,"first":{"n":1,"s":"b"},"last":{"n":4},"max":{"s":"b"},"min":{"n":1,"s":"a"},"sum":{"n":5}}]`,
		},
		{"cents of many invoices", flow.Values{"sum": []any{"n"}}, nil, `[` + strings.Repeat(`{"n":0.1},`, 999) + `{"n":0.1}]`, `[{"count":1000,"sum":{"n":100}}]`},
		{
			"numbers beyond an int",
			flow.Values{"sum": []any{"n"}},
			nil, `[{"n":9223372036854775807},{"n":1},{"n":-9223372036854775808},{"n":-5},{"n":9223372036854775809}]`,
			`[{"count":5,"sum":{"n":9223372036854775804}}]`,
		},
		{
			"the records",
			flow.Values{"items": true},
			member("k"), `[{"k":2},{"k":1,"n":1},{"k":1,"n":2}]`,
			`[{"count":2,"items":[{"k":1,"n":1},{"k":1,"n":2}],"key":1},{"count":1,"items":[{"k":2}],"key":2}]`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := gatherBy(t.Context(), kittest.Env(t), made(t, "group", tt.with), "by", tt.by, batchOf(t, tt.in))
			if err != nil || textOf(got[flow.Done]) != tt.want {
				t.Errorf("%s, %v\nwant %s", textOf(got[flow.Done]), err, tt.want)
			}
		})
	}
}

func TestGroupFailsRecordsThatCannotBeAddedUp(t *testing.T) {
	for _, by := range []func(any) any{nil, member("k")} {
		got, err := gatherBy(t.Context(), kittest.Env(t), made(t, "group", flow.Values{"sum": []any{"n"}}), "by", by, batchOf(t, `[{"k":1,"n":2},{"k":1,"n":"3"}]`))
		if err != nil || len(got[flow.Failed]) != 1 || len(got[flow.Done]) != 1 {
			t.Fatalf("%v, %v", got, err)
		}
		if p := got[flow.Failed][0].Problem; p == nil || p.What != `"n" is 3, which is no number to add up` || p.Fix == "" || p.Record == "" {
			t.Errorf("%+v", p)
		}
		sum := got[flow.Done][0].Data.(map[string]any)["sum"].(map[string]any)["n"]
		if !reflect.DeepEqual(sum, big.NewInt(2)) {
			t.Errorf("the sum of the others is %v", sum)
		}
	}
}

func TestListThatNoMemoryHoldsIsRefused(t *testing.T) {
	heavy := make(flow.Batch, 70)
	text := strings.Repeat("x", 1<<20)
	for i := range heavy {
		heavy[i] = flow.Record{ID: flow.Child("before", nil, i), Data: text}
	}
	for _, tt := range []struct {
		op, field string
		with      flow.Values
	}{
		{"collect", "size", nil},
		{"group", "items", flow.Values{"items": true}},
	} {
		_, err := gatherBy(t.Context(), kittest.Env(t), made(t, tt.op, tt.with), "by", nil, heavy)
		if f := kit.AsFailure(err); err == nil || f.Kind != kit.Refused || f.Field != tt.field || f.Fix == "" {
			t.Errorf("%s: %+v", tt.op, fmt.Sprint(err))
		}
	}
	got, err := gatherBy(t.Context(), kittest.Env(t), made(t, "collect", flow.Values{"size": 10}), "by", nil, heavy)
	if err != nil || len(got[flow.Done]) != 7 {
		t.Errorf("%d lists of ten, %v", len(got[flow.Done]), err)
	}
}
