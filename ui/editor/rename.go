package editor

import (
	"errors"
	"fmt"
	"strings"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/transforms"
)

// Rename gives a step another id, and rewrites every edge and every $steps.id that
// means it. The id must be free and of the form that flow.StepID asks for.
func (d *Document) Rename(old, id flow.StepID) error {
	switch {
	case old == id:
		return nil
	case d.drawn.cards[old] == nil:
		return errNoStep
	case !id.Valid():
		return errors.New("an id has a-z, 0-9 and _, begins with a letter and is at most 64 long")
	case d.taken(id):
		return fmt.Errorf("there is a step %q already", string(id))
	}
	d.changeSelecting("renamed "+string(old)+" to "+string(id), func(t *draft) {
		t.editEach(func(s *flow.Step) bool {
			changed := d.renameInside(s, old, id)
			if s.ID == old {
				s.ID, changed = id, true
			}
			if s.In == old {
				s.In, changed = id, true
			}
			return changed
		})
		t.editEdges(func(e *flow.Edge) bool {
			before := *e
			if e.From == old {
				e.From = id
			}
			if e.To == old {
				e.To = id
			}
			e.When = renameInJQ(e.When, old, id)
			return *e != before
		})
	}, func(s *selection) { *s = s.renamed(old, id) })
	return nil
}

func (s selection) renamed(old, id flow.StepID) selection {
	next := selection{}
	next.clear()
	of := func(was flow.StepID) flow.StepID {
		if was == old {
			return id
		}
		return was
	}
	for _, was := range s.steps {
		next.addStep(of(was))
	}
	for _, was := range s.edges {
		next.addEdge(EdgeID{of(was.From), was.Outlet, of(was.To)})
	}
	return next
}

// renameInside rewrites the jq of a step: its mapping, and the fields that hold jq.
func (d *Document) renameInside(s *flow.Step, old, id flow.StepID) bool {
	changed := false
	if next := renameInJQ(s.Map, old, id); next != s.Map {
		s.Map, changed = next, true
	}
	_, fields := d.operation(s.Uses).bound(s)
	for _, f := range fields {
		value, set := s.With[f.Name]
		if !set || !f.Evaluated() {
			continue
		}
		if next, differs := renameInValue(f.Kind, value, old, id); differs {
			setValue(s, f.Name, next)
			changed = true
		}
	}
	return changed
}

func renameInValue(kind kit.FieldKind, value any, old, id flow.StepID) (any, bool) {
	if kind != kit.CasesField {
		jq, _ := value.(string)
		next := renameInJQ(jq, old, id)
		return next, next != jq
	}
	list, _ := value.([]any)
	next, changed := make([]any, len(list)), false
	for i, one := range list {
		next[i] = one
		c, ok := one.(map[string]any)
		jq, text := c["when"].(string)
		if renamed := renameInJQ(jq, old, id); ok && text && renamed != jq {
			next[i] = map[string]any{"name": c["name"], "when": renamed}
			changed = true
		}
	}
	return next, changed
}

// renameInJQ rewrites $steps.old and $steps["old"]; texts and comments that only look
// like it stay.
func renameInJQ(src string, old, id flow.StepID) string {
	if !strings.Contains(src, "$steps") && !strings.Contains(src, "$loops") {
		return src
	}
	tokens := transforms.Tokens(src)
	var b strings.Builder
	written := 0
	for i, t := range tokens {
		if t.Kind != transforms.VariableToken || src[t.Start:t.End] != "$steps" && src[t.Start:t.End] != "$loops" {
			continue
		}
		if at := stepNameBehind(src, tokens[i+1:], string(old)); at >= written {
			b.WriteString(src[written:at])
			b.WriteString(string(id))
			written = at + len(old)
		}
	}
	b.WriteString(src[written:])
	return b.String()
}

// stepNameBehind gives where the name stands in the tokens behind $steps; -1 where
// they mean something else.
func stepNameBehind(src string, tokens []transforms.Token, name string) int {
	text := func(i int) string {
		if i >= len(tokens) {
			return ""
		}
		return src[tokens[i].Start:tokens[i].End]
	}
	quoted := `"` + name + `"`
	i := 0
	if text(i) == "." { // "." and the name apart
		i++
		if text(i) == name {
			return tokens[i].Start
		}
	}
	switch {
	case text(i) == "."+name:
		return tokens[i].Start + 1
	case i == 1 && text(i) == quoted:
		return tokens[i].Start + 1
	case text(i) == "."+quoted:
		return tokens[i].Start + 2
	case text(i) == "[" && text(i+1) == quoted && text(i+2) == "]":
		return tokens[i+1].Start + 1
	}
	return -1
}
