package flow

import (
	"bytes"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"
)

func TestFlowsAreReadBackAsTheyWereWritten(t *testing.T) {
	for seed := range uint64(1000) {
		readsBack(t, randomFlow(rand.New(rand.NewPCG(seed, 1))))
	}
}

func FuzzFlowsAreReadBackAsTheyWereWritten(f *testing.F) {
	f.Add(uint64(1), "a: b", "{\n  a: 1\n}")
	for i, s := range strangeTexts {
		f.Add(uint64(i), s, s)
	}
	f.Fuzz(func(t *testing.T, seed uint64, one, two string) {
		w := randomFlow(rand.New(rand.NewPCG(seed, 2)))
		w.Name, w.Note = clean(one), clean(two)
		if len(w.Steps) > 0 {
			w.Steps[0].Map = clean(two)
			w.Steps[0].With = Values{clean(one): clean(two), "x": []any{clean(one), map[string]any{clean(two): clean(one)}}}
		}
		readsBack(t, w)
	})
}

// clean is what a text becomes that is not UTF-8.
func clean(s string) string { return text(s).Value }

func readsBack(t *testing.T, f Flow) {
	t.Helper()
	data := WriteFile(f)
	got, problems := ReadFile(data, "f.flow.yaml")
	for _, p := range problems {
		t.Errorf("%s", p.Error())
	}
	if !sameFlow(got, f) {
		t.Errorf("got %#v\nwant %#v", got, f)
	}
	if again := WriteFile(got); !bytes.Equal(again, data) {
		t.Errorf("written again it is\n%s", again)
	}
	if t.Failed() {
		t.Fatalf("file:\n%s", data)
	}
}

// sameFlow is deep equality that keeps 1 and 1.0 apart, and 0 and -0.
func sameFlow(a, b Flow) bool {
	if !reflect.DeepEqual(a, b) {
		return false
	}
	for i := range a.Steps {
		if !sameZero(map[string]any(a.Steps[i].With), map[string]any(b.Steps[i].With)) {
			return false
		}
	}
	return true
}

func sameZero(a, b any) bool {
	switch a := a.(type) {
	case float64:
		return math.Float64bits(a) == math.Float64bits(b.(float64))
	case []any:
		for i := range a {
			if !sameZero(a[i], b.([]any)[i]) {
				return false
			}
		}
	case map[string]any:
		for k := range a {
			if !sameZero(a[k], b.(map[string]any)[k]) {
				return false
			}
		}
	}
	return true
}

func TestAFlowIsWrittenForPeople(t *testing.T) {
	f := Flow{
		ID: "orders", Version: 7, Path: "/tmp/orders.flow.yaml", Name: "Orders to CRM", Note: "Every night.\nAsk Ada.\n",
		Steps: []Step{
			{ID: "nightly", Uses: "core.schedule", With: Values{"cron": "30 2 * * *", "timezone": "Europe/Vienna", "missed": "last"}, At: Point{40, 80}},
			{ID: "orders", Uses: "csv.read", With: Values{"path": "orders.csv", "cursor": "updated_at"}, At: Point{279.6, 80.4}},
			{
				ID: "push", Title: "Push to CRM", Uses: "http.request", Connection: "crm", With: Values{
					"method": "POST", "path": "/contacts",
					"headers": map[string]any{"X-Trace": "yes", "Accept": "application/json"}, "note": "two\nlines", "empty": map[string]any{}, "codes": []any{200, 201.0, "01067"},
				},
				Map:   "{\n  body: {name: .customer, email: (.email | ascii_downcase)}\n}\n",
				Retry: Retry{Tries: 5, First: time.Second, Most: time.Minute}, OnError: StopRun, Timeout: 90 * time.Second,
			},
			{ID: "rejects", Uses: "csv.write", Map: `{row: .id, why: "it's"}`, Off: true},
		},
		Edges: []Edge{
			{From: "nightly", Outlet: Done, To: "orders"},
			{From: "orders", To: "push", When: ".total > 0"},
			{From: "push", Outlet: Failed, To: "rejects"},
			{From: "orders", Outlet: Failed, To: "rejects", When: "# long\n.a"},
		},
		Settings: Settings{Timeout: time.Hour, Keep: 20, Quota: 500 << 20},
	}
	want := `jackfield: 1
name: Orders to CRM
note: |
  Every night.
  Ask Ada.
steps:
  - id: nightly
    uses: core.schedule
    with: {cron: "30 2 * * *", missed: last, timezone: Europe/Vienna}
  - id: orders
    uses: csv.read
    with: {cursor: updated_at, path: orders.csv}
  - id: push
    title: Push to CRM
    uses: http.request
    connection: crm
    with:
      codes: [200, 201.0, "01067"]
      empty: {}
      headers: {Accept: application/json, X-Trace: "yes"}
      method: POST
      note: |-
        two
        lines
      path: /contacts
    map: |
      {
        body: {name: .customer, email: (.email | ascii_downcase)}
      }
    retry: {tries: 5, first: 1s, most: 1m}
    on_error: stop
    timeout: 1m30s
  - id: rejects
    uses: csv.write
    map: "{row: .id, why: \"it's\"}"
    off: true
edges:
  - nightly -> orders
  - {from: orders, to: push, when: .total > 0}
  - push.failed -> rejects
  - from: orders.failed
    to: rejects
    when: |-
      # long
      .a
settings:
  timeout: 1h
  keep: 20
  quota: 500MB
layout:
  nightly: [40, 80]
  orders: [280, 80]
`
	if got := string(WriteFile(f)); got != want {
		t.Errorf("got\n%s", got)
	}
}

func TestAnEmptyFlowIsWritten(t *testing.T) {
	data := WriteFile(Flow{})
	if string(data) != "jackfield: 1\n" {
		t.Errorf("got %q", data)
	}
	if f, problems := ReadFile(data, "x"); len(problems) > 0 || !reflect.DeepEqual(f, Flow{}) {
		t.Errorf("got %#v, %v", f, problems)
	}
}

func TestEvenABrokenFlowCanBeSaved(t *testing.T) {
	f := Flow{
		Name: "x\xff", Steps: []Step{{ID: "Bad id", At: Point{float32(math.NaN()), float32(math.Inf(1))}}, {}, {ID: "a", With: Values{"n": int64(5), "t": []string{"x"}, "c": make(chan int)}}},
		Edges: []Edge{{From: "Bad id", Outlet: "N o", To: "a -> b"}, {}},
	}
	got, problems := ReadFile(WriteFile(f), "x")
	if got.Name != "x\ufffd" || len(got.Steps) != 3 || got.Steps[0].ID != "Bad id" || got.Steps[2].With["n"] != 5 || len(got.Edges) != 1 || got.Edges[0] != f.Edges[0] {
		t.Errorf("got %#v", got)
	}
	for _, p := range problems {
		if p.Code == BadText || p.Line == 0 {
			t.Errorf("%s", p.Error())
		}
	}
}
