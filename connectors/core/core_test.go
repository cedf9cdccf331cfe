package core_test

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"jackfield/connectors/core"
	"jackfield/connectors/kit"
	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
	"jackfield/transforms"
)

func eval(src string, in any) (out []any, err error) {
	p, err := transforms.Compile(src)
	if err != nil {
		return nil, err
	}
	for v, err := range p.Run(context.Background(), in, transforms.Vars{}) {
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

func TestDeclaration(t *testing.T) {
	cleaned := func(_ context.Context, name string, data []any) ([]any, error) {
		address := data[0].(map[string]any)
		return []any{map[string]any{"city": strings.TrimSpace(address["city"].(string))}}, nil
	}
	kittest.Connector(t, core.New(), kittest.Eval(eval), kittest.Calls(cleaned))
}

// made is an operation of the connector with its settings bound.
func made(t testing.TB, name string, with flow.Values) kit.Operation {
	t.Helper()
	op, ok := core.New().Op(name)
	if !ok {
		t.Fatalf("there is no operation %q", name)
	}
	o := op.New()
	if problems := o.Fields().Bind("step", with); len(problems) > 0 {
		t.Fatal(problems)
	}
	return o
}

func decide(t testing.TB, o kit.Operation, field string, v any) kit.Operation {
	t.Helper()
	f, ok := o.Fields().Field(field)
	if !ok {
		t.Fatalf("there is no field %q", field)
	}
	f.Decide(v)
	return o
}

func run(t testing.TB, o kit.Operation, data any) (kit.Result, error) {
	t.Helper()
	return o.(kit.Action).Run(t.Context(), kittest.Env(t), flow.Record{ID: "r1", Data: data})
}

func TestManualGivesItsItems(t *testing.T) {
	for _, tt := range []struct {
		name string
		with flow.Values
		want []any
	}{
		{"nothing set", nil, []any{map[string]any{}}},
		{"null", flow.Values{"items": nil}, []any{map[string]any{}}},
		{"one text", flow.Values{"items": "a"}, []any{"a"}},
		{"a list", flow.Values{"items": []any{1, nil, "c"}}, []any{1, nil, "c"}},
		{"an empty list", flow.Values{"items": []any{}}, []any{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := made(t, "manual", tt.with).(kit.Starter).Start(t.Context(), kittest.Env(t))
			if err != nil || !reflect.DeepEqual(got, tt.want) {
				t.Errorf("%v, %v", got, err)
			}
		})
	}
}

func TestScheduleAsksForTimesOrAnInterval(t *testing.T) {
	missing := func(with flow.Values) (names []string) {
		op, _ := core.New().Op("schedule")
		fields := op.New().Fields()
		for _, p := range append(fields.Bind("s", with), fields.Missing("s", nil)...) {
			names = append(names, p.Field+": "+p.What)
		}
		return names
	}
	for _, tt := range []struct {
		name string
		with flow.Values
		want []string
	}{
		{"neither", nil, []string{`cron: "Time" is needed`}},
		{"times", flow.Values{"cron": "@daily"}, nil},
		{"interval", flow.Values{"every": "10m"}, nil},
		{"too short", flow.Values{"every": "10ms"}, []string{"every: it is shorter than a second"}},
		{"zone", flow.Values{"cron": "@daily", "timezone": "Europe/Wien"}, []string{`timezone: there is no time zone "Europe/Wien"`}},
		{"missed", flow.Values{"cron": "@daily", "missed": "some"}, []string{`missed: "some" is not one of the choices`}},
		{"overlap", flow.Values{"cron": "@daily", "overlap": "some"}, []string{`overlap: "some" is not one of the choices`}},
		{"less than none", flow.Values{"cron": "@daily", "most": -1}, []string{`most: there cannot be less than none`}},
	} {
		if got := missing(tt.with); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
	s := made(t, "schedule", flow.Values{
		"cron": "30 2 * * *", "timezone": "Europe/Vienna", "missed": "all", "overlap": "parallel", "most": 3,
		"jitter": "5m", "from": "2026-03-01", "until": "2026-04-01",
	}).(kit.Scheduled)
	want := kit.Schedule{
		Cron: "30 2 * * *", Timezone: "Europe/Vienna", Missed: "all", Overlap: kit.Parallel, Most: 3,
		Jitter: 5 * time.Minute, From: "2026-03-01", Until: "2026-04-01",
	}
	if got := s.Schedule(); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := made(t, "schedule", flow.Values{"every": "1h"}).(kit.Scheduled).Schedule(); got.Every != time.Hour || got.Missed != "last" || got.Overlap != kit.Queue {
		t.Errorf("%+v", got)
	}
}

func TestMapGivesEachValueOfABatch(t *testing.T) {
	batch := flow.Batch{{ID: "a", Data: 1}, {ID: "b", Data: nil}, {ID: "c", Data: []any{"x"}}}
	results, err := made(t, "map", nil).(kit.Bulk).RunAll(t.Context(), kittest.Env(t), batch)
	if err != nil || len(results) != 3 {
		t.Fatalf("%v, %v", results, err)
	}
	for i, r := range results {
		if !reflect.DeepEqual(r, kit.Give(batch[i].Data)) {
			t.Errorf("%d: %+v", i, r)
		}
		if _ = append(r.Data, "more"); !reflect.DeepEqual(results[min(i+1, 2)].Data, []any{batch[min(i+1, 2)].Data}) {
			t.Error("a result's list runs into the next one's")
		}
	}
}

func TestRecordsGoOnByTheOutletThatWasChosen(t *testing.T) {
	cases := flow.Values{"cases": []any{map[string]any{"name": "big", "when": ".n > 9"}, map[string]any{"name": "small", "when": "true"}}}
	for _, tt := range []struct {
		name string
		op   kit.Operation
		want flow.Outlet
	}{
		{"filter holds", decide(t, made(t, "filter", nil), "when", 0), "true"},
		{"filter does not", decide(t, made(t, "filter", nil), "when", false), "false"},
		{"filter on null", decide(t, made(t, "filter", nil), "when", nil), "false"},
		{"switch", decide(t, made(t, "switch", cases), "cases", "small"), "small"},
		{"switch without a match", decide(t, made(t, "switch", cases), "cases", ""), "unmatched"},
		{"log", made(t, "log", nil), flow.Done},
		{"fail does not", decide(t, made(t, "fail", nil), "when", false), flow.Done},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := run(t, tt.op, "data")
			if err != nil || !reflect.DeepEqual(got, kit.Pass(tt.want)) {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
	outlets := made(t, "switch", cases).(kit.Brancher).Outlets()
	if !reflect.DeepEqual(outlets, []flow.Outlet{"big", "small", "unmatched"}) {
		t.Errorf("outlets %v", outlets)
	}
}

func TestCollectMakesListsOfASize(t *testing.T) {
	batch := flow.Batch{}
	for i := range 5 {
		batch = append(batch, flow.Record{Data: i})
	}
	of := func(items ...any) any { return map[string]any{"items": append([]any{}, items...), "count": len(items)} }
	for _, tt := range []struct {
		size int
		in   flow.Batch
		want []any
	}{
		{0, batch, []any{of(0, 1, 2, 3, 4)}},
		{0, nil, []any{of()}},
		{2, batch, []any{of(0, 1), of(2, 3), of(4)}},
		{5, batch, []any{of(0, 1, 2, 3, 4)}},
		{9, batch, []any{of(0, 1, 2, 3, 4)}},
		{2, nil, nil},
	} {
		got, err := gather(t, made(t, "collect", flow.Values{"size": tt.size}), tt.in)
		if err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("size %d of %d: %v, %v", tt.size, len(tt.in), got, err)
		}
	}
	op, _ := core.New().Op("collect")
	if problems := op.New().Fields().Bind("s", flow.Values{"size": -1}); len(problems) != 1 {
		t.Errorf("size -1: %v", problems)
	}
}

// gather gives what a barrier makes of a batch.
func gather(t *testing.T, o kit.Operation, batch flow.Batch) (got []any, err error) {
	err = o.(kit.Barrier).Gather(t.Context(), kittest.Env(t), func(yield func(flow.Record, error) bool) {
		for _, r := range batch {
			if !yield(r, nil) {
				return
			}
		}
	}, func(_ flow.Outlet, r flow.Record) error {
		got = append(got, r.Data)
		return nil
	})
	return got, err
}

func TestShortWaitHoldsABatchBackOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := made(t, "wait", flow.Values{"for": "1500ms"})
		began := time.Now()
		if got, err := run(t, w, 1); err != nil || !got.Same || time.Since(began) != 1500*time.Millisecond {
			t.Errorf("%+v, %v after %v", got, err, time.Since(began))
		}
		began = time.Now()
		got, err := w.(kit.Bulk).RunAll(t.Context(), kittest.Env(t), make(flow.Batch, 1000))
		if err != nil || len(got) != 1000 || !got[999].Same || time.Since(began) != 1500*time.Millisecond {
			t.Errorf("%d results, %v after %v", len(got), err, time.Since(began))
		}
	})
}

func TestWaitEndsWithTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		w := made(t, "wait", flow.Values{"for": "1500ms"})
		began := time.Now()
		_, err := w.(kit.Action).Run(ctx, kittest.Env(t), flow.Record{})
		_, errAll := w.(kit.Bulk).RunAll(ctx, kittest.Env(t), make(flow.Batch, 3))
		if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(errAll, context.DeadlineExceeded) || time.Since(began) != time.Second {
			t.Errorf("%v, %v after %v", err, errAll, time.Since(began))
		}
	})
}

