package e2e

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// linesInto is a flow that reads a file, shapes each record and writes the result.
func linesInto(read, shape string) string {
	return fmt.Sprintf(`jackfield: 1
name: Lines
steps:
  - id: read
    uses: %s
  - id: shape
    uses: core.map
    map: '%s'
  - {id: out, uses: json.write, with: {path: out.jsonl, lines: true}}
edges:
  - read -> shape -> out
`, read, shape)
}

func TestJQThatFailsOnRecordSevenKeepsTheOthersAndIsMended(t *testing.T) {
	t.Parallel()
	p, f := newProgram(t), newFolder(t)
	const read = "json.read\n    with: {path: in.jsonl, lines: true}"
	var lines strings.Builder
	for n := 1; n <= 9; n++ {
		if n == 7 {
			lines.WriteString(`{"n":7,"price":"dear"}` + "\n")
		} else {
			fmt.Fprintf(&lines, `{"n":%d,"price":%d}`+"\n", n, n)
		}
	}
	f.put("in.jsonl", lines.String())
	file := f.put("lines.flow.yaml", linesInto(read, "{n, cost: (.price / 2)}"))
	r := p.run("run", file).want(t, 3)
	r.says(t, "◐ Lines: done, some records failed", `step "shape", field "map", line 1, column 12, record `,
		`: cannot divide a text ("dear") by a number (2); mend the data, or write (.price | tonumber? // 0) to count as 0 what is no number`, "\n    {\"n\":7,\"price\":\"dear\"}\n", "to go on: jackfield runs resume ")
	equal(t, "numbers written", ask(t, "jq", "-c", "[.n]", f.path("out.jsonl")), "[1]\n[2]\n[3]\n[4]\n[5]\n[6]\n[8]\n[9]")
	equal(t, "record that failed", p.run("runs", "records", "last", "shape", "--outlet", "failed").want(t, 0).out, `{"n":7,"price":"dear"}`+"\n")

	p.run("runs", "resume", "last").want(t, 3).says(t, `cannot divide a text`)
	f.put("lines.flow.yaml", linesInto(read, "{n, cost: ((.price | tonumber? // 0) / 2)}"))
	done := decode[runSummary](t, p.run("runs", "resume", "last", "--json").want(t, 0))
	equal(t, "counts", done.counts(), "out.done=9 read.done=9 shape.done=9")
	equal(t, "numbers written in the end", ask(t, "jq", "-sc", "map(.n) | sort", f.path("out.jsonl")), "[1,2,3,4,5,6,7,8,9]")
	p.run("runs", "logs", "last").want(t, 0).says(t, "goes on with version 2 of the flow, after version 1")
}

func TestBadRowsOfAFileLeaveByFailedWithTheirPlace(t *testing.T) {
	for _, test := range []struct {
		name, file, text, read string
		says                   []string
		kept, mended, all      string
	}{
		{
			name: "ragged CSV", file: "in.csv", read: "csv.read\n    with: {path: in.csv}",
			text: "id,name,qty\n1,a,3\n2,b\n3,c,4\n4,d,5,6\n5,e,9\n",
			says: []string{
				`step "read", record `, `: in.csv:3: 2 cells where the row of names has 3; add the cells that are missing, or put quotes around cells that hold a line end`, `{"line":3,"text":"2,b"}`,
				`: in.csv:5: 4 cells where the row of names has 3; put quotes around cells that hold the delimiter, or set another delimiter`, `{"line":5,"text":"4,d,5,6"}`,
			},
			kept: `["1","3","5"]`, mended: "id,name,qty\n1,a,3\n2,b,1\n3,c,4\n4,d,\"5,6\"\n5,e,9\n", all: `["1","2","3","4","5"]`,
		},
		{
			name: "CSV in another encoding", file: "in.csv", read: "csv.read\n    with: {path: in.csv}",
			text: "id,name\n1,Ada\n2,J\xf6rg\n3,Bo\n",
			says: []string{`step "read", field "encoding", record `, `: in.csv:3: the byte 0xf6 at offset 17 of the file is not UTF-8; set the encoding of the file; try windows-1252`},
			kept: `["1","3"]`, mended: "id,name\n1,Ada\n2,Jörg\n3,Bo\n", all: `["1","2","3"]`,
		},
		{
			name: "JSON Lines", file: "in.jsonl", read: "json.read\n    with: {path: in.jsonl, lines: true}",
			text: `{"id":"1"}` + "\n" + `{"id":"2"` + "\n" + `nonsense` + "\n" + `{"id":"4"}` + "\n",
			says: []string{`: in.jsonl:2:10: the text ends in the middle of a value; mend the line`, `: in.jsonl:3:2: "o", where the rest of null should be; mend the line`},
			kept: `["1","4"]`, mended: `{"id":"1"}` + "\n" + `{"id":"2"}` + "\n", all: `["1","2"]`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p, f := newProgram(t), newFolder(t)
			f.put(test.file, test.text)
			file := f.put("lines.flow.yaml", linesInto(test.read, "."))
			r := p.run("run", file).want(t, 3)
			r.says(t, test.says...)
			equal(t, "records written", ask(t, "jq", "-sc", "map(.id)", f.path("out.jsonl")), test.kept)
			f.put(test.file, test.mended)
			p.run("run", file).want(t, 0)
			equal(t, "records written once it is mended", ask(t, "jq", "-sc", "map(.id)", f.path("out.jsonl")), test.all)
		})
	}
}

