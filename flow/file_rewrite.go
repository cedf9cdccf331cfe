package flow

import (
	"bytes"
	"reflect"
	"slices"
	"strings"

	yaml "go.yaml.in/yaml/v3"
)

// Rewrite writes f over the old text of its file. Steps, edges and top-level parts
// that f has not changed stay letter by letter, the others keep their comments; JSON
// stays JSON. Where the old text cannot be read it is WriteFile.
func Rewrite(old []byte, f Flow) []byte {
	r := readFile(old, "")
	switch {
	case r.root == nil || resolve(r.root.Content[0]).Kind != yaml.MappingNode:
		return WriteFile(f)
	case reflect.DeepEqual(inFile(r.flow), inFile(f)):
		return old
	case isJSON(old):
		return jsonText(documentOf(f))
	}
	if text := r.spliced(f); text != nil && sameFile(readFile(text, "").flow, f) {
		return text
	}
	return WriteFile(f) // the file is laid out in a way that cannot be cut into parts
}

// sameFile says whether the files of two flows are the same. Writing them is the
// measure; comparing first only saves the time.
func sameFile(a, b Flow) bool {
	return reflect.DeepEqual(inFile(a), inFile(b)) || bytes.Equal(WriteFile(a), WriteFile(b))
}

// inFile is a flow without what does not stand in its file.
func inFile(f Flow) Flow {
	f.ID, f.Version, f.Path = "", 0, ""
	f.Steps = slices.Clone(f.Steps)
	for i := range f.Steps {
		at := &f.Steps[i].At
		at.X, at.Y = rounded(at.X), rounded(at.Y)
	}
	return f
}

// sameSteps says whether two lists of steps are the same but for their places.
func sameSteps(a, b []Step) bool { return slices.EqualFunc(a, b, sameStep) }

func sameStep(a, b Step) bool {
	a.At, b.At = Point{}, Point{}
	return reflect.DeepEqual(a, b) || sameText(stepNode(a), stepNode(b))
}

// spliced puts f's changes into the lines of the old file; nil where they cannot be
// cut.
func (r *fileReader) spliced(f Flow) []byte {
	text := strings.TrimPrefix(string(r.data), "\ufeff")
	mark := strings.TrimSuffix(string(r.data), text)
	bare := strings.ReplaceAll(text, "\r\n", "\n")
	if text == "" || !strings.HasSuffix(bare, "\n") {
		bare += "\n"
	}
	root := resolve(r.root.Content[0])
	parts, tail, ok := topParts(root, bare)
	if !ok {
		return nil
	}
	was, is := documentOf(r.flow).Content[0], documentOf(f).Content[0]
	var b strings.Builder
	for _, name := range keysInOrder(root, is) {
		next, _ := member(is, name)
		part, there := parts[name]
		before, _ := member(was, name)
		same := name != "steps" && name != "edges" && sameText(before, next) ||
			name == "steps" && sameSteps(r.flow.Steps, f.Steps) ||
			name == "edges" && slices.EqualFunc(r.flow.Edges, f.Edges, sameEdge)
		switch {
		case !there:
			b.WriteString(memberText(name, next))
		case same:
			b.WriteString(part.lead + part.body)
		default:
			b.WriteString(part.lead + r.changedPart(name, part.body, next, f))
		}
	}
	b.WriteString(tail)
	result := b.String()
	if strings.Contains(text, "\r\n") {
		result = strings.ReplaceAll(result, "\n", "\r\n")
	}
	return []byte(mark + result)
}

// topParts cuts a file into its top-level parts.
func topParts(root *yaml.Node, text string) (parts map[string]part, tail string, ok bool) {
	if root.Style&yaml.FlowStyle != 0 {
		return nil, "", false
	}
	var starts []int
	for i := 0; i < len(root.Content); i += 2 {
		if root.Content[i].Column != 1 {
			return nil, "", false
		}
		starts = append(starts, root.Content[i].Line-1)
	}
	list, tail, ok := cut(strings.SplitAfter(text, "\n"), starts, 0)
	parts = map[string]part{}
	for i, p := range list {
		name := root.Content[2*i].Value
		if _, twice := parts[name]; !twice {
			parts[name] = p
		}
	}
	return parts, tail, ok
}

