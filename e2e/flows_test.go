package e2e

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

const countFlow = `jackfield: 1
name: Count up
steps:
  - {id: start, uses: core.manual, with: {items: [1, 2, 3]}}
  - {id: shape, uses: core.map, map: ". + 1"}
  - {id: nap, uses: core.wait, with: {for: 1h}}
edges:
  - start -> shape
  - {from: shape, to: nap, when: . > 100}
`

func TestFlowsAreTakenInShownComparedAndForgotten(t *testing.T) {
	t.Parallel()
	p, f := newProgram(t), newFolder(t)
	p.run("flows", "ls").want(t, 0).says(t, "no flows; jackfield run FILE or jackfield flows import FILE takes one in")
	file := f.put("count.flow.yaml", countFlow)
	p.run("flows", "import", file).want(t, 0).says(t, `imported "Count up" as count-up; run it: jackfield run count-up`)
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	p.run("run", "count-up").want(t, 0)
	p.run("run", "Count up").want(t, 0)
	p.run("run", "cuont-up").want(t, 2).says(t, `jackfield: there is no flow "cuont-up"; did you mean "count-up"?`)

	shown := p.run("flows", "show", "count-up").want(t, 0).out
	equal(t, "exported", p.run("flows", "export", "count-up").want(t, 0).out, shown)
	out := f.path("exported.flow.yaml")
	p.run("flows", "export", "count-up", out).want(t, 0).says(t, "exported version 1 of count-up to "+out)
	equal(t, "exported file", f.read("exported.flow.yaml"), shown)
	p.run("check", out).want(t, 0)
	p.run("flows", "export", "count-up", out).want(t, 2).says(t, out+" is there already; choose another name, or remove it first")

	// A file that is run becomes a flow of its own, with a version for each state.
	p.run("run", out).want(t, 0)
	p.run("flows", "diff", "count-up-2").want(t, 0).says(t, "there is only one version")
	f.put("exported.flow.yaml", strings.Replace(shown, ". + 1", ". + 2", 1))
	p.run("run", out).want(t, 0)
	p.run("flows", "diff", "count-up-2").want(t, 0).says(t, `step "shape": changed map from `, ". + 1", ". + 2")
	p.run("flows", "diff", "count-up-2", "2", "2").want(t, 0).says(t, "nothing changed")
	p.run("flows", "diff", "count-up-2", "1", "7").want(t, 2).says(t, `flow "count-up-2" has no version 7; its newest is 2`)
	equal(t, "old version", p.run("flows", "show", "count-up-2", "--version", "1").want(t, 0).out, shown)

	p.run("flows", "rm", "count-up").want(t, 0).says(t, "removed count-up from this machine; its file and its runs stay")
	p.run("flows", "show", "count-up").want(t, 2).says(t, `there is no flow "count-up"; did you mean "count-up-2"?`)
	oldest := p.runs()[3]
	equal(t, "flow of the oldest run", oldest.Flow, "Count up")
	p.run("runs", "replay", oldest.Run).want(t, 0).says(t, "Count up: done") // its version is kept as long as its runs
}

func TestOnlySoundFlowsAreEnabled(t *testing.T) {
	t.Parallel()
	p, f := newProgram(t), newFolder(t)
	tick := f.put("tick.flow.yaml", tickFlow)
	p.run("flows", "enable", tick).want(t, 0)
	p.run("flows", "ls").want(t, 0).says(t, "tick  Tick  2      1        on")
	p.run("flows", "disable", "tick").want(t, 0).says(t, "tick is disabled")
	p.run("flows", "ls").want(t, 0).hides(t, " on ")
	bad := f.put("bad.flow.yaml", strings.Replace(tickFlow, "path: ticks.jsonl, ", "", 1))
	p.run("flows", "enable", bad).want(t, 2).says(t, bad+`:5:10: step "out", field "path": "File" is needed; set "path", for example `)
	enabled := decode[[]struct {
		ID      string
		Enabled bool
	}](t, p.run("flows", "ls", "--json").want(t, 0))
	for _, one := range enabled {
		equal(t, "whether "+one.ID+" is enabled", one.Enabled, false)
	}
}

