package editor

import (
	"strings"
	"testing"
	"time"

	"jackfield/flow"
)

func TestAddedStepsGetFreshIDsFromTheirOperation(t *testing.T) {
	d := empty()
	for range 3 {
		d.AddStep("csv.read", flow.Point{})
	}
	same(t, "the ids", d.stepIDs(), []flow.StepID{"read", "read_2", "read_3"})
	same(t, "the selection", d.Selected(), []flow.StepID{"read_3"})
}

func TestFreshIDFitsWhatAStepMayBeCalled(t *testing.T) {
	for _, c := range []struct{ name, wish, want string }{
		{"capitals", "ReadAll", "readall"},
		{"dashes", "read-all", "read_all"},
		{"a digit first", "2fa", "fa"},
		{"nothing usable", "日本", "step"},
		{"long", strings.Repeat("a", 100), strings.Repeat("a", 58)},
	} {
		t.Run(c.name, func(t *testing.T) {
			id := freshID(c.wish, func(flow.StepID) bool { return false })
			if string(id) != c.want || !id.Valid() {
				t.Errorf("%q gives %q, want %q", c.wish, id, c.want)
			}
		})
	}
}

func TestAddedStepTakesTheFirstFreePlaceBelow(t *testing.T) {
	d := empty()
	for range 4 {
		d.AddStep("core.map", flow.Point{X: 100, Y: 100})
	}
	for i, a := range d.Cards() {
		for _, b := range d.Cards()[i+1:] {
			if a.Rect.Meets(b.Rect) {
				t.Errorf("%s at %v lies on %s at %v", a.ID(), a.Rect, b.ID(), b.Rect)
			}
		}
		if a.Rect.X != 100 {
			t.Errorf("%s moved aside to %v", a.ID(), a.Rect)
		}
	}
}

func TestAddStepAfterStandsRightAndIsWired(t *testing.T) {
	d := chain("a")
	id, err := d.AddStepAfter("a", flow.Done, "core.filter")
	if err != nil {
		t.Fatal(err)
	}
	same(t, "the card", d.Card(id).Rect, Rect{280, 0, 200, 64})
	same(t, "the edges", d.edgeTexts(), []string{"a.done -> filter"})
	if _, err := d.AddStepAfter("a", flow.Failed, "core.map"); err != nil {
		t.Fatal(err)
	}
	same(t, "the edges", d.edgeTexts(), []string{"a.done -> filter", "a.failed -> map"})
	d.Undo()
	d.Undo()
	same(t, "the steps after undo", d.stepIDs(), []flow.StepID{"a"})
}

func TestAddStepAfterTakesTheOpenOutlet(t *testing.T) {
	d := empty()
	fork := d.AddStep("core.filter", flow.Point{})
	for range 2 {
		if _, err := d.AddStepAfter(fork, "", "core.map"); err != nil {
			t.Fatal(err)
		}
	}
	same(t, "the edges", d.edgeTexts(), []string{"filter.true -> map", "filter.false -> map_2"})
}

func TestAddStepAfterWithATriggerAddsItUnwired(t *testing.T) {
	d := chain("a")
	id, err := d.AddStepAfter("a", flow.Done, "core.manual")
	if err == nil || id == "" {
		t.Errorf("it gives %q, %v", id, err)
	}
	same(t, "the edges", len(d.Arrows()), 0)
}

func TestAddStepBeforeLeadsToTheStep(t *testing.T) {
	d := chain("a")
	d.AddStepBefore("a", "core.filter", flow.Point{X: -280})
	same(t, "the edges", d.edgeTexts(), []string{"filter.true -> a"})
}

func TestTypingWithinABurstIsOneChange(t *testing.T) {
	d := chain("a", "b")
	at := noon
	for _, text := range []string{"o", "or", "ord"} {
		d.SetField("a", "path", text, at)
		at = at.Add(300 * time.Millisecond)
	}
	d.SetField("b", "path", "x", at)
	at = at.Add(100 * time.Millisecond)
	d.SetField("b", "path", "xy", at.Add(burst))
	changes, done := d.Past()
	same(t, "the changes", changes, []Change{{"changed path of a"}, {"changed path of b"}, {"changed path of b"}})
	same(t, "done", done, 3)
	d.Undo()
	d.Undo()
	d.Undo()
	s, _ := d.Step("a")
	same(t, "the value", s.With, flow.Values(nil))
}

