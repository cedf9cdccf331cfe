package flow

import (
	"fmt"
	"testing"
)

func TestProblemsTellWhereWhatAndFix(t *testing.T) {
	tests := []struct {
		name    string
		problem Problem
		where   string
		all     string
	}{
		{name: "what alone", problem: Problem{What: "it broke"}, all: "it broke"},
		{name: "with a fix", problem: Problem{What: "it broke", Fix: "mend it"}, all: "it broke; mend it"},
		{name: "step", problem: Problem{Step: "send", What: "x"}, where: `step "send"`, all: `step "send": x`},
		{
			name: "field", problem: Problem{Step: "send", Field: "url", What: "the address has no scheme", Fix: "try https://example.com"},
			where: `step "send", field "url"`, all: `step "send", field "url": the address has no scheme; try https://example.com`,
		},
		{name: "file", problem: Problem{File: "f.yaml", What: "x"}, where: "f.yaml", all: "f.yaml: x"},
		{name: "line", problem: Problem{File: "f.yaml", Line: 12, Column: 5, What: "x"}, where: "f.yaml:12:5", all: "f.yaml:12:5: x"},
		{name: "line without a column", problem: Problem{File: "f.yaml", Line: 12, What: "x"}, where: "f.yaml:12:1", all: "f.yaml:12:1: x"},
		{name: "line of jq", problem: Problem{Step: "a", Field: "map", Line: 2, Column: 3, What: "x"}, where: `step "a", field "map", line 2, column 3`, all: `step "a", field "map", line 2, column 3: x`},
		{
			name: "edge", problem: Problem{Step: "a", Field: "a.failed -> b", File: "f.yaml", Line: 9, What: "x"},
			where: `f.yaml:9:1, edge "a.failed -> b"`, all: `f.yaml:9:1, edge "a.failed -> b": x`,
		},
		{name: "record", problem: Problem{Step: "a", Record: "7k", What: "x"}, where: `step "a", record 7k`, all: `step "a", record 7k: x`},
		{
			name: "everything", problem: Problem{File: "f", Line: 1, Column: 2, Step: "a", Field: "b", Record: "c", What: "x", Fix: "y"},
			where: `f:1:2, step "a", field "b", record c`, all: `f:1:2, step "a", field "b", record c: x; y`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.problem.Where(); got != tt.where {
				t.Errorf("where is %q, want %q", got, tt.where)
			}
			if got := tt.problem.Error(); got != tt.all {
				t.Errorf("all is %q, want %q", got, tt.all)
			}
		})
	}
}

func TestNearestFindsWhatWasMeant(t *testing.T) {
	known := []string{"orders", "push", "rejects", "on"}
	tests := []struct{ name, want string }{
		{"order", "orders"},
		{"odrers", "orders"},
		{"Orders", "orders"},
		{"pusch", "push"},
		{"rejets", "rejects"},
		{"no", "on"},
		{"customers", ""},
		{"xyz", ""},
		{"rejection_list", ""},
	}
	for _, tt := range tests {
		if got, ok := Nearest(tt.name, known); got != tt.want || ok != (tt.want != "") {
			t.Errorf("Nearest(%q) = %q, %v, want %q", tt.name, got, ok, tt.want)
		}
	}
	if got, ok := Nearest("x", nil); ok {
		t.Errorf("of nothing there is %q", got)
	}
	if got, _ := Nearest("abcd", []string{"abce", "abcf"}); got != "abce" {
		t.Errorf("of two alike the first is meant, not %q", got)
	}
}

func TestEditsCountInsertsDeletesReplacesAndSwaps(t *testing.T) {
	tests := []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"", "abc", 3},
		{"abc", "", 3},
		{"abc", "abc", 0},
		{"abc", "abd", 1},
		{"abc", "ac", 1},
		{"ac", "abc", 1},
		{"ab", "ba", 1},
		{"ca", "abc", 3},
		{"größe", "groesse", 4},
		{"kitten", "sitting", 3},
	}
	for _, tt := range tests {
		if got := edits(tt.a, tt.b); got != tt.want {
			t.Errorf("from %q to %q it takes %d, want %d", tt.a, tt.b, got, tt.want)
		}
	}
}

func TestChildrenHaveTheirOwnIDsOnEveryTry(t *testing.T) {
	parents := []RecordID{"a", "b"}
	if Child("s", parents, 1) != Child("s", []RecordID{"a", "b"}, 1) {
		t.Error("the same child has two ids")
	}
	seen := map[RecordID]string{}
	check := func(what string, id RecordID) {
		if other, twice := seen[id]; twice || len(id) != 16 {
			t.Errorf("%s has the id %q of %s", what, id, other)
		}
		seen[id] = what
	}
	check("parents", Child("s", parents, 1))
	check("another number", Child("s", parents, 2))
	check("another step", Child("t", parents, 1))
	check("no parents", Child("s", nil, 1))
	check("parents in another order", Child("s", []RecordID{"b", "a"}, 1))
	check("parents run together", Child("s", []RecordID{"ab"}, 1))
	check("a step run into its parent", Child("sa", []RecordID{"b"}, 1))
	for i := range 1000 {
		check(fmt.Sprint("number ", 10+i), Child("s", parents, 10+i))
	}
}
