package flow

import (
	"fmt"
	"strings"
	"testing"
)

const placed = `jackfield: 1
name: Places
steps:
  - id: a
    uses: http.request
    with:
      url: https://example.org
      headers: {X-Id: "1"}
      lines:
        - {sku: x}
        - {sku: y}
      timeout: 5s
    map: |

      {
        a: .ü | foo
      }
    timeout: 1m
  - id: b
    uses: core.map
    map: .x | .y
  - id: c
    uses: core.switch
    map: "a\t\u00fc \"x\" | bad"
  - id: d
    uses: core.map
    map: 'it''s | bad'
  - id: e
    uses: core.map
    map: |2-
          .x
        | bad
edges:
  - a -> b
  - {from: b, to: c, when: .total > bad}
  - a.failed -> d
  - c -> d
  - c.other -> d
settings: {timeout: 1h}
`

func TestLocateFindsThePlaceInTheFile(t *testing.T) {
	tests := []struct {
		name    string
		problem Problem
		want    string // what the line has from the column on
	}{
		{name: "step", problem: Problem{Step: "b"}, want: "b\n"},
		{name: "operation", problem: Problem{Step: "a", Field: "uses"}, want: "http.request\n"},
		{name: "setting", problem: Problem{Step: "a", Field: "url"}, want: "https://example.org\n"},
		{name: "inside a setting", problem: Problem{Step: "a", Field: "lines[1].sku"}, want: "y}\n"},
		{name: "name with a dash", problem: Problem{Step: "a", Field: "headers.X-Id"}, want: "\"1\"}\n"},
		{name: "the operation's timeout", problem: Problem{Step: "a", Field: "timeout"}, want: "5s\n"},
		{name: "setting that is not there", problem: Problem{Step: "b", Field: "url"}, want: "b\n"},
		{name: "jq in a block", problem: Problem{Step: "a", Field: "map", Line: 3, Column: 11}, want: "foo\n"},
		{name: "jq in one line", problem: Problem{Step: "b", Field: "map", Line: 1, Column: 6}, want: ".y\n"},
		{name: "jq in quotes", problem: Problem{Step: "c", Field: "map", Line: 1, Column: 11}, want: "bad\"\n"},
		{name: "jq in single quotes", problem: Problem{Step: "d", Field: "map", Line: 1, Column: 8}, want: "bad'\n"},
		{name: "jq in a block that begins with spaces", problem: Problem{Step: "e", Field: "map", Line: 2, Column: 5}, want: "bad\n"},
		{name: "whole mapping", problem: Problem{Step: "b", Field: "map"}, want: ".x | .y\n"},
		{name: "edge", problem: Problem{Step: "a", Field: "a.failed -> d"}, want: "a.failed -> d\n"},
		{name: "condition of an edge", problem: Problem{Step: "b", Field: "b -> c", Line: 1, Column: 10}, want: "bad}\n"},
		{name: "flow", problem: Problem{Field: "settings.timeout"}, want: "1h}\n"},
		{name: "nothing in particular", problem: Problem{}, want: "jackfield: 1\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.problem.Code = "test"
			got := Locate([]byte(placed), []Problem{tt.problem}, "p.yaml")[0]
			if rest := behind(placed, got.Line, got.Column); rest != tt.want || got.File != "p.yaml" {
				t.Errorf("%s:%d:%d is %q", got.File, got.Line, got.Column, rest)
			}
		})
	}
}

// behind is the rest of a line from a column on.
func behind(text string, line, column int) string {
	lines := strings.SplitAfter(text, "\n")
	if line < 1 || line > len(lines) {
		return fmt.Sprintf("no line %d", line)
	}
	runes := []rune(lines[line-1])
	if column < 1 || column > len(runes) {
		return fmt.Sprintf("no column %d", column)
	}
	return string(runes[column-1:])
}

func TestLocateFindsThePlaceInJSON(t *testing.T) {
	data := `{"jackfield": 1, "name": "x",
 "steps": [{"id": "a", "uses": "x.y", "map": "\ud83d\ude00\n  | bad"}]}`
	got := Locate([]byte(data), []Problem{{Step: "a", Field: "map", Line: 2, Column: 5}}, "p.json")[0]
	if rest := behind(data, got.Line, got.Column); rest != `bad"}]}` {
		t.Errorf("%d:%d is %q", got.Line, got.Column, rest)
	}
}

func TestLocateLeavesAloneWhatItCannotPlace(t *testing.T) {
	told := Problem{File: "other.yaml", Line: 7, What: "x"}
	gone := Problem{Step: "gone", Field: "map", Line: 3, Column: 4}
	got := Locate([]byte(placed), []Problem{told, gone}, "p.yaml")
	if got[0] != told {
		t.Errorf("got %+v", got[0])
	}
	if got[1].File != "p.yaml" || got[1].Line != 0 {
		t.Errorf("got %+v", got[1])
	}
	if got := Locate([]byte("\t:"), []Problem{gone}, "p.yaml")[0]; got.File != "p.yaml" || got.Line != 0 {
		t.Errorf("in a file that cannot be read: %+v", got)
	}
}

func TestLocateTakesAnyPlace(t *testing.T) {
	for _, step := range []StepID{"a", "b", "c", "d", "e"} {
		for line := range 6 {
			for column := range 40 {
				got := Locate([]byte(placed), []Problem{{Step: step, Field: "map", Line: line, Column: column}}, "p")[0]
				if got.Line < 1 || got.Column < 1 {
					t.Fatalf("%s %d:%d became %d:%d", step, line, column, got.Line, got.Column)
				}
			}
		}
	}
}