func TestABurstEndsAtUndoAndAtSave(t *testing.T) {
	d := chain("a")
	d.SetTitle("a", "A", noon)
	d.Undo()
	d.Redo()
	d.SetTitle("a", "AB", noon.Add(time.Millisecond))
	d.Saved(d.Mark(), d.Flow())
	d.SetTitle("a", "ABC", noon.Add(2*time.Millisecond))
	changes, _ := d.Past()
	same(t, "the changes", len(changes), 2)
	d.Undo()
	if d.Dirty() {
		t.Error("undo does not lead back to what was saved")
	}
}

func TestSettingWhatIsSetAlreadyIsNoChange(t *testing.T) {
	d := chain("a", "b")
	id := EdgeID{"a", flow.Done, "b"}
	d.SetField("a", "list", []any{"x", 1}, noon)
	d.SetTitle("a", "A", noon)
	d.SetWhen(id, ".x", noon)
	before, _ := d.Past()
	for what, changed := range map[string]bool{
		"field":      d.SetField("a", "list", []any{"x", 1}, noon),
		"title":      d.SetTitle("a", "A", noon),
		"map":        d.SetMap("a", "", noon),
		"when":       d.SetWhen(id, ".x", noon),
		"connection": d.SetConnection("a", ""),
		"off":        d.SetOff(false, "a"),
		"retry":      d.SetRetry("a", flow.Retry{}, noon),
		"no step":    d.SetTitle("zzz", "A", noon),
		"name":       d.SetName("test", noon),
		"move":       d.Move([]flow.StepID{"a"}, 0, 0),
	} {
		if changed {
			t.Errorf("%s counts as a change", what)
		}
	}
	after, _ := d.Past()
	same(t, "the changes", after, before)
}

func TestSettingsOfAStepReachTheFlow(t *testing.T) {
	d := chain("a")
	d.SetMap("a", ".x", noon)
	d.SetConnection("a", "crm")
	d.SetRetry("a", flow.Retry{Tries: 3}, noon)
	d.SetOnError("a", flow.StopRun)
	d.SetTimeout("a", time.Minute, noon)
	d.SetUses("a", "csv.read")
	d.SetField("a", "path", "x.csv", noon)
	d.SetOff(true, "a")
	d.SetTitle("a", "Orders", noon)
	d.SetName("Import", noon)
	d.SetNote("why", noon)
	d.SetSettings(flow.Settings{Keep: 3}, noon)
	want := flow.Flow{Name: "Import", Note: "why", Settings: flow.Settings{Keep: 3}, Steps: []flow.Step{{
		ID: "a", Title: "Orders", Uses: "csv.read", Connection: "crm", With: flow.Values{"path": "x.csv"}, Map: ".x",
		Retry: flow.Retry{Tries: 3}, OnError: flow.StopRun, Timeout: time.Minute, Off: true,
	}}}
	same(t, "the flow", d.Flow(), want)
	d.SetWith("a", flow.Values{"limit": 2})
	s, _ := d.Step("a")
	same(t, "the values", s.With, flow.Values{"limit": 2})
	d.SetField("a", "limit", nil, noon)
	s, _ = d.Step("a")
	same(t, "the values", s.With, flow.Values(nil))
}

func TestEditingLeavesEarlierFlowsAlone(t *testing.T) {
	d := chain("a")
	d.SetField("a", "path", "one", noon)
	before := d.Flow()
	d.SetField("a", "path", "two", noon.Add(time.Hour))
	same(t, "the earlier value", before.Steps[0].With["path"], any("one"))
}

func TestOutletsFollowTheSettings(t *testing.T) {
	d := empty()
	id := d.AddStep("core.switch", flow.Point{})
	same(t, "outlets", d.Outlets(id), []flow.Outlet{"unmatched", "failed"})
	d.SetField(id, "cases", []any{
		map[string]any{"name": "big", "when": ".total > 9"},
		map[string]any{"name": "small", "when": "true"},
		map[string]any{"name": "odd", "when": "true"},
	}, noon)
	same(t, "outlets", d.Outlets(id), []flow.Outlet{"big", "small", "odd", "unmatched", "failed"})
	same(t, "height", d.Card(id).Rect.H, float32(64+2*24))
	other := d.AddStep("core.map", flow.Point{X: 400})
	if err := d.Connect(id, "odd", other); err != nil {
		t.Fatal(err)
	}
	d.SetField(id, "cases", []any{map[string]any{"name": "big", "when": "true"}}, noon.Add(time.Hour))
	same(t, "outlets with one that an edge still uses", d.Outlets(id), []flow.Outlet{"big", "unmatched", "odd", "failed"})
	d.Disconnect(EdgeID{id, "odd", other})
	same(t, "outlets", d.Outlets(id), []flow.Outlet{"big", "unmatched", "failed"})
}