func TestLongWaitIsLeftToTheEngine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		for _, tt := range []struct {
			with  flow.Values
			until any
			want  time.Time // zero where it is not waited for
		}{
			{flow.Values{"for": "48h"}, nil, began.Add(48 * time.Hour)},
			{flow.Values{}, "2000-01-01T12:00:00Z", time.Date(2000, 1, 1, 12, 0, 0, 0, time.UTC)},
			{flow.Values{"for": "1h"}, "2000-01-01T12:00:00Z", time.Date(2000, 1, 1, 13, 0, 0, 0, time.UTC)},
			{flow.Values{}, "2000-02-03", time.Date(2000, 2, 3, 0, 0, 0, 0, time.Local)},
			{flow.Values{}, "2000-02-03 10:30", time.Date(2000, 2, 3, 10, 30, 0, 0, time.Local)},
			{flow.Values{}, int(began.Unix()) + 60, began.Add(time.Minute)},
			{flow.Values{}, float64(began.Unix()) + 60.5, began.Add(60500 * time.Millisecond)},
			{flow.Values{}, "1999-12-31", time.Time{}},
		} {
			w := made(t, "wait", tt.with)
			if tt.until != nil {
				decide(t, w, "until", tt.until)
			}
			got, err := run(t, w, 1)
			switch {
			case err != nil || !time.Now().Equal(began):
				t.Errorf("%v %v: %v after %v", tt.with, tt.until, err, time.Since(began))
			case tt.want.IsZero() && (got.Wait != nil || !got.Same):
				t.Errorf("%v %v: %+v", tt.with, tt.until, got)
			case !tt.want.IsZero() && (got.Wait == nil || !got.Wait.Until.Equal(tt.want)):
				t.Errorf("%v %v: %+v, want %v", tt.with, tt.until, got.Wait, tt.want)
			}
			env := kittest.Env(t)
			env.Woken = true
			if got, err := w.(kit.Action).Run(t.Context(), env, flow.Record{}); err != nil || !got.Same {
				t.Errorf("%v %v, woken: %+v, %v", tt.with, tt.until, got, err)
			}
		}
		for _, bad := range []any{"tomorrow", true, []any{}} {
			if _, err := run(t, decide(t, made(t, "wait", nil), "until", bad), 1); kit.AsFailure(err).Kind != kit.Invalid {
				t.Errorf("until %v: %v", bad, err)
			}
		}
	})
}

