package e2e

import (
	"strings"
	"testing"

	"jackfield/flow"
)

// badFlows are flow files with something wrong in them, and all that is to be said of
// it: the place, what is there, what to do. A % stands for the file's path.
var badFlows = []struct{ name, file, want string }{
	{
		name: "broken",
		file: "jackfield: 1\nname: Broken\nsteps:\n  - id: a\n    uses: core.map\n   map: .x\n",
		want: `%:6:4: the indentation does not fit what stands before it; begin the names of one level in the same column`,
	},
	{
		name: "a tab",
		file: "jackfield: 1\nname: Broken\nsteps:\n\t- id: a\n",
		want: `%:4:1: a tab stands where spaces should; indent with spaces`,
	},
	{
		name: "a bracket",
		file: "jackfield: 1\nname: Broken\nsteps:\n  - {id: a, uses: core.map, map: '.x'\n  - {id: b, uses: core.map}\n",
		want: `%:4:3: a quote or a bracket is not closed; close it, or put the text in quotes`,
	},
	{
		name: "empty",
		want: `%:1:1: the file is empty; a flow file begins with "jackfield: 1"`,
	},
	{
		name: "not text",
		file: "\x7fELF\x02\x01\x01\x00\x00",
		want: `%:1:5: there is the control character 0x02; remove it, or write it as an escape in double quotes`,
	},
	{
		name: "unknown key",
		file: "jackfield: 1\nname: Key\nsteps:\n  - id: a\n    uses: core.manual\n    retries: {tries: 3}\n",
		want: `%:6:5: step "a": a step has no "retries"; it may have id, title, uses, in, connection, with, map, retry, on_error, uncertain, timeout, rate, parallel, order, off`,
	},
	{
		name: "unknown operation",
		file: "jackfield: 1\nname: Operation\nsteps:\n  - {id: a, uses: core.mapp}\n  - {id: b, uses: sqlite.store}\n  - {id: c, uses: crm.push}\n",
		want: `%:4:19: step "a", field "uses": there is no operation "core.mapp"; did you mean "core.map"?
%:5:19: step "b", field "uses": there is no operation "sqlite.store"; SQLite has sqlite.query, sqlite.read, sqlite.insert, sqlite.update, sqlite.upsert, sqlite.delete
%:6:19: step "c", field "uses": there is no operation "crm.push"; choose one from the palette, which jackfield connectors ls lists too`,
	},
	{
		name: "missing field",
		file: "jackfield: 1\nname: Field\nsteps:\n  - {id: read, uses: csv.read}\n  - {id: keep, uses: sqlite.upsert, with: {path: x.db, kee: [id]}}\nedges:\n  - read -> keep\n",
		want: `%:4:10: step "read", field "path": "File" is needed; set "path", for example orders.csv
%:5:10: step "keep", field "table": "Table" is needed; set "table", for example orders
%:5:10: step "keep", field "key": "Key columns" is needed; set "key", for example id
%:5:61: step "keep", field "kee": there is no field "kee"; did you mean "key"?`,
	},
	{
		name: "wrong kind of value",
		file: "jackfield: 1\nname: Kind\nsteps:\n  - {id: nap, uses: core.wait, with: {for: soon}}\n",
		want: `%:4:44: step "nap", field "for": a length of time is wanted, this is "soon"; write it like 30s, 5m or 1h30m`,
	},
	{
		name: "cycle",
		file: "jackfield: 1\nname: Round\nsteps:\n  - {id: a, uses: core.map, map: .}\n  - {id: b, uses: core.map, map: .}\n  - {id: c, uses: core.map, map: .}\nedges:\n  - a -> b -> c\n  - c -> a\n",
		want: `%:4:10: step "a": records would go round: a → b → c → a; remove one of these edges`,
	},
	{
		name: "edges",
		file: "jackfield: 1\nname: Edges\nsteps:\n  - {id: a, uses: core.filter, with: {when: .x > 1}}\n  - {id: b, uses: core.map, map: .}\nedges:\n  - a.yes -> b\n  - b -> bee\n",
		want: `%:7:5: edge "a.yes -> b": no record leaves "a" by "yes"; records leave by true, false, empty, failed
%:8:5: edge "b -> bee": there is no step "bee"; add the step or remove the edge`,
	},
	{
		name: "jq",
		file: `jackfield: 1
name: jq
steps:
  - id: shape
    uses: core.map
    map: |
      {
        name: .name,
        total: (.quantity * .price
      }
  - {id: tell, uses: core.log, with: {text: '.name | upper'}}
  - {id: pick, uses: core.filter, with: {when: .total >}}
edges:
  - {from: shape, to: tell, when: .total = }
  - tell -> pick
`,
		want: `%:10:7: step "shape", field "map": this } does not close the ( on line 3, column 10; write ) before it
%:11:54: step "tell", field "text": there is no function upper/0; in jq this is ascii_upcase
%:12:56: step "pick", field "when": the program ends behind >; write what comes next, or take the > away
%:14:43: edge "shape -> tell": the program ends behind =; write what comes next, or take the = away`,
	},
	{
		name: "schedule",
		file: "jackfield: 1\nname: Clock\nsteps:\n  - {id: at, uses: core.schedule, with: {cron: 99 * * * *}}\n",
		want: `%:4:48: step "at", field "cron": the schedule "99 * * * *" cannot be read: end of range (99) above maximum (59): 99; write minute, hour, day of month, month and day of week, for example "30 2 * * *"`,
	},
}