func TestSettingsAndLimitsHoldForOneRun(t *testing.T) {
	t.Parallel()
	p, f := newProgram(t), newFolder(t)
	f.put("in.csv", "n\n1\n2\n3\n4\n")
	file := f.put("lines.flow.yaml", linesInto("csv.read\n    with: {path: in.csv}", "."))
	counts := func(args ...string) string {
		t.Helper()
		return onlySummary(t, p.run(append([]string{"run", file, "--json"}, args...)...).want(t, 0).out).counts()
	}
	equal(t, "all", counts(), "out.done=4 read.done=4 shape.done=4")
	equal(t, "with a limit", counts("--limit", "2"), "out.done=2 read.done=2 shape.done=2")
	f.put("other.csv", "n\n7\n")
	equal(t, "with a setting", counts("--set", "read.path=other.csv", "--set", "out.path=other.jsonl"), "out.done=1 read.done=1 shape.done=1")
	equal(t, "other file", f.read("other.jsonl"), `{"n":"7"}`+"\n")
	equal(t, "file of the limit", f.read("out.jsonl"), `{"n":"1"}`+"\n"+`{"n":"2"}`+"\n")

	for _, test := range []struct{ setting, want string }{
		{"read.pth=x", `jackfield: --set read.pth: there is no field "pth"; did you mean "path"?`},
		{"raed.path=x", `jackfield: --set raed.path: a setting is given for step "raed", which is not there; did you mean "read"?`},
		{"read.header=maybe", `jackfield: --set read.header: true or false is wanted, this is "maybe"; true or false`},
		{"read", `jackfield: --set: "read" is not step.key=value`},
	} {
		equal(t, "--set "+test.setting, p.run("run", file, "--set", test.setting).want(t, 2).err, test.want+"\n")
	}
}

func TestEveryListingIsJSONWhenAskedFor(t *testing.T) {
	t.Parallel()
	p, f := newProgram(t), copyExamples(t)
	for _, args := range []string{"flows ls", "runs ls", "connections ls"} {
		text := p.run(append(strings.Fields(args), "--json")...).want(t, 0)
		if !strings.HasPrefix(text.out, "[") || text.err != "" {
			t.Errorf("jackfield %s --json with nothing there: %+v", args, text)
		}
	}
	p.run("run", f.path("orders.flow.yaml")).want(t, 3)
	for _, args := range []string{
		"flows ls", "flows show orders-to-the-shop", "flows diff orders-to-the-shop", "flows enable orders-to-the-shop", "flows disable orders-to-the-shop",
		"runs ls", "runs ls --state partial --limit 1", "runs show last", "runs logs last", "runs diff last last",
		"connections ls", "connections test demo", "connectors ls", "connectors show http", "connectors show csv.read",
		"check " + f.path("orders.flow.yaml"), "doctor", "version",
	} {
		r := p.run(append(strings.Fields(args), "--json")...).want(t, 0)
		if !json.Valid([]byte(r.out)) || r.err != "" {
			t.Errorf("jackfield %s --json: %s%s", args, r.out, r.err)
		}
	}
	for line := range strings.Lines(p.run("runs", "records", "last", "send", "--json").want(t, 0).out) {
		if !json.Valid([]byte(line)) {
			t.Errorf("a record is %s", line)
		}
	}
}

func TestRunsAreLoggedReplayedAndForgotten(t *testing.T) {
	t.Parallel()
	p, f := newProgram(t), newFolder(t)
	p.run("runs", "ls").want(t, 0).says(t, "no runs; jackfield run FILE starts one")
	p.run("runs", "show", "last").want(t, 2).says(t, "jackfield: there are no runs yet; jackfield run FILE starts one")
	file := f.put("count.flow.yaml", strings.Replace(countFlow, "{id: nap, uses: core.wait, with: {for: 1h}}", "{id: nap, uses: core.log, with: {text: tostring}}", 1))
	p.run("run", file, "--input", f.put("in.json", "[200, 300]")).want(t, 0)
	p.run("runs", "logs", "last").want(t, 0).says(t, "info  nap              201\n", "info  nap              301\n")
	p.run("runs", "records", "last", "shap").want(t, 2).says(t, `step "shap" did nothing in this run; did you mean "shape"?`)
	p.run("runs", "replay", "last").want(t, 0)
	runs := p.runs()
	equal(t, "cause", runs[0].Cause, "replay")
	equal(t, "records of the replay", p.run("runs", "records", "last", "nap").want(t, 0).out, "201\n301\n")
	p.run("runs", "rm", runs[1].Run).want(t, 0).says(t, "removed "+runs[1].Run)
	p.run("runs", "show", runs[1].Run).want(t, 2).says(t, `there is no run "`+runs[1].Run+`"; jackfield runs ls lists them`)
	equal(t, "runs that are left", len(p.runs()), 1)
	p.run("runs", "ls", "--flow", "count-up", "--state", "failed").want(t, 0).says(t, "no runs")
}