func TestCallGivesWhatTheOtherFlowGave(t *testing.T) {
	env := kittest.Env(t)
	c := made(t, "flow", flow.Values{"flow": "other", "record": map[string]any{"a": 1}}).(kit.Action)
	env.CallTo = func(_ context.Context, name string, data []any) ([]any, error) {
		if name != "other" || !reflect.DeepEqual(data, []any{map[string]any{"a": 1}}) {
			t.Errorf("called %q with %v", name, data)
		}
		return []any{1, 2}, nil
	}
	if got, err := c.Run(t.Context(), env, flow.Record{}); err != nil || !reflect.DeepEqual(got, kit.Give(1, 2)) {
		t.Errorf("%+v, %v", got, err)
	}
	gone := errors.New("gone")
	env.CallTo = func(context.Context, string, []any) ([]any, error) { return nil, gone }
	if _, err := c.Run(t.Context(), env, flow.Record{}); !errors.Is(err, gone) {
		t.Errorf("%v", err)
	}
	env.CallTo = nil
	if _, err := c.Run(t.Context(), env, flow.Record{}); kit.AsFailure(err).Kind != kit.Invalid {
		t.Errorf("%v", err)
	}
}

func TestLogWritesOneLineForTheRecord(t *testing.T) {
	long := strings.Repeat("ä", 3000)
	for _, tt := range []struct {
		name string
		with flow.Values
		text any
		data any
		want flow.LogLine
	}{
		{"the record", nil, nil, map[string]any{"b": 1, "a": "<&>"}, flow.LogLine{Level: flow.Info, Text: `{"a":"<&>","b":1}`}},
		{"a text record", nil, nil, "100 %s", flow.LogLine{Level: flow.Info, Text: "100 %s"}},
		{"a text", flow.Values{"level": "warn"}, "careful", 1, flow.LogLine{Level: flow.Warn, Text: "careful"}},
		{"a value", nil, []any{1}, 1, flow.LogLine{Level: flow.Info, Text: "[1]"}},
		{"a long one", nil, "x" + long, 1, flow.LogLine{Level: flow.Info, Text: "x" + long[:1998] + "…"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []flow.LogLine
			env := kittest.Env(t)
			env.Write = func(l flow.LogLine) { got = append(got, l) }
			o := decide(t, made(t, "log", tt.with), "text", tt.text)
			if _, err := o.(kit.Action).Run(t.Context(), env, flow.Record{ID: "r1", Data: tt.data}); err != nil {
				t.Fatal(err)
			}
			tt.want.Step, tt.want.Record = "step", "r1"
			if !reflect.DeepEqual(got, []flow.LogLine{tt.want}) {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestFailSaysTheMessage(t *testing.T) {
	for _, tt := range []struct {
		name    string
		message any
		want    string
	}{
		{"none", nil, "the flow fails this record"},
		{"a text", "50 % is too much", "50 % is too much"},
		{"a value", map[string]any{"a": 1}, `{"a":1}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := run(t, decide(t, made(t, "fail", nil), "message", tt.message), 1)
			if f := kit.AsFailure(err); err == nil || f.What != tt.want || f.Kind != kit.Refused || f.Passing() {
				t.Errorf("%+v", f)
			}
		})
	}
	if _, err := run(t, decide(t, made(t, "fail", nil), "when", true), 1); err == nil {
		t.Error("the condition holds and the record goes on")
	}
}

func TestAfterRefusesEndsThatNoRunHas(t *testing.T) {
	op, _ := core.New().Op("after")
	for _, states := range [][]any{{"over"}, {}, {"done", "running"}} {
		if problems := op.New().Fields().Bind("s", flow.Values{"flow": "Orders", "states": states}); len(problems) != 1 || problems[0].Field != "states" {
			t.Errorf("%v: %v", states, problems)
		}
	}
	got := made(t, "after", flow.Values{"flow": "Orders", "states": []any{"failed"}}).(kit.Follower).Follows()
	if got.Flow != "Orders" || len(got.States) != 1 || got.States[0] != flow.RunFailed {
		t.Errorf("%+v", got)
	}
}

func TestAFilterStepTakesJQOrAFilter(t *testing.T) {
	for _, tt := range []struct {
		name string
		with flow.Values
		want string // of the problems
	}{
		{"a filter", flow.Values{"where": "status = 'open'"}, ""},
		{"jq", flow.Values{"when": ".a"}, ""},
		{"neither", flow.Values{}, `"When" is needed`},
		{"both", flow.Values{"when": ".a", "where": "a = 1"}, "there are two conditions"},
		{"a limit", flow.Values{"where": "a = 1 limit 5"}, "each record is judged alone"},
		{"no filter", flow.Values{"where": "a == 1"}, "there is no =="},
	} {
		t.Run(tt.name, func(t *testing.T) {
			op, _ := core.New().Op("filter")
			fields := op.New().Fields()
			problems := append(fields.Bind("s", tt.with), fields.Missing("s", func(string) bool { return false })...)
			if tt.want == "" && len(problems) > 0 || tt.want != "" && (len(problems) != 1 || !strings.Contains(problems[0].What, tt.want)) {
				t.Errorf("got %v, want one that says %q", problems, tt.want)
			}
		})
	}
}
