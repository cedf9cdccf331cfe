package transforms

import "github.com/itchyny/gojq"

// Steps lists the ids of the steps whose data the program reads as $steps.id. all
// is true where it takes $steps as a whole.
func (p *Program) Steps() (ids []string, all bool) { return nil, true }

// UsesTrigger says whether the program reads $trigger.
func (p *Program) UsesTrigger() bool { return true }

// Keys lists the keys of the object that the program makes. exact says that it has
// these and no others, always.
func (p *Program) Keys() (names []string, exact bool) {
	q := p.tree.query
	for q.Term == nil && q.Op == gojq.OpPipe {
		q = q.Right
	}
	if q.Term == nil || q.Term.Type != gojq.TermTypeObject || len(q.Term.SuffixList) > 0 {
		return nil, false
	}
	exact = true
	for _, kv := range q.Term.Object.KeyVals {
		if kv.Key == "" {
			exact = false
			continue
		}
		names = append(names, kv.Key)
	}
	return names, exact
}

// Paths lists the dotted paths of the input that the program reads, as far as its
// text tells.
func (p *Program) Paths() []string { return nil }
