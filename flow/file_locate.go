package flow

import (
	"strconv"
	"strings"

	yaml "go.yaml.in/yaml/v3"
)

// Locate gives problems of a flow that was read from data their file, line and
// column, as far as the step and field say where that is. A place inside the jq of a
// mapping or a condition becomes the place in the file. Problems that have a file
// stay as they are.
func Locate(data []byte, problems []Problem, name string) []Problem {
	r := readFile(data, name)
	located := make([]Problem, len(problems))
	for i, p := range problems {
		located[i] = r.locate(p)
	}
	return located
}

func (r *fileReader) locate(p Problem) Problem {
	if p.File != "" {
		return p
	}
	n := r.nodeOf(p)
	inText := p.Line
	line, column := p.Line, p.Column
	p.File, p.Line, p.Column = r.name, 0, 0
	if n == nil {
		return p
	}
	p.Line, p.Column = n.Line, n.Column
	if inText > 0 && n.Kind == yaml.ScalarNode {
		p.Line, p.Column = r.inText(n, line, column)
	}
	return p
}

// nodeOf finds what a problem is about.
func (r *fileReader) nodeOf(p Problem) *yaml.Node {
	if r.root == nil {
		return nil
	}
	root := resolve(r.root.Content[0])
	if p.Step == "" {
		n, _ := follow(root, p.Field)
		return n
	}
	if n := r.edgeOf(p); n != nil {
		return n
	}
	step := r.stepOf(p)
	if step == nil {
		return nil
	}
	id, ok := member(step, "id")
	if !ok {
		id = step
	}
	if n, ok := member(step, p.Field); ok && ofStep(p.Field) {
		return n
	}
	with, _ := member(step, "with")
	if n, found := follow(with, p.Field); found && p.Field != "" {
		return n
	}
	if n, ok := member(step, p.Field); ok {
		return n
	}
	return id
}

// ofStep says whether a field is the step's own even where the operation has a field
// of that name.
func ofStep(field string) bool {
	switch field {
	case "id", "uses", "connection", "map":
		return true
	}
	return false
}

// stepOf finds the step of a problem. The problems of ids that are there twice are
// told in the order of the second and later steps.
func (r *fileReader) stepOf(p Problem) *yaml.Node {
	skip := 0
	if p.Code == DuplicateStep {
		r.told[string(p.Step)]++
		skip = r.told[string(p.Step)]
	}
	for i, s := range r.flow.Steps {
		if s.ID != p.Step {
			continue
		}
		if skip == 0 {
			return r.steps[i]
		}
		skip--
	}
	return nil
}

// edgeOf finds the edge that a problem names by its text. The problems of edges that
// are there twice are told in the order of the second and later ones.
func (r *fileReader) edgeOf(p Problem) *yaml.Node {
	skip := 0
	if p.Code == DuplicateEdge {
		r.told[p.Field]++
		skip = r.told[p.Field]
	}
	for i, e := range r.flow.Edges {
		if e.String() != p.Field {
			continue
		}
		if skip == 0 {
			return condition(r.edges[i], p.Line)
		}
		skip--
	}
	return nil
}

// condition is the condition of an edge where the problem is inside its jq.
func condition(n *yaml.Node, line int) *yaml.Node {
	if when, ok := member(n, "when"); ok && line > 0 {
		return when
	}
	return n
}

// follow goes along a path like lines[2].sku as far as it leads, and says whether
// that is its end.
func follow(n *yaml.Node, path string) (*yaml.Node, bool) {
	if n == nil {
		return nil, false
	}
	if next, ok := member(n, path); ok {
		return next, true
	}
	for path != "" {
		var step string
		step, path = firstStep(path)
		next, ok := member(n, step)
		if i, err := strconv.Atoi(step); err == nil && n.Kind == yaml.SequenceNode && 0 <= i && i < len(n.Content) {
			next, ok = resolve(n.Content[i]), true
		}
		if !ok {
			return n, false
		}
		n = next
	}
	return n, true
}

// firstStep cuts the first name or index from a path.
func firstStep(path string) (step, rest string) {
	if strings.HasPrefix(path, "[") {
		step, rest, _ = strings.Cut(path[1:], "]")
		return step, strings.TrimPrefix(rest, ".")
	}
	i := strings.IndexAny(path, ".[")
	if i < 0 {
		return path, ""
	}
	return path[:i], strings.TrimPrefix(path[i:], ".")
}
