package e2e

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// pageSize is that of the store's file on the machines that tests run on.
var pageSize = os.Getpagesize()

// damages are ways in which a disk, or who copied the file, spoils a store.
var damages = []struct {
	name string
	lost bool // part of the history, for certain
	runs int  // of ten, that are listed at the least; where pages that may hold any of them are gone, none
	how  func(file []byte) []byte
}{
	{name: "truncated", how: func(file []byte) []byte { return file[:(usedPages(file)-1)*pageSize] }},
	{name: "random bytes in the middle", lost: true, runs: 10, how: func(file []byte) []byte {
		dice := rand.New(rand.NewPCG(7, 7))
		for _, page := range historyPages(file) {
			for i := page; i < page+pageSize; i++ {
				file[i] = byte(dice.Uint32())
			}
		}
		return file
	}},
	{name: "zeros", lost: true, runs: 10, how: func(file []byte) []byte {
		for _, page := range historyPages(file) {
			clear(file[page : page+pageSize])
		}
		return file
	}},
	{name: "garbage in place of the headers", runs: 10, how: func(file []byte) []byte {
		copy(file, strings.Repeat("This is no header. ", 2*pageSize/19))
		return file
	}},
}

// usedPages is how many pages the newest header says that there are.
func usedPages(file []byte) int {
	const high = 16 + 40 // in a header: bbolt's meta behind its page head
	return int(max(binary.NativeEndian.Uint64(file[high:]), binary.NativeEndian.Uint64(file[pageSize+high:])))
}

// historyPages finds the pages with step runs, and no others.
func historyPages(file []byte) (starts []int) {
	for at := 0; at+pageSize <= len(file); at += pageSize {
		page := file[at : at+pageSize]
		if bytes.Contains(page, []byte(`"key":"shape<`)) && !bytes.Contains(page, []byte("core.map")) {
			starts = append(starts, at)
		}
	}
	return starts
}

// manyRuns fills the home folder of p with two flows and ten runs.
func manyRuns(t *testing.T, p *program, f folder) {
	t.Helper()
	var lines strings.Builder
	for n := range 300 {
		fmt.Fprintf(&lines, `{"n":%d}`+"\n", n)
	}
	f.put("in.jsonl", lines.String())
	const read = "json.read\n    with: {path: in.jsonl, lines: true}"
	one := f.put("one.flow.yaml", linesInto(read, "{n}"))
	two := f.put("two.flow.yaml", strings.Replace(linesInto(read, "{n: (.n + 1)}"), "name: Lines", "name: More lines", 1))
	for range 5 {
		p.run("run", one).want(t, 0)
		p.run("run", two).want(t, 0)
	}
	p.feed("s3cret\n", "connections", "add", "crm", "http", "url=http://127.0.0.1:1", "auth=bearer", "token=-").want(t, 0)
}

func TestDamagedStoreIsNamedAndRescued(t *testing.T) {
	for _, test := range damages {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p, f := newProgram(t), newFolder(t)
			manyRuns(t, p, f)
			before := p.runs()
			store := filepath.Join(p.home, "jackfield.db")
			file, err := os.ReadFile(store)
			if err != nil {
				t.Fatal(err)
			}
			bad := test.how(bytes.Clone(file))
			if bytes.Equal(bad, file) {
				t.Fatal("nothing was damaged")
			}
			write(t, store, string(bad))

			const fix = `run "jackfield doctor --rescue": it moves the file aside and saves what can be read into a new one`
			for _, args := range [][]string{{"flows", "ls"}, {"runs", "ls"}, {"run", f.path("one.flow.yaml")}, {"runs", "resume", "last"}, {"serve"}} {
				p.run(args...).want(t, 1).says(t, "jackfield: "+store+": the store is damaged: ", "; "+fix)
			}
			p.run("doctor").want(t, 1).says(t, "✗ store", "the store is damaged: ", fix)
			if now, err := os.ReadFile(store); err != nil || !bytes.Equal(now, bad) {
				t.Errorf("the damaged file was changed by looking at it: %v", err)
			}

			saved := p.run("doctor", "--rescue").want(t, 0)
			saved.says(t, "the damaged file is kept as "+store+".damaged-1\n", "saved: ")
			if kept, err := os.ReadFile(store + ".damaged-1"); err != nil || !bytes.Equal(kept, bad) {
				t.Errorf("the damaged file is not kept: %v", err)
			}
			told := strings.Contains(saved.out, "\nlost: ")
			if test.lost && !told {
				t.Errorf("nobody says what is lost: %s", saved.out)
			}
			p.run("doctor").want(t, 0).says(t, "✓ store        whole; 2 flows")
			p.run("flows", "ls").want(t, 0).says(t, "one.flow.yaml", "two.flow.yaml", "More lines")
			after := p.runs()
			if !told || !test.lost && test.runs == 10 {
				equal(t, "runs", fmt.Sprint(after), fmt.Sprint(before))
				equal(t, "records", strings.Count(p.run("runs", "records", "last", "shape").want(t, 0).out, "\n"), 300)
			}
			for _, one := range after {
				if !slices.Contains(before, one) {
					t.Errorf("run %v was made up", one)
				}
			}
			if len(after) < test.runs {
				t.Errorf("of %d runs %d are listed\n%s", len(before), len(after), saved.out)
			}
			for _, one := range before {
				if !slices.ContainsFunc(after, func(r runRow) bool { return r.Run == one.Run }) {
					saved.says(t, "\nlost: run "+one.Run+": ")
				}
			}
			if test.runs == 10 {
				p.run("connections", "ls").want(t, 0).says(t, "crm", "token=•••")
			}
			p.run("run", f.path("one.flow.yaml")).want(t, 0)
			p.run("doctor", "--rescue").want(t, 1).says(t, "nothing in it is damaged")
		})
	}
}
