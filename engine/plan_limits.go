package engine

import (
	"fmt"
	"slices"
	"strings"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// failures checks the kinds of failure that a step names.
func (b *planner) failures(s *step) {
	known := kit.Kinds()
	for _, kind := range s.Retry.Only {
		if slices.Contains(known, kind) {
			continue
		}
		names := make([]string, len(known))
		for i, k := range known {
			names[i] = string(k)
		}
		p := flow.Problem{
			Step: s.ID, Field: "retry", Code: "unknown-kind",
			What: fmt.Sprintf("there is no kind of failure %q", string(kind)), Fix: "the kinds are " + listed(names),
		}
		if near, ok := flow.Nearest(string(kind), names); ok {
			p.Fix = fmt.Sprintf("did you mean %q?", near)
		}
		b.report(p)
	}
}

// order compiles the key by which records are kept in order, and tells of settings that
// do nothing where they stand.
func (b *planner) order(i int, s *step) {
	if strings.TrimSpace(s.Order) != "" {
		s.order = b.compile(s.Order, s.ID, "order", i)
	}
	if s.kind != acting && (s.Parallel > 1 || s.order != nil) {
		b.report(flow.Problem{
			Step: s.ID, Field: "parallel", Code: "no-effect", Warning: true,
			What: fmt.Sprintf("%s takes its records one after the other, so parallel and order do nothing here", s.Uses), Fix: "remove them",
		})
	}
}
