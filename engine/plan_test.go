package engine_test

import (
	"slices"
	"strings"
	"testing"

	"jackfield/engine"
	"jackfield/engine/enginetest"
	"jackfield/flow"
)

func planOf(text string) (*engine.Plan, []flow.Problem) {
	f, _ := flow.ReadFile([]byte(text), "test.flow.yaml") // the plan finds the problems of its structure again
	return engine.NewPlan(f, enginetest.NewWorld().Ops(), engine.PlanOptions{Connection: enginetest.Connection})
}

func TestPlanTellsWhatIsWrongWhereAndWhatToDo(t *testing.T) {
	const head = "jackfield: 1\nname: Bad\nsteps:\n  - {id: start, uses: test.start}\n"
	for _, tt := range []struct {
		name, steps, edges string
		want               string // each problem as a person reads it, one a line
	}{
		{"nothing", "  - {id: a, uses: test.map}", "start -> a", ""},
		{
			"unknown operation", "  - {id: a, uses: test.sned}", "start -> a",
			`step "a", field "uses": there is no operation "test.sned"; did you mean "test.send"?`,
		},
		{
			"unknown operation far from all", "  - {id: a, uses: ftp.upload}", "start -> a",
			`step "a", field "uses": there is no operation "ftp.upload"; choose one from the palette`,
		},
		{
			"unknown operation of a known connector", "  - {id: a, uses: test.reticulate_splines}", "start -> a",
			`step "a", field "uses": there is no operation "test.reticulate_splines"; Test has test.start, test.listen, test.clock, `,
		},
		{
			"cycle", "  - {id: a, uses: test.map}\n  - {id: b, uses: test.map}", "start -> a, a -> b, b -> a",
			`step "a": records would go round: a → b → a; remove one of these edges`,
		},
		{
			"edge into a trigger", "  - {id: a, uses: test.map}", "start -> a, a -> start",
			`step "start": records would go round: start → a → start; remove one of these edges
edge "a -> start": the edge leads to the trigger "start", which takes no records; remove the edge`,
		},
		{
			"unknown field", "  - {id: a, uses: test.send, with: {boddy: 1}}", "start -> a",
			`step "a", field "boddy": there is no field "boddy"; did you mean "body"?`,
		},
		{
			"missing field", "  - {id: a, uses: test.sendall}", "start -> a",
			`step "a", field "table": "Table" is needed; set "table", or map it`,
		},
		{
			"field that does not fit", "  - {id: a, uses: test.sendall, with: {table: [1]}}", "start -> a",
			`step "a", field "table": a text is wanted, this is a list`,
		},
		{"mapping fills it", "  - {id: a, uses: test.sendall, map: '{table: .t}'}", "start -> a", ""},
		{"mapping may fill it", "  - {id: a, uses: test.sendall, map: '.input'}", "start -> a", ""},
		{
			"mapping fills another", "  - {id: a, uses: test.sendall, map: '{body: .t}'}", "start -> a",
			`step "a", field "table": "Table" is needed; set "table", or map it`,
		},
		{
			"mapping gives what nobody takes", "  - {id: a, uses: test.send, map: '{bdoy: .}'}", "start -> a",
			`step "a", field "map": the mapping gives "bdoy", which test.send does not take; did you mean "body"?`,
		},
		{
			"jq that does not parse", "  - {id: a, uses: test.map, map: \"{a: .b,\\n c: }\"}", "start -> a",
			`step "a", field "map", line 2, column 5: `,
		},
		{
			"jq in a condition", "  - {id: a, uses: test.map}", "{from: start, to: a, when: '.x =='}",
			`edge "start -> a", line 1, column 6: `,
		},
		{
			"jq in a field", "  - {id: a, uses: test.test, with: {when: '.x >'}}", "start -> a",
			`step "a", field "when", line 1, column 5: `,
		},
		{
			"jq in a case", "  - {id: a, uses: test.pick, with: {cases: [{name: x, when: 'nosuch'}]}}", "start -> a",
			`step "a", field "cases", line 1, column 1: `,
		},
		{
			"unknown outlet", "  - {id: a, uses: test.pick, with: {cases: [{name: paid, when: .x}]}}\n  - {id: b, uses: test.map}", "start -> a, a.piad -> b",
			`edge "a.piad -> b": no record leaves "a" by "piad"; did you mean "paid"?`,
		},
		{
			"outlet that is declared instead of done", "  - {id: a, uses: test.test, with: {when: .x}}\n  - {id: b, uses: test.map}", "start -> a, a -> b",
			`edge "a -> b": no record leaves "a" by "done"; records leave by true, false, empty, failed`,
		},
		{
			"step that does not come before", "  - {id: a, uses: test.map, map: '$steps.later.x'}\n  - {id: later, uses: test.map}", "start -> a, a -> later",
			`step "a", field "map": $steps.later: step "later" does not come before this one; before this step come start`,
		},
		{
			"step that is nearly there", "  - {id: a, uses: test.map, map: '$steps.strat'}", "start -> a",
			`step "a", field "map": $steps.strat: there is no step "strat"; did you mean $steps.start?`,
		},
		{
			"unknown connection", "  - {id: a, uses: test.send, connection: mian}", "start -> a",
			`step "a", field "connection": there is no connection "mian"; add it under Connections`,
		},
		{
			"connection of another connector", "  - {id: a, uses: test.send, connection: other}", "start -> a",
			`step "a", field "connection": the connection "other" is one of elsewhere, and this step needs one of test; choose another connection`,
		},
		{
			"schedule that cannot be read", "  - {id: a, uses: test.clock, with: {cron: 30 2 * *}}", "",
			`step "a", field "cron": the schedule "30 2 * *" cannot be read: `,
		},
		{
			"schedule that never fires", "  - {id: a, uses: test.clock, with: {cron: 0 0 30 2 *}}", "",
			`step "a", field "cron": the schedule never fires: no such day ever comes; see whether the month has that day`,
		},
		{
			"time zone that is not there", "  - {id: a, uses: test.clock, with: {cron: 0 0 * * *, timezone: Mars/Base}}", "",
			`step "a", field "timezone": there is no time zone "Mars/Base"; use a name of the IANA list, such as Europe/Vienna`,
		},
		{
			"time zone inside the schedule", "  - {id: a, uses: test.clock, with: {cron: 'TZ=UTC'}}", "",
			`step "a", field "cron": the schedule "TZ=UTC" cannot be read: the time zone has a setting of its own; `,
		},
		{"what is off is not checked", "  - {id: a, uses: test.sendall, off: true, map: '{'}", "start -> a", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, problems := planOf(head + tt.steps + "\nedges: [" + tt.edges + "]\n")
			var got []string
			for _, one := range problems {
				if !one.Warning {
					got = append(got, one.Error())
				}
			}
			want := strings.Split(tt.want, "\n")
			if tt.want == "" {
				want = nil
			}
			if (p == nil) != (len(want) > 0) {
				t.Errorf("there is a plan: %v, with problems %q", p != nil, got)
			}
			if !slices.EqualFunc(got, want, strings.HasPrefix) {
				t.Errorf("problems:\n%s\nwant\n%s", strings.Join(got, "\n"), tt.want)
			}
		})
	}
}

