package flow

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

const commented = `# Orders go to the CRM every night.
# Ask Ada before you change it.

jackfield: 1
name: 'Orders to CRM' # as in the contract
# what runs when
steps:
  # starts at half past two
  - id: nightly # the trigger
    uses: core.schedule
    with: {timezone: Europe/Vienna, cron: "30 2 * * *"}

  # the file comes by mail
  - id: orders
    uses: csv.read
    with:
      # relative to this file
      path: orders.csv
      cursor: updated_at # the column
    timeout: 90s
    # end of orders
  - {id: push, uses: http.request, with: {url: 'http://example.org'}}
  - id: rejects
    uses: csv.write
    map: |
      # a comment of jq
      {row: .}
edges:
  # the main road
  - nightly -> orders -> push # goes on
  # the side road
  - {from: push.failed, to: rejects, when: ".total > 0"} # only these
settings:
  keep: 20 # days would be nicer
layout:
  nightly: [10, 20] # far left
# the end
`

func TestRewriteLeavesAnUnchangedFlowAlone(t *testing.T) {
	f, problems := ReadFile([]byte(commented), "f")
	wantProblems(t, problems, nil)
	if got := string(Rewrite([]byte(commented), f)); got != commented {
		t.Errorf("got\n%s", got)
	}
}

func TestRewriteKeepsTheCommentsOfWhatChanges(t *testing.T) {
	f, _ := ReadFile([]byte(commented), "f")
	f.Name = "Orders"
	f.Steps[0].At = Point{300, 20}
	f.Steps[1].With = Values{"path": "new.csv", "cursor": "updated_at", "delimiter": ";"}
	f.Steps = append(f.Steps, Step{ID: "extra", Uses: "core.log"})
	f.Edges[2].When = ".total > 10"
	f.Edges = append(f.Edges, Edge{From: "push", To: "extra"})
	want := `# Orders go to the CRM every night.
# Ask Ada before you change it.

jackfield: 1
name: Orders # as in the contract
# what runs when
steps:
  # starts at half past two
  - id: nightly # the trigger
    uses: core.schedule
    with: {timezone: Europe/Vienna, cron: "30 2 * * *"}

  # the file comes by mail
  - id: orders
    uses: csv.read
    with:
      cursor: updated_at # the column
      delimiter: ";"
      # relative to this file
      path: new.csv
    timeout: 90s
    # end of orders
  - {id: push, uses: http.request, with: {url: 'http://example.org'}}
  - id: rejects
    uses: csv.write
    map: |
      # a comment of jq
      {row: .}
  - id: extra
    uses: core.log
edges:
  # the main road
  - nightly -> orders -> push # goes on
  # the side road
  - {from: push.failed, to: rejects, when: .total > 10} # only these
  - push -> extra
settings:
  keep: 20 # days would be nicer
layout:
  nightly: [300, 20] # far left
# the end
`
	if got := string(Rewrite([]byte(commented), f)); got != want {
		t.Errorf("got\n%s", got)
	}
}

func TestMovingACardTouchesOnlyTheLayout(t *testing.T) {
	for seed := range uint64(100) {
		rnd := rand.New(rand.NewPCG(seed, 5))
		old := sprinkled(rnd, WriteFile(randomFlow(rnd)))
		f, _ := ReadFile(old, "f")
		if len(f.Steps) == 0 {
			continue
		}
		f.Steps[0].At = Point{5000, 5000}
		before, _, _ := strings.Cut(string(old), "\nlayout:")
		got := string(Rewrite(old, f))
		if !strings.HasPrefix(got, before+"\n") || !strings.Contains(got, "[5000, 5000]") {
			t.Fatalf("old:\n%s\nnew:\n%s", old, got)
		}
	}
}