func TestEncodingIsSetForOneRun(t *testing.T) {
	t.Parallel()
	p, f := newProgram(t), newFolder(t)
	f.put("in.csv", "id,name\n2,J\xf6rg\n")
	file := f.put("lines.flow.yaml", linesInto("csv.read\n    with: {path: in.csv}", "."))
	p.run("run", file, "--set", "read.encoding=windows-1252").want(t, 0)
	equal(t, "written", f.read("out.jsonl"), `{"id":"2","name":"Jörg"}`+"\n")
}

func TestFileThatIsNotThereIsNamedWithTheNearest(t *testing.T) {
	t.Parallel()
	p, f := newProgram(t), newFolder(t)
	f.put("orders.csv", "id\n1\n")
	f.put("out.jsonl", "{\"old\":true}\n")
	file := f.put("lines.flow.yaml", linesInto("csv.read\n    with: {path: order.csv}", "."))
	r := p.run("run", file).want(t, 1)
	r.says(t, `step "read", field "path", record `, ": there is no file order.csv in "+f.dir+"; did you mean orders.csv?", "to go on: jackfield runs resume ")
	equal(t, "times it is said", strings.Count(r.out, "there is no file"), 1)
	equal(t, "the old file", f.read("out.jsonl"), "{\"old\":true}\n")
	if err := os.Rename(f.path("orders.csv"), f.path("order.csv")); err != nil {
		t.Fatal(err)
	}
	p.run("runs", "resume", "last").want(t, 0)
	equal(t, "written", f.read("out.jsonl"), `{"id":"1"}`+"\n")
}

const lockFlow = `jackfield: 1
name: Locked
steps:
  - {id: start, uses: core.manual, with: {items: [{n: 1}, {n: 2}, {n: 3}]}}
  - id: keep
    uses: sqlite.upsert
    with: {path: kept.db, table: numbers, key: [n], busy: 50ms}
    retry: {tries: 2, first: 10ms}
  - {id: list, uses: json.write, with: {path: list.jsonl, lines: true}}
edges:
  - start -> keep
  - start -> list
`

func TestLockedDatabaseIsNamedAndTheRunGoesOnWithoutTheLock(t *testing.T) {
	t.Parallel()
	p, f := newProgram(t), newFolder(t)
	file := f.put("locked.flow.yaml", lockFlow)
	release := f.lock("kept.db")
	r := p.run("run", file).want(t, 1)
	r.says(t, `step "keep", field "path", record `, ": the database kept.db is locked by another program; close the program that writes "+f.path("kept.db")+`, or raise "busy", then retry`,
		"warn keep: ", "to go on: jackfield runs resume ")
	p.run("runs", "show", "last").want(t, 0).says(t, "3 failed records of step \"keep\"")
	release()
	done := decode[runSummary](t, p.run("runs", "resume", "last", "--json").want(t, 0))
	equal(t, "counts", done.counts(), "keep.done=3 list.done=3 start.done=3")
	equal(t, "rows", f.sql("kept.db", "select group_concat(n) from numbers"), "1,2,3")
	equal(t, "lines", f.lines("list.jsonl"), 3)
}

// lock holds a database in another program until release is called.
func (f folder) lock(database string) (release func()) {
	f.t.Helper()
	cmd := exec.Command("sqlite3", f.path(database))
	in, err := cmd.StdinPipe()
	if err != nil {
		f.t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		f.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		f.t.Fatal(err)
	}
	released := false
	release = func() {
		if !released {
			released = true
			_ = in.Close() // the lock goes with the process
			_ = cmd.Wait()
		}
	}
	f.t.Cleanup(release)
	fmt.Fprintln(in, "begin exclusive; select 'locked';")
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "locked\n" {
		f.t.Fatalf("lock %s: %q, %v", database, line, err)
	}
	return release
}
