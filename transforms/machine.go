package transforms

import (
	"slices"
	"sync"

	"github.com/itchyny/gojq"
)

// A machine is what gojq made of a program, under the limits that its guard knows.
type machine struct {
	guard *guard
	plain *gojq.Code
	batch func() *gojq.Code // for an array of records
	each  func() *gojq.Code // for an array of records with their variables
	trace func() *tracedCode
}

// A tracedCode finds where a record fails.
type tracedCode struct {
	code   *gojq.Code
	places []spot
}

// build compiles the program. What is seldom needed is compiled when it is.
func (p *Program) build() (*machine, error) {
	m := &machine{guard: &guard{bytes: p.limits.Bytes}}
	plain := (&rewriter{scope: p.scope, growth: p.growth}).query(p.tree.query)
	var err error
	if m.plain, err = m.compile(plain, variables); err != nil {
		return nil, err
	}
	m.batch = sync.OnceValue(func() *gojq.Code { return m.compileBatch(plain, false) })
	m.each = sync.OnceValue(func() *gojq.Code { return m.compileBatch(plain, true) })
	m.trace = sync.OnceValue(func() *tracedCode {
		r := rewriter{scope: p.scope, growth: p.growth, traced: true}
		q := r.query(p.tree.query)
		code, err := m.compile(q, append(slices.Clone(variables), traceVariable))
		if err != nil {
			return nil
		}
		return &tracedCode{code, r.places}
	})
	return m, nil
}

func (m *machine) compile(q *gojq.Query, variables []string) (*gojq.Code, error) {
	return gojq.Compile(q, append(m.guard.options(),
		gojq.WithVariables(variables),
		gojq.WithModuleLoader(loader{}),
		gojq.WithFunction("__jf_at", 3, 3, at),
		gojq.WithFunction("__jf_calm", 1, 1, calm),
		gojq.WithFunction("__jf_textkey", 0, 0, textKey),
	)...)
}