func TestPlanWarnsAndGoesOn(t *testing.T) {
	p, problems := planOf("jackfield: 1\nname: Warn\nsteps:\n  - {id: start, uses: test.start}\n  - {id: lost, uses: test.map}\n")
	if p == nil || len(problems) != 1 || !problems[0].Warning || problems[0].Step != "lost" {
		t.Errorf("there is a plan: %v, problems %v", p != nil, problems)
	}
}

func TestSettingsOfARunAreCheckedLikeThoseOfTheStep(t *testing.T) {
	f := enginetest.Parse(t, "jackfield: 1\nname: Set\nsteps:\n  - {id: start, uses: test.start}\n  - {id: read, uses: test.pages}\nedges: [start -> read]\n")
	for _, tt := range []struct {
		set  flow.Setting
		want string
	}{
		{flow.Setting{Step: "read", Key: "pages", Value: 3}, ""},
		{flow.Setting{Step: "read", Key: "pages", Value: "many"}, `step "read", field "pages": a whole number is wanted, this is "many"`},
		{flow.Setting{Step: "raed", Key: "pages", Value: 3}, `field "pages": a setting is given for step "raed", which is not there; did you mean "read"?`},
		{flow.Setting{Step: "read", Key: "page", Value: 3}, `step "read", field "page": there is no field "page"; did you mean "pages"?`},
	} {
		_, problems := engine.NewPlan(f, enginetest.NewWorld().Ops(), engine.PlanOptions{Set: []flow.Setting{tt.set}})
		got := engine.Problems(problems).Error()
		if got != tt.want {
			t.Errorf("%v: %s\nwant %s", tt.set, got, tt.want)
		}
	}
}

func TestCheckWithoutConnectionsTakesANameForGranted(t *testing.T) {
	f := enginetest.Parse(t, "jackfield: 1\nname: Check\nsteps:\n  - {id: start, uses: test.start}\n  - {id: a, uses: test.send, connection: anything}\nedges: [start -> a]\n")
	p, problems := engine.NewPlan(f, enginetest.NewWorld().Ops(), engine.PlanOptions{})
	if p == nil {
		t.Error(problems)
	}
}
