package flow

import (
	"fmt"
	"strings"

	yaml "go.yaml.in/yaml/v3"
)

const edgeForms = `write it like "a -> b", "a.failed -> b" or {from: a, to: b, when: .total > 0}`

func (r *fileReader) readEdges(n *yaml.Node) {
	for _, item := range r.list(n, "edges") {
		switch {
		case item.Kind == yaml.MappingNode:
			r.addEdges(item, r.longEdge(item)...)
		case item.Kind == yaml.ScalarNode && !isNull(item):
			edges, what := chain(item.Value)
			if what != "" {
				r.report(item, Problem{Code: BadEdge, What: what, Fix: edgeForms})
			}
			r.addEdges(item, edges...)
		default:
			r.report(item, Problem{Code: BadEdge, What: "an edge is a text or names with values, and this is " + describe(item), Fix: edgeForms})
		}
	}
}

func (r *fileReader) addEdges(at *yaml.Node, edges ...Edge) {
	for _, e := range edges {
		r.flow.Edges = append(r.flow.Edges, e)
		r.edges = append(r.edges, at)
	}
}

// chain reads "a -> b.failed -> c", which is one edge for each arrow. what says why
// it cannot be read.
func chain(text string) (edges []Edge, what string) {
	parts := strings.Split(text, "->")
	if len(parts) == 1 {
		return nil, fmt.Sprintf("the edge %q has no arrow", text)
	}
	var from StepID
	var outlet Outlet
	for i, part := range parts {
		step, leaves, dotted := strings.Cut(strings.TrimSpace(part), ".")
		switch {
		case step == "":
			return nil, fmt.Sprintf("the edge %q lacks a step beside an arrow", text)
		case dotted && i == len(parts)-1:
			return nil, fmt.Sprintf("the edge %q ends in an outlet; it ends in a step", text)
		case dotted && leaves == "":
			return nil, fmt.Sprintf("the edge %q lacks an outlet behind the dot", text)
		}
		if i > 0 {
			edges = append(edges, Edge{From: from, Outlet: outlet, To: StepID(step)})
		}
		from, outlet = StepID(step), named(leaves)
	}
	return edges, ""
}

// named is the outlet as an edge holds it: Done is left out.
func named(text string) Outlet {
	if Outlet(text) == Done {
		return ""
	}
	return Outlet(text)
}

func (r *fileReader) longEdge(n *yaml.Node) []Edge {
	var from, outlet, to, when string
	r.object(n, "an edge",
		key{"from", r.text(&from, "from")},
		key{"outlet", r.text(&outlet, "the outlet")},
		key{"to", r.text(&to, "to")},
		key{"when", r.text(&when, "the condition")})
	step, dotted, hasDot := strings.Cut(strings.TrimSpace(from), ".")
	if hasDot && outlet != "" && outlet != dotted {
		r.report(n, Problem{Code: BadEdge, What: fmt.Sprintf("the edge leaves by %q and by %q", dotted, outlet), Fix: "name the outlet once"})
	}
	if hasDot {
		outlet = dotted
	}
	to = strings.TrimSpace(to)
	for _, end := range []struct{ name, value string }{{"from", step}, {"to", to}} {
		if end.value == "" {
			r.report(n, Problem{Code: BadEdge, What: fmt.Sprintf("the edge has no %q", end.name), Fix: edgeForms})
		}
	}
	if step == "" || to == "" {
		return nil
	}
	return []Edge{{From: StepID(step), Outlet: named(outlet), To: StepID(to), When: when}}
}
