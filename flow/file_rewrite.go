package flow

import (
	"bytes"
	"slices"
	"strings"

	yaml "go.yaml.in/yaml/v3"
)

// Rewrite writes f over the old text of its file. Steps, edges and top-level parts
// that f has not changed stay letter by letter, the others keep their comments; JSON
// stays JSON. Where the old text cannot be read it is WriteFile.
func Rewrite(old []byte, f Flow) []byte {
	fresh := WriteFile(f)
	r := readFile(old, "")
	if r.root == nil || resolve(r.root.Content[0]).Kind != yaml.MappingNode {
		return fresh
	}
	if bytes.Equal(WriteFile(r.flow), fresh) {
		return old
	}
	if isJSON(old) {
		return jsonText(documentOf(f))
	}
	text := r.spliced(f)
	if text == nil || !bytes.Equal(WriteFile(readFile(text, "").flow), fresh) {
		return fresh // the file is laid out in a way that cannot be cut into parts
	}
	return text
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
		switch {
		case !there:
			b.WriteString(memberText(name, next))
		case sameText(before, next):
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
	used := map[int]bool{}
	for _, s := range f.Steps {
		fresh := stepNode(s)
		i := slices.IndexFunc(r.flow.Steps, func(was Step) bool { return was.ID == s.ID })
		if i < 0 || used[i] {
			b.WriteString(items.text(fresh))
			continue
		}
		used[i] = true
		old := items.parts[slices.Index(items.nodes, r.steps[i])]
		if sameText(stepNode(r.flow.Steps[i]), fresh) {
			b.WriteString(old.lead + old.body)
		} else {
			b.WriteString(old.lead + items.regrafted(old.body, fresh))
		}
	}
	return b.String()
}

func (r *fileReader) splicedEdges(items items, f Flow) string {
	var b strings.Builder
	for i := 0; i < len(f.Edges); {
		n, count := r.oldEdges(f.Edges[i:])
		if count > 0 {
			old := items.parts[slices.Index(items.nodes, n)]
			b.WriteString(old.lead + old.body)
			i += count
			continue
		}
		fresh := edgeNode(f.Edges[i])
		if n := r.likeEdge(f.Edges[i]); n != nil {
			old := items.parts[slices.Index(items.nodes, n)]
			b.WriteString(old.lead + items.regrafted(old.body, fresh))
		} else {
			b.WriteString(items.text(fresh))
		}
		i++
	}
	return b.String()
}

// oldEdges finds the item that was written for the first of edges, and how many of
// them it stands for.
func (r *fileReader) oldEdges(edges []Edge) (*yaml.Node, int) {
	for i := 0; i < len(r.edges); {
		n, count := r.edges[i], r.chained(i)
		if count <= len(edges) && slices.EqualFunc(r.flow.Edges[i:i+count], edges[:count], sameEdge) {
			return n, count
		}
		i += count
	}
	return nil, 0
}

// chained is how many edges the item has that the i-th edge begins.
func (r *fileReader) chained(i int) int {
	count := 1
	for i+count < len(r.edges) && r.edges[i+count] == r.edges[i] {
		count++
	}
	return count
}

func sameEdge(a, b Edge) bool { return a.String() == b.String() && a.When == b.When }

// likeEdge finds the item of the same edge with another condition.
func (r *fileReader) likeEdge(e Edge) *yaml.Node {
	for i, was := range r.flow.Edges {
		if was.String() == e.String() && r.chained(i) == 1 && (i == 0 || r.edges[i-1] != r.edges[i]) {
			return r.edges[i]
		}
	}
	return nil
}