func TestRewriteKeepsTheLinesOfWhatStays(t *testing.T) {
	tests := []struct {
		name, old, want string
		change          func(f *Flow)
	}{
		{
			name: "from Windows", old: "\ufeff# top\r\njackfield: 1\r\nname: x\r\n\r\nnote: |\r\n  a\r\n  b\r\n", want: "\ufeff# top\r\njackfield: 1\r\nname: y\r\n\r\nnote: |\r\n  a\r\n  b\r\n",
			change: func(f *Flow) { f.Name = "y" },
		},
		{
			name: "no line break at the end", old: "name: x # n\njackfield: 1", want: "name: y # n\njackfield: 1\n",
			change: func(f *Flow) { f.Name = "y" },
		},
		{
			name: "step taken out", old: "jackfield: 1\nsteps:\n# one\n- {id: a, uses: x.y}\n\n# two\n- id: b\n  uses: x.y\n# three\n- id: c\n  uses:   x.y\n", want: "jackfield: 1\nsteps:\n# one\n- {id: a, uses: x.y}\n# three\n- id: c\n  uses:   x.y\n",
			change: func(f *Flow) { f.Steps = []Step{f.Steps[0], f.Steps[2]} },
		},
		{
			name: "step renamed", old: "jackfield: 1\nsteps:\n    # one\n    - id: a\n      uses: x.y # op\n    - id: b\n      uses: x.y\nedges: [a -> b]\n", want: "jackfield: 1\nsteps:\n    - id: z\n      uses: x.y\n    - id: b\n      uses: x.y\nedges:\n  - z -> b\n",
			change: func(f *Flow) { f.Steps[0].ID = "z"; f.Edges[0].From = "z" },
		},
		{
			name: "steps in another order", old: "jackfield: 1\nsteps:\n  - id: a # A\n    uses: x.y\n  # before b\n  - id: b\n    uses: x.y\n  # end\n", want: "jackfield: 1\nsteps:\n  # before b\n  - id: b\n    uses: x.y\n  - id: a # A\n    uses: x.y\n  # end\n",
			change: func(f *Flow) { f.Steps[0], f.Steps[1] = f.Steps[1], f.Steps[0] },
		},
		{
			name: "all steps taken out", old: "jackfield: 1\nsteps:\n  - id: a\n    uses: x.y\n# the end\n", want: "jackfield: 1\n# the end\n",
			change: func(f *Flow) { f.Steps = nil },
		},
		{
			name: "new parts find their place", old: "jackfield: 1\n# the steps\nsteps:\n  - id: a\n    uses: x.y\n", want: "jackfield: 1\nname: x\n# the steps\nsteps:\n  - id: a\n    uses: x.y\nsettings:\n  keep: 5\nlayout:\n  a: [1, 2]\n",
			change: func(f *Flow) { f.Name, f.Settings.Keep, f.Steps[0].At = "x", 5, Point{1, 2} },
		},
		{
			name: "chain that goes on and edge with a condition", old: "jackfield: 1\nsteps: [{id: a, uses: x.y}, {id: b, uses: x.y}, {id: c, uses: x.y}]\nedges:\n  - a -> b -> c # road\n  # short cut\n  - a -> c # fast\n",
			want:   "jackfield: 1\nsteps: [{id: a, uses: x.y}, {id: b, uses: x.y}, {id: c, uses: x.y}]\nedges:\n  - a -> b -> c # road\n  # short cut\n  - {from: a, to: c, when: .x} # fast\n",
			change: func(f *Flow) { f.Edges[2].When = ".x" },
		},
		{
			name: "settings of a step with an alias elsewhere", old: "jackfield: 1\nsteps:\n  - id: a\n    uses: x.y\n    with: &w {n: 1}\n  - id: b\n    uses: x.y\n    with: *w\n  - id: c\n    uses: x.y\n", want: "jackfield: 1\nsteps:\n  - id: a\n    uses: x.y\n    with: &w {n: 1}\n  - id: b\n    uses: x.y\n    with: *w\n  - id: c\n    uses: x.z\n",
			change: func(f *Flow) { f.Steps[2].Uses = "x.z" },
		},
		{
			name: "alias whose anchor goes", old: "jackfield: 1\nsteps:\n  - id: a\n    uses: x.y\n    with: &w {n: 1}\n  - id: b\n    uses: x.y\n    with: *w\n", want: "jackfield: 1\nsteps:\n  - id: b\n    uses: x.y\n    with: {n: 1}\n",
			change: func(f *Flow) { f.Steps = f.Steps[1:] },
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, problems := ReadFile([]byte(tt.old), "f")
			wantProblems(t, problems, nil)
			tt.change(&f)
			if got := string(Rewrite([]byte(tt.old), f)); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

func TestRewriteGivesUpOnAFileThatCannotBeRead(t *testing.T) {
	f := randomFlow(rand.New(rand.NewPCG(3, 3)))
	for _, old := range []string{"", "\t:", "- a", "hello", "\xff"} {
		if !bytes.Equal(Rewrite([]byte(old), f), WriteFile(f)) {
			t.Errorf("over %q it differs", old)
		}
	}
}

func TestRewriteKeepsJSON(t *testing.T) {
	f := Flow{Name: "Ü \"x\"", Steps: []Step{{ID: "a", Uses: "x.y", With: Values{"f": 1.0, "n": 1, "e": []any{}, "o": map[string]any{"k": []any{nil, true, "1"}}}, Map: ".a\n"}}}
	want := `{
  "jackfield": 1,
  "name": "Ü \"x\"",
  "steps": [
    {
      "id": "a",
      "uses": "x.y",
      "with": {
        "e": [],
        "f": 1.0,
        "n": 1,
        "o": {
          "k": [
            null,
            true,
            "1"
          ]
        }
      },
      "map": ".a\n"
    }
  ]
}
`
	got := Rewrite([]byte(`{"jackfield": 1, "name": "old"}`), f)
	if string(got) != want {
		t.Errorf("got\n%s", got)
	}
	back, problems := ReadFile(got, "f.json")
	wantProblems(t, problems, nil)
	if !sameFlow(back, f) {
		t.Errorf("read back it is %#v", back)
	}
}

func TestARewrittenFileIsReadAsTheNewFlow(t *testing.T) {
	for seed := range uint64(300) {
		rnd := rand.New(rand.NewPCG(seed, 4))
		old := sprinkled(rnd, WriteFile(randomFlow(rnd)))
		f := randomFlow(rnd)
		if rnd.IntN(2) == 0 {
			f = slightlyChanged(rnd, old)
		}
		text := Rewrite(old, f)
		got, problems := ReadFile(text, "f")
		for _, p := range problems {
			t.Errorf("%s", p.Error())
		}
		if !sameFlow(got, f) {
			t.Errorf("got %#v\nwant %#v", got, f)
		}
		if again := Rewrite(text, f); !bytes.Equal(again, text) {
			t.Errorf("rewritten again it is\n%s", again)
		}
		if t.Failed() {
			t.Fatalf("old:\n%s\nnew:\n%s", old, text)
		}
	}
}

// sprinkled puts comments between and behind the lines of a file, where its texts
// allow.
func sprinkled(rnd *rand.Rand, data []byte) []byte {
	want, _ := ReadFile(data, "f")
	for range 6 {
		lines := strings.SplitAfter(string(data), "\n")
		i := rnd.IntN(len(lines))
		indent := lines[i][:len(lines[i])-len(strings.TrimLeft(lines[i], " "))]
		comment := fmt.Sprintf("# note %d\n", rnd.IntN(100))
		switch rnd.IntN(3) {
		case 0:
			lines[i] = indent + comment + lines[i]
		case 1:
			lines[i] = strings.TrimSuffix(lines[i], "\n") + " " + comment
		case 2:
			lines[i] = "\n" + comment + "\n" + lines[i]
		}
		changed := []byte(strings.Join(lines, ""))
		if got, problems := ReadFile(changed, "f"); len(problems) == 0 && sameFlow(got, want) {
			data = changed
		}
	}
	return data
}

func slightlyChanged(rnd *rand.Rand, data []byte) Flow {
	f, _ := ReadFile(data, "f")
	other := randomFlow(rnd)
	switch rnd.IntN(3) {
	case 0:
		f.Name, f.Settings = other.Name, other.Settings
	case 1:
		if len(f.Steps) > 0 && len(other.Steps) > 0 {
			s := &f.Steps[rnd.IntN(len(f.Steps))]
			id := s.ID
			*s = other.Steps[0]
			s.ID = id
		}
	case 2:
		f.Edges = f.Edges[:len(f.Edges)/2]
		if len(f.Edges) == 0 {
			f.Edges = nil
		}
	}
	return f
}

// large is a flow of n steps in a row, each with an edge to the next but one.
func large(n int) Flow {
	f := Flow{Name: "Large"}
	for i := range n {
		f.Steps = append(f.Steps, Step{
			ID: StepID(fmt.Sprintf("s%d", i)), Uses: "http.request", Connection: "crm", Map: "{\n  body: {name: .customer}\n}\n",
			With: Values{"method": "POST", "path": "/contacts", "headers": map[string]any{"Accept": "application/json"}}, At: Point{float32(i), 80},
		})
		for _, to := range []int{i + 1, i + 2} {
			if to < n {
				f.Edges = append(f.Edges, Edge{From: StepID(fmt.Sprintf("s%d", i)), To: StepID(fmt.Sprintf("s%d", to))})
			}
		}
	}
	return f
}

func BenchmarkLargeFlow(b *testing.B) {
	f := large(2000)
	text := WriteFile(f)
	b.Run("ReadFile", func(b *testing.B) {
		for b.Loop() {
			ReadFile(text, "f")
		}
	})
	b.Run("WriteFile", func(b *testing.B) {
		for b.Loop() {
			WriteFile(f)
		}
	})
	b.Run("Structure", func(b *testing.B) {
		for b.Loop() {
			f.Structure()
		}
	})
	b.Run("Rewrite", func(b *testing.B) {
		moved := large(2000)
		moved.Steps[7].At.X, moved.Steps[8].Title, moved.Edges[3].When = 900, "Eight", ".x"
		for b.Loop() {
			Rewrite(text, moved)
		}
	})
	b.Run("Diff", func(b *testing.B) {
		other := large(2000)
		for b.Loop() {
			Diff(f, other)
		}
	})
}
