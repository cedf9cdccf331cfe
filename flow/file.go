package flow

import (
	"cmp"
	"slices"

	yaml "go.yaml.in/yaml/v3"
)

// fileVersion stands first in a flow file, under "jackfield".
const fileVersion = 1

// The kinds of problem that a flow file can have, beside those of its structure.
const (
	BadText      Code = "bad-text"      // not UTF-8, or not YAML
	BadVersion   Code = "bad-version"   // not written for this program
	UnknownKey   Code = "unknown-key"   // a name that means nothing here
	DuplicateKey Code = "duplicate-key" // a name that is there twice
	WrongType    Code = "wrong-type"    // a list in place of a text, and the like
	BadEdge      Code = "bad-edge"      // an edge that cannot be read
	Doubtful     Code = "doubtful"      // it is read, perhaps not as it was meant
	TooMuch      Code = "too-much"      // the file is larger or deeper than a flow can be
)

// ReadFile reads a flow file: YAML, or JSON, which is YAML. name is what problems
// call the file. It finds as many problems as it can in one go, those of the
// structure among them but for its warnings, and gives what of the flow could be
// read.
func ReadFile(data []byte, name string) (Flow, []Problem) {
	r := readFile(data, name)
	known := len(r.problems)
	for _, p := range r.flow.Structure() {
		if p.Warning || p.Code == UnknownStep && r.stepLost {
			continue
		}
		if p = r.locate(p); !toldThere(r.problems[:known], p) {
			r.problems = append(r.problems, p)
		}
	}
	slices.SortStableFunc(r.problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return r.flow, r.problems
}

// toldThere says whether one of the problems stands at the place of p already, so
// that p only follows from it.
func toldThere(problems []Problem, p Problem) bool {
	for _, q := range problems {
		if q.Line == p.Line && q.Column == p.Column && !q.Warning {
			return true
		}
	}
	return false
}

// fileReader reads the nodes of one file into a flow, and remembers where steps and
// edges stand.
type fileReader struct {
	name     string
	data     []byte
	root     *yaml.Node // nil where there is none
	flow     Flow
	problems []Problem
	fragment bool // it is a piece of a flow, to be pasted

	step     StepID // whose keys are being read
	path     []string
	seen     int  // nodes of values, with repeated ones counted again
	full     bool // there were too many
	steps    []*yaml.Node
	edges    []*yaml.Node
	stepLost bool // a step could not be read, or its id not
	told     map[string]int
}

func readFile(data []byte, name string) *fileReader {
	r := &fileReader{name: name, data: data, told: map[string]int{}}
	root, p := parseFile(data)
	if p != nil {
		p.File = name
		r.problems = append(r.problems, *p)
		return r
	}
	r.root = root
	r.readFlow(root)
	return r
}

// mostProblems bounds what a file of rubbish costs.
const mostProblems = 500

// report tells of a problem at a node.
func (r *fileReader) report(n *yaml.Node, p Problem) {
	if len(r.problems) == mostProblems {
		return
	}
	p.File, p.Line, p.Column = r.name, n.Line, n.Column
	if p.Step == "" {
		p.Step = r.step
	}
	r.problems = append(r.problems, p)
}
