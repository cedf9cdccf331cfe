package flow

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestDiffSaysInWordsWhatChanged(t *testing.T) {
	base := func() Flow {
		f, _ := ReadFile([]byte(orders), "f")
		return f
	}
	tests := []struct {
		name   string
		change func(f *Flow)
		want   []string
	}{
		{name: "nothing", change: func(*Flow) {}},
		{name: "name, note and settings", change: func(f *Flow) {
			f.Name, f.Note, f.Settings = "New name", "why", Settings{Timeout: time.Minute}
		}, want: []string{`changed name from "Orders to CRM" to "New name"`, `set note to why`, `changed settings.timeout from 2h to 1m`, `removed settings.keep, which was 50`, `removed settings.quota, which was 1536MB`}},
		{name: "steps come and go", change: func(f *Flow) {
			f.Steps[3] = Step{ID: "log", Uses: "core.log"}
		}, want: []string{`added step "log" (core.log)`, `removed step "rejects" (csv.write)`}},
		{name: "a step's fields", change: func(f *Flow) {
			s := &f.Steps[2]
			s.Title, s.Connection, s.Map, s.OnError, s.Off = "", "erp", ".a\n| .b", GoOn, false
			s.Retry = Retry{Tries: 2, First: time.Second, Most: 2 * time.Minute}
		}, want: []string{
			`step "push": removed title, which was "Push it"`, `step "push": changed connection from crm to erp`,
			`step "push": changed map from "{body: {name: .customer, email: (.email | ascii_downcase)}}" to ".a | .b"`,
			`step "push": changed retry.tries from 5 to 2`, `step "push": changed retry.most from 1m to 2m`, `step "push": removed on_error, which was stop`, `step "push": removed off, which was true`,
		}},
		{name: "settings of a step", change: func(f *Flow) {
			f.Steps[2].With = Values{"method": "PUT", "headers": map[string]any{"A": 1}, "list": []any{1, 2.0}}
		}, want: []string{`step "push": set with.headers to {"A":1}`, `step "push": set with.list to [1,2]`, `step "push": changed with.method from POST to PUT`, `step "push": removed with.path, which was /contacts`}},
		{name: "edges", change: func(f *Flow) {
			f.Edges = f.Edges[1:]
			f.Edges[1].When = ".total > 10"
			f.Edges = append(f.Edges, Edge{From: "nightly", Outlet: Failed, To: "push", When: ".x"})
		}, want: []string{`edge orders -> push: changed when from ".total > 0" to ".total > 10"`, `added edge nightly.failed -> push when .x`, `removed edge nightly -> orders`}},
		{name: "moved", change: func(f *Flow) { f.Steps[0].At.X += 10; f.Steps[1].At.X += 0.2 }, want: []string{`moved step "nightly"`}},
		{name: "renamed", change: func(f *Flow) {
			f.Steps[1].ID, f.Edges[0].To, f.Edges[1].From, f.Edges[2].From, f.Edges[5].From = "file", "file", "file", "file", "file"
		}, want: []string{`renamed step "orders" to "file"`}},
		{name: "another order", change: func(f *Flow) {
			f.Steps[0], f.Steps[1] = f.Steps[1], f.Steps[0]
			f.Edges[0], f.Edges[1] = f.Edges[1], f.Edges[0]
		}, want: []string{`put the steps in another order`, `put the edges in another order`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := base()
			tt.change(&f)
			var got []string
			for _, c := range Diff(base(), f) {
				got = append(got, c.String())
			}
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
		})
	}
}

// TestDiffMissesNothing holds it against the file: what is written alike has no
// differences, and what is not has some.
func TestDiffMissesNothing(t *testing.T) {
	for seed := range uint64(200) {
		rnd := rand.New(rand.NewPCG(seed, 6))
		a := randomFlow(rnd)
		if got := Diff(a, a); len(got) > 0 {
			t.Fatalf("between a flow and itself: %v", got)
		}
		b := slightlyChanged(rnd, WriteFile(a))
		if changed := string(WriteFile(a)) != string(WriteFile(b)); changed != (len(Diff(a, b)) > 0) {
			t.Fatalf("changed is %v, but there are %v\n%s\n%s", changed, Diff(a, b), WriteFile(a), WriteFile(b))
		}
	}
}