func TestBadFlowFilesAreToldWithPlaceReasonAndWayOut(t *testing.T) {
	for _, test := range badFlows {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p, f := newProgram(t), newFolder(t)
			path := f.put("bad.flow.yaml", test.file)
			want := strings.ReplaceAll(test.want, "%", path)
			checked := p.run("check", path).want(t, 2)
			equal(t, "check", checked.out, want+"\n")
			equal(t, "standard error of check", checked.err, "")
			ran := p.run("run", path).want(t, 2)
			equal(t, "standard output of run", ran.out, "")
			if first, _, _ := strings.Cut(ran.err, "\n"); !strings.HasPrefix(first, path+":") || !strings.Contains(want, first) {
				t.Errorf("run says:\n%s\nwant lines of\n%s", ran.err, want)
			}
			p.run("flows", "import", path).says(t, path+":")
			equal(t, "runs", len(p.runs()), 0)

			problems := decode[[]flow.Problem](t, p.run("check", path, "--json").want(t, 2))
			equal(t, "problems as JSON", len(problems), strings.Count(want, "\n")+1)
			for _, one := range problems {
				if one.File != path || one.Line == 0 || one.Column == 0 || one.What == "" || one.Fix == "" || one.Code == "" {
					t.Errorf("a part is missing: %+v", one)
				}
			}
		})
	}
}

func TestCheckCountsGoodFilesAndTellsOfEachBadOne(t *testing.T) {
	t.Parallel()
	p, f := newProgram(t), copyExamples(t)
	p.run("check", f.path("orders.flow.yaml"), f.path("json.flow.yaml")).want(t, 0).says(t, "2 flows, no problems\n")
	equal(t, "no problems as JSON", p.run("check", f.path("json.flow.yaml"), "--json").want(t, 0).out, "[]\n")
	bad := f.put("bad.flow.yaml", badFlows[0].file)
	r := p.run("check", f.path("orders.flow.yaml"), bad).want(t, 2)
	equal(t, "standard output", r.out, strings.ReplaceAll(badFlows[0].want, "%", bad)+"\n")
	p.run("check", f.path("order.flow.yaml")).want(t, 2).says(t, "there is no file "+f.path("order.flow.yaml")+"; did you mean "+f.path("orders.flow.yaml")+"?")
}
