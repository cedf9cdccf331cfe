package flow

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	yaml "go.yaml.in/yaml/v3"
)

// Copy writes steps, and the edges between them, as a text that Paste takes: a flow
// file marked as a fragment, with places as seen from its top left corner.
func Copy(f Flow, ids []StepID) []byte {
	piece := Flow{}
	for _, s := range f.Steps {
		if slices.Contains(ids, s.ID) {
			piece.Steps = append(piece.Steps, s)
		}
	}
	for _, e := range f.Edges {
		if slices.Contains(ids, e.From) && slices.Contains(ids, e.To) {
			piece.Edges = append(piece.Edges, e)
		}
	}
	corner := topLeft(piece.Steps)
	for i := range piece.Steps {
		piece.Steps[i].At.X -= corner.X
		piece.Steps[i].At.Y -= corner.Y
	}
	doc := documentOf(piece)
	root := doc.Content[0]
	mark := object()
	add(mark, "fragment", bare("true"))
	root.Content = slices.Insert(root.Content, 2, mark.Content...)
	return encode(doc)
}

// topLeft is the corner of the smallest frame around the places of steps.
func topLeft(steps []Step) Point {
	if len(steps) == 0 {
		return Point{}
	}
	corner := Point{math.MaxFloat32, math.MaxFloat32}
	for _, s := range steps {
		corner.X = min(corner.X, s.At.X)
		corner.Y = min(corner.Y, s.At.Y)
	}
	return corner
}

// Paste adds the steps and edges of a text that Copy has written, or of a whole flow
// file, with their top left corner at a place. A step whose id is taken gets another,
// and what refers to it inside the text follows. It gives the new flow and the ids of
// the new steps; f itself stays as it is.
func Paste(f Flow, text []byte, at Point) (Flow, []StepID, error) {
	piece, err := readFragment(text)
	if err != nil {
		return f, nil, err
	}
	ids := map[StepID]StepID{}
	taken := map[StepID]bool{}
	for _, s := range f.Steps {
		taken[s.ID] = true
	}
	corner := topLeft(piece.Steps)
	var added []StepID
	for i := range piece.Steps {
		s := &piece.Steps[i]
		id := freeID(s.ID, taken)
		taken[id] = true
		if _, twice := ids[s.ID]; !twice {
			ids[s.ID] = id
		}
		added = append(added, id)
		s.ID = id
		s.At = Point{s.At.X - corner.X + at.X, s.At.Y - corner.Y + at.Y}
	}
	for i := range piece.Steps {
		s := &piece.Steps[i]
		s.In = ids[s.In] // none where its container was not copied
		s.Map = renameInJQ(s.Map, ids)
		for name, v := range s.With {
			s.With[name] = renameInside(v, ids)
		}
	}
	f.Steps = slices.Concat(f.Steps, piece.Steps)
	f.Edges = slices.Concat(f.Edges, edgesAmong(piece.Edges, ids))
	return f, added, nil
}

func edgesAmong(edges []Edge, ids map[StepID]StepID) []Edge {
	var list []Edge
	for _, e := range edges {
		from, okFrom := ids[e.From]
		to, okTo := ids[e.To]
		if okFrom && okTo {
			list = append(list, Edge{from, e.Outlet, to, renameInJQ(e.When, ids)})
		}
	}
	return list
}

func readFragment(text []byte) (Flow, error) {
	r := &fileReader{name: "the text", data: text, told: map[string]int{}, fragment: true}
	root, p := parseFile(bytes.TrimSpace(text))
	if p != nil || resolve(root.Content[0]).Kind != yaml.MappingNode {
		return Flow{}, errors.New("the text is not a flow, nor a part of one")
	}
	r.root = root
	r.readFlow(root)
	r.problems = slices.DeleteFunc(r.problems, func(p Problem) bool { return p.Warning })
	switch {
	case len(r.problems) > 1:
		return Flow{}, fmt.Errorf("the text cannot be pasted: %w (and %d more)", r.problems[0], len(r.problems)-1)
	case len(r.problems) == 1:
		return Flow{}, fmt.Errorf("the text cannot be pasted: %w", r.problems[0])
	case len(r.flow.Steps) == 0:
		return Flow{}, errors.New("the text has no steps to paste")
	}
	return r.flow, nil
}

// freeID makes an id that is not taken: push, push_2, push_3.
func freeID(id StepID, taken map[StepID]bool) StepID {
	if !id.Valid() {
		id = "step"
	}
	if !taken[id] {
		return id
	}
	base, n := string(id), 1
	if i := strings.LastIndexByte(base, '_'); i > 0 {
		if last, err := strconv.Atoi(base[i+1:]); err == nil && last > 0 && last < math.MaxInt32 {
			base, n = base[:i], last
		}
	}
	for {
		n++
		tail := "_" + strconv.Itoa(n)
		next := StepID(base[:min(len(base), longestID-len(tail))] + tail)
		if !taken[next] {
			return next
		}
	}
}