// keysInOrder lists the names of the new file: those of the old one in their order,
// and the others behind the name that they follow in every file.
func keysInOrder(old, fresh *yaml.Node) []string {
	var names []string
	for i := 0; i < len(old.Content); i += 2 {
		name := old.Content[i].Value
		if _, still := member(fresh, name); still && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	before := -1
	for i := 0; i < len(fresh.Content); i += 2 {
		name := fresh.Content[i].Value
		if at := slices.Index(names, name); at >= 0 {
			before = at
			continue
		}
		before++
		names = slices.Insert(names, before, name)
	}
	return names
}

func sameText(a, b *yaml.Node) bool {
	return a != nil && b != nil && memberText("x", a) == memberText("x", b)
}

func memberText(name string, v *yaml.Node) string {
	n := object()
	add(n, name, v)
	return string(encode(n))
}

// changedPart writes a top-level part anew, with as much of the old as goes on.
func (r *fileReader) changedPart(name, body string, next *yaml.Node, f Flow) string {
	list, _ := member(resolve(r.root.Content[0]), name)
	switch name {
	case "steps":
		if items, ok := cutItems(list, body); ok {
			return items.header + r.splicedSteps(items, f) + items.tail
		}
	case "edges":
		if items, ok := cutItems(list, body); ok {
			return items.header + r.splicedEdges(items, f) + items.tail
		}
	}
	fresh := object()
	add(fresh, name, next)
	if old, p := parseYAML([]byte(body)); p == nil {
		graft(old.Content[0], fresh)
	}
	return string(encode(fresh))
}

func (r *fileReader) splicedSteps(items items, f Flow) string {
	var b strings.Builder
	places := map[StepID]int{}
	for i, s := range r.flow.Steps {
		if _, twice := places[s.ID]; !twice {
			places[s.ID] = i
		}
	}
	for _, s := range f.Steps {
		i, ok := places[s.ID]
		if !ok {
			b.WriteString(items.text(stepNode(s)))
			continue
		}
		delete(places, s.ID)
		old := items.parts[items.index[r.steps[i]]]
		if sameStep(r.flow.Steps[i], s) {
			b.WriteString(old.lead + old.body)
		} else {
			b.WriteString(old.lead + items.regrafted(old.body, stepNode(s)))
		}
	}
	return b.String()
}

func (r *fileReader) splicedEdges(items items, f Flow) string {
	var b strings.Builder
	begins := map[string]int{} // the first edge of each item
	for i := len(r.edges) - 1; i >= 0; i-- {
		if i == 0 || r.edges[i-1] != r.edges[i] {
			begins[r.flow.Edges[i].String()] = i
		}
	}
	for i := 0; i < len(f.Edges); {
		edge, count := f.Edges[i], 1
		at, ok := begins[edge.String()]
		if !ok {
			b.WriteString(items.text(edgeNode(edge)))
			i++
			continue
		}
		old := items.parts[items.index[r.edges[at]]]
		chain := r.flow.Edges[at : at+r.chained(at)]
		switch {
		case len(chain) <= len(f.Edges)-i && slices.EqualFunc(chain, f.Edges[i:i+len(chain)], sameEdge):
			b.WriteString(old.lead + old.body)
			count = len(chain)
		case len(chain) == 1:
			b.WriteString(old.lead + items.regrafted(old.body, edgeNode(edge)))
		default:
			b.WriteString(items.text(edgeNode(edge)))
		}
		i += count
	}
	return b.String()
}

// chained is how many edges the item has that the i-th edge begins.
func (r *fileReader) chained(i int) int {
	count := 1
	for i+count < len(r.edges) && r.edges[i+count] == r.edges[i] {
		count++
	}
	return count
}

func sameEdge(a, b Edge) bool {
	return a.From == b.From && a.To == b.To && a.Leaves() == b.Leaves() && a.When == b.When
}
