package flow

import (
	"bytes"
	"math"
	"slices"
	"strconv"
	"time"

	yaml "go.yaml.in/yaml/v3"

	"jackfield/flow/value"
)

// WriteFile writes the flow file: YAML that is the same for the same flow, with
// whatever is at its default left out. What ReadFile makes of it is f again, but for
// f's ID, Version and Path and with places rounded to whole units.
func WriteFile(f Flow) []byte { return encode(documentOf(f)) }

func encode(doc *yaml.Node) []byte {
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	_ = e.Encode(doc) // a buffer takes everything, and every node is well formed
	_ = e.Close()
	return b.Bytes()
}

func documentOf(f Flow) *yaml.Node {
	root := object()
	add(root, "jackfield", bare(strconv.Itoa(fileVersion)))
	addText(root, "name", f.Name)
	addText(root, "note", f.Note)
	steps := list()
	for _, s := range f.Steps {
		steps.Content = append(steps.Content, stepNode(s))
	}
	addFilled(root, "steps", steps)
	edges := list()
	for _, e := range f.Edges {
		edges.Content = append(edges.Content, edgeNode(e))
	}
	addFilled(root, "edges", edges)
	settings := object()
	addDuration(settings, "timeout", f.Settings.Timeout)
	addCount(settings, "keep", f.Settings.Keep)
	addSize(settings, "quota", f.Settings.Quota)
	addCount(settings, "retries", f.Settings.Retries)
	addCount(settings, "concurrency", f.Settings.Concurrency)
	addText(settings, "on_failure", string(f.Settings.OnFailure))
	addText(settings, "unresolved", string(f.Settings.Unresolved))
	addFilled(root, "settings", settings)
	addFilled(root, "layout", layoutNode(f.Steps, Point{}))
	return &yaml.Node{Kind: yaml.DocumentNode, Content: []*yaml.Node{root}}
}

func stepNode(s Step) *yaml.Node {
	n := object()
	add(n, "id", text(string(s.ID)))
	addText(n, "title", s.Title)
	addText(n, "uses", string(s.Uses))
	addText(n, "in", string(s.In))
	addText(n, "connection", s.Connection)
	if len(s.With) > 0 {
		add(n, "with", valueNode(normal(s.With)))
	}
	addText(n, "map", s.Map)
	retry := object()
	retry.Style = yaml.FlowStyle
	addCount(retry, "tries", s.Retry.Tries)
	addDuration(retry, "first", s.Retry.First)
	addDuration(retry, "most", s.Retry.Most)
	addFilled(retry, "only", kindsNode(s.Retry.Only))
	addFilled(n, "retry", retry)
	addText(n, "on_error", string(s.OnError))
	addText(n, "uncertain", string(s.Uncertain))
	addDuration(n, "timeout", s.Timeout)
	addText(n, "rate", s.Rate.String())
	addCount(n, "parallel", s.Parallel)
	addText(n, "order", s.Order)
	if s.Off {
		add(n, "off", bare("true"))
	}
	return n
}

func kindsNode(kinds []Code) *yaml.Node {
	n := list()
	n.Style = yaml.FlowStyle
	for _, k := range kinds {
		n.Content = append(n.Content, text(string(k)))
	}
	return n
}

// edgeNode writes an edge in its short form where that says it all.
func edgeNode(e Edge) *yaml.Node {
	if e.When == "" && isWord(string(e.From)) && isWord(string(e.Leaves())) && isWord(string(e.To)) {
		return text(e.String())
	}
	n := object()
	n.Style = yaml.FlowStyle
	if e.Leaves() == Done || !isWord(string(e.From)) || !isWord(string(e.Outlet)) {
		add(n, "from", text(string(e.From)))
		addText(n, "outlet", string(named(string(e.Outlet))))
	} else {
		add(n, "from", text(string(e.From)+"."+string(e.Outlet)))
	}
	add(n, "to", text(string(e.To)))
	addText(n, "when", e.When)
	if isMultiLine(e.When) || len(e.When) > longestInline {
		n.Style = 0
	}
	return n
}

// layoutNode lists the places of steps, as seen from origin.
func layoutNode(steps []Step, origin Point) *yaml.Node {
	n := object()
	for _, s := range steps {
		x, y := unit(s.At.X-origin.X), unit(s.At.Y-origin.Y)
		if x == "0" && y == "0" {
			continue
		}
		at := list()
		at.Style = yaml.FlowStyle
		at.Content = []*yaml.Node{bare(x), bare(y)}
		addNamed(n, string(s.ID), at)
	}
	return n
}

// unit writes a coordinate in whole units.
func unit(v float32) string { return strconv.Itoa(int(rounded(v))) }

// rounded brings a coordinate to whole units within the canvas.
func rounded(v float32) float32 {
	f := min(max(float64(v), -farthest), farthest)
	if math.IsNaN(f) {
		return 0
	}
	return float32(math.Round(f) + 0) // + 0 makes -0 into 0
}

// normal makes settings into what a file can hold; null stands for what cannot be.
func normal(v Values) map[string]any {
	m := make(map[string]any, len(v))
	for name, one := range v {
		m[name], _ = value.Normal(one)
	}
	return m
}

// valueNode writes a normal value; members are sorted by name.
func valueNode(v any) *yaml.Node {
	var n *yaml.Node
	switch v := v.(type) {
	case map[string]any:
		n = object()
		names := make([]string, 0, len(v))
		for name := range v {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			addNamed(n, name, valueNode(v[name]))
		}
	case []any:
		n = list()
		for _, one := range v {
			n.Content = append(n.Content, valueNode(one))
		}
	case string:
		return text(v)
	default:
		return plainNode(v)
	}
	if fitsInline(n, v) {
		n.Style = yaml.FlowStyle
	}
	return n
}

// longestInline is how long a value may be, as JSON, to stand in one line.
const longestInline = 64

func fitsInline(n *yaml.Node, v any) bool {
	if len(n.Content) == 0 {
		return true
	}
	for _, child := range n.Content {
		if child.Kind == yaml.ScalarNode && isMultiLine(child.Value) || child.Kind != yaml.ScalarNode && child.Style != yaml.FlowStyle {
			return false
		}
	}
	return len(value.Append(nil, v)) <= longestInline
}

func object() *yaml.Node { return &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"} }

func list() *yaml.Node { return &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"} }

// add adds a member whose name the file format gives.
func add(n *yaml.Node, name string, v *yaml.Node) {
	n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: name}, v)
}

// addNamed adds a member whose name may be anything.
func addNamed(n *yaml.Node, name string, v *yaml.Node) {
	n.Content = append(n.Content, nameNode(name), v)
}

func addFilled(n *yaml.Node, name string, v *yaml.Node) {
	if len(v.Content) > 0 {
		add(n, name, v)
	}
}

func addText(n *yaml.Node, name, s string) {
	if s != "" {
		add(n, name, text(s))
	}
}

func addCount(n *yaml.Node, name string, v int) {
	if v != 0 {
		add(n, name, bare(strconv.Itoa(v)))
	}
}

func addSize(n *yaml.Node, name string, v int64) {
	if v != 0 {
		add(n, name, text(FormatSize(v)))
	}
}

func addDuration(n *yaml.Node, name string, d time.Duration) {
	if d != 0 {
		add(n, name, text(FormatDuration(d)))
	}
}