func TestATriggerHasNoFailedOutlet(t *testing.T) {
	d := empty()
	same(t, "outlets", d.Outlets(d.AddStep("core.manual", flow.Point{})), []flow.Outlet{"done"})
}

func TestAnUnknownOperationIsDrawnAllTheSame(t *testing.T) {
	d := empty()
	id := d.AddStep("fax.send", flow.Point{})
	c := d.Card(id)
	same(t, "known", c.Known, false)
	same(t, "title, subtitle, icon, tint", []string{c.Title(), c.Subtitle(), c.Icon, c.Tint},
		[]string{"send", "fax.send", "help", "slate"})
	same(t, "outlets", d.Outlets(id), []flow.Outlet{"done", "failed"})
}

func TestSubtitleTellsWhatTheStepDoes(t *testing.T) {
	for _, c := range []struct {
		name string
		step flow.Step
		want string
	}{
		{"method and path", flow.Step{Uses: "http.request", With: flow.Values{"path": "/orders"}}, "GET /orders"},
		{"another method", flow.Step{Uses: "http.request", With: flow.Values{"method": "POST", "url": "http://x"}}, "POST http://x"},
		{"nothing set", flow.Step{Uses: "http.request"}, "Request"},
		{"a file", flow.Step{Uses: "csv.read", With: flow.Values{"path": "data/orders.csv", "delimiter": ";"}}, "orders.csv"},
		{"a file and a number", flow.Step{Uses: "csv.read", With: flow.Values{"path": "a.csv", "limit": 5}}, "a.csv · limit 5"},
		{"jq of a mapping", flow.Step{Uses: "core.map", Map: "# totals\n{\n  id,   total}\n| ."}, "{ id, total} | ."},
		{"jq of a field", flow.Step{Uses: "core.filter", With: flow.Values{"when": ".total > 5"}}, ".total > 5"},
		{"cases", flow.Step{Uses: "core.switch", With: flow.Values{"cases": []any{
			map[string]any{"name": "big", "when": "true"}, map[string]any{"name": "small", "when": "true"},
		}}}, "big, small"},
		{"a secret", flow.Step{Uses: "http.request", With: flow.Values{"token": "abc"}}, "Request"},
		{"long jq", flow.Step{Uses: "core.map", Map: strings.Repeat("abcdefghi ", 20)}, strings.Repeat("abcdefghi ", 5) + "abcdefghi…"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.step.ID = "s"
			d := New(flow.Flow{Steps: []flow.Step{c.step}}, testOps)
			same(t, "the subtitle", d.Card("s").Subtitle(), c.want)
		})
	}
}

func TestAStepIsCalledByWhatItDoesUntilItIsNamed(t *testing.T) {
	for _, c := range []struct {
		name, title, subtitle string
		step                  flow.Step
	}{
		{"as it was added", "Request", "request", flow.Step{ID: "request", Uses: "http.request"}},
		{"the second of its kind", "Request 2", "request_2", flow.Step{ID: "request_2", Uses: "http.request"}},
		{"beside one of another kind", "Request", "http_request", flow.Step{ID: "http_request", Uses: "http.request"}},
		{"with settings", "Request", "GET /orders", flow.Step{ID: "request", Uses: "http.request", With: flow.Values{"path": "/orders"}}},
		{"with a title", "Send it", "Request", flow.Step{ID: "request", Uses: "http.request", Title: "Send it"}},
		{"with an id of its own", "push", "Request", flow.Step{ID: "push", Uses: "http.request"}},
		{"with an id that only begins so", "request_of_old", "Request", flow.Step{ID: "request_of_old", Uses: "http.request"}},
		{"of an unknown operation", "send", "fax.send", flow.Step{ID: "send", Uses: "fax.send"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := New(flow.Flow{Steps: []flow.Step{c.step}}, testOps)
			same(t, "the title", d.TitleOf(c.step.ID), c.title)
			same(t, "the subtitle", d.Card(c.step.ID).Subtitle(), c.subtitle)
		})
	}
}

func TestAnIDIsNumberedOnlyAmongStepsOfItsKind(t *testing.T) {
	d := New(flow.Flow{Steps: []flow.Step{{ID: "read", Uses: "csv.read"}}}, testOps)
	same(t, "a step of another kind", d.AddStep("json.read", flow.Point{}), "json_read")
	same(t, "a step of the same kind", d.AddStep("csv.read", flow.Point{}), "read_2")
}
