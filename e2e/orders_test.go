package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
)

// TestOrdersExampleTellsAllInOneObject runs the example that the program is judged by.
func TestOrdersExampleTellsAllInOneObject(t *testing.T) {
	t.Parallel()
	p, f := newProgram(t), copyExamples(t)
	r := p.run("run", f.path("orders.flow.yaml"), "--json").want(t, 3)
	equal(t, "standard error", r.err, "")
	s := onlySummary(t, r.out)
	equal(t, "flow", s.Flow, "Orders to the shop")
	equal(t, "state", s.State, "partial")
	equal(t, "counts", s.counts(), "cancelled.done=4 keep.done=31 orders.done=40 others.done=2 rejects.done=3 "+
		"route.cancelled=4 route.paid=34 route.unmatched=2 send.done=31 send.failed=3 shape.done=34")

	shown := decode[runSummary](t, p.run("runs", "show", s.Run, "--json").want(t, 0))
	equal(t, "run that is shown", shown.Run+" "+shown.Flow+" "+shown.State+" "+fmt.Sprint(*shown.TookMS), s.Run+" "+s.Flow+" "+s.State+" "+fmt.Sprint(*s.TookMS))
	equal(t, "counts that are shown", shown.counts(), s.counts())
	for step, outlets := range s.Steps {
		for outlet, n := range outlets {
			records := p.run("runs", "records", s.Run, step, "--outlet", outlet).want(t, 0).out
			equal(t, "records of "+step+"."+outlet, strings.Count(records, "\n"), n)
		}
	}
	refused := refusedOrders(t, f)
	equal(t, "refused orders", len(refused), 3)
	equal(t, "ids in the file of rejects", ids(f.rows("out/rejects.csv")), strings.Join(refused, " "))
	checkOrders(t, f, refused)
}

func TestOrdersExampleInsertsNothingTwice(t *testing.T) {
	t.Parallel()
	p, f := newProgram(t), copyExamples(t)
	first := onlySummary(t, p.run("run", f.path("orders.flow.yaml"), "--json").want(t, 3).out)
	kept := f.sql("out/orders.db", "select * from orders order by id")
	second := onlySummary(t, p.run("run", f.path("orders.flow.yaml"), "--json").want(t, 3).out)
	if first.Run == second.Run {
		t.Errorf("both runs are %s", first.Run)
	}
	equal(t, "counts", second.counts(), first.counts())
	checkOrders(t, f, refusedOrders(t, f))
	equal(t, "ids in the file of rejects", ids(f.rows("out/rejects.csv")), strings.Join(refusedOrders(t, f), " "))
	if now := f.sql("out/orders.db", "select * from orders order by id"); len(strings.Split(now, "\n")) != len(strings.Split(kept, "\n")) {
		t.Errorf("the table had\n%s\nand has\n%s", kept, now)
	}
	p.run("runs", "diff", first.Run, second.Run).want(t, 0).says(t, "the same number of records left every step")
	// What was refused went on to the rejects, so nothing is left to retry.
	p.run("runs", "show", second.Run).want(t, 0).hides(t, "runs resume")
}

// onlySummary reads a summary that is all there is, with no field more or less.
func onlySummary(t *testing.T, out string) runSummary {
	t.Helper()
	var s runSummary
	dec := json.NewDecoder(strings.NewReader(out))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&s); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		t.Errorf("something stands behind the object: %s", out)
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal([]byte(out), &fields); err != nil || len(fields) != 5 {
		t.Errorf("%v, %d fields in %s", err, len(fields), out)
	}
	if s.Run == "" || s.TookMS == nil || *s.TookMS < 0 || len(s.Steps) == 0 {
		t.Errorf("the summary is %s", out)
	}
	return s
}

// orders asks SQLite's own reader of CSV about the example's data.
func orders(t *testing.T, f folder, query string) string {
	t.Helper()
	return ask(t, "sqlite3", ":memory:", "-cmd", ".mode csv", "-cmd", fmt.Sprintf(".import %q orders", f.path("data/orders.csv")), "-cmd", ".mode list", query)
}

// refusedOrders are the paid ones that have no total, or one that is not above 0.
func refusedOrders(t *testing.T, f folder) []string {
	t.Helper()
	return strings.Fields(orders(t, f, `select "order" from orders where status = 'paid' and cast(net as real) <= 0 order by 1`))
}

// checkOrders compares the database with the file, neither read by us.
func checkOrders(t *testing.T, f folder, refused []string) {
	t.Helper()
	equal(t, "rows and ids", f.sql("out/orders.db", "select count(*) || ' ' || count(distinct id) from orders"), "31 31")
	paid := strings.Fields(orders(t, f, `select "order" from orders where status = 'paid' order by 1`))
	paid = slices.DeleteFunc(paid, func(id string) bool { return slices.Contains(refused, id) })
	equal(t, "orders kept", strings.Join(strings.Fields(f.sql("out/orders.db", "select id from orders order by id")), " "), strings.Join(paid, " "))
	sum := orders(t, f, `select printf('%.2f', sum(round(net * (100 + vat) / 100, 2))) from orders where status = 'paid' and cast(net as real) > 0`)
	equal(t, "sum of the totals", f.sql("out/orders.db", "select printf('%.2f', sum(total)) from orders"), sum)
	equal(t, "orders cancelled", ids(f.rows("out/cancelled.csv")), strings.Join(strings.Fields(orders(t, f, `select "order" from orders where status = 'cancelled' order by 1`)), " "))
}

// ids lists the first column behind the row of names.
func ids(rows [][]string) string {
	var all []string
	for _, row := range rows[1:] {
		all = append(all, row[0])
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

func TestPipesStayClean(t *testing.T) {
	t.Parallel()
	p, f := newProgram(t), newFolder(t)
	file := f.put("intake.flow.yaml", `jackfield: 1
name: Intake
steps:
  - {id: start, uses: core.manual}
  - {id: shape, uses: core.map, map: '{n: (.n + 1)}'}
  - {id: warn, uses: core.log, with: {level: warn, text: '"saw \(.n)"'}}
edges:
  - start -> shape -> warn
`)
	in := f.put("in.json", `[{"n": 1}, {"n": 2}, {"n": 3}]`)
	// As the README writes it.
	piped := ask(t, "sh", "-c", `cat "$0" | "$1" --home "$2" run "$3" --input - --json 2>"$4" | jq -c .steps`, in, p.bin, p.home, file, f.path("stderr"))
	equal(t, "what jq gives", piped, `{"shape":{"done":3},"start":{"done":3},"warn":{"done":3}}`)
	equal(t, "standard error", f.read("stderr"), "warn warn: saw 2\nwarn warn: saw 3\nwarn warn: saw 4\n")
	equal(t, "records", p.run("runs", "records", "last", "shape").want(t, 0).out, "{\"n\":2}\n{\"n\":3}\n{\"n\":4}\n")
	equal(t, "records taken", p.run("runs", "records", "last", "shape", "--input").want(t, 0).out, "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n")
	lines := p.feed("{\"n\":1}\n{\"n\":2}\n", "run", file, "--input", "-", "--json").want(t, 0)
	equal(t, "counts of two lines", onlySummary(t, lines.out).counts(), "shape.done=2 start.done=2 warn.done=2")
	r := p.run("run", file, "--input", f.path("inn.json")).want(t, 2)
	equal(t, "standard error", r.err, "jackfield: there is no file "+f.path("inn.json")+"; did you mean "+in+"?\n")
	p.feed("{\"n\":", "run", file, "--input", "-").want(t, 1).says(t, "read input -: line 1, column 6")
}
