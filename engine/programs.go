package engine

import (
	"sync"

	"jackfield/transforms"
)

// Programs keeps jq that was compiled, so that a flow that runs again, or is checked
// again after a change, compiles only what is new. The zero Programs is empty and
// ready; many may use it at once.
type Programs struct {
	mu    sync.Mutex
	known map[string]compiled
}

type compiled struct {
	program *transforms.Program
	err     error
}

// programsLimit is how many are kept. When there are more, all are let go: what is in
// use is soon back.
const programsLimit = 4096

// compile compiles a text, or finds it. A nil Programs keeps nothing.
func (p *Programs) compile(src string) (*transforms.Program, error) {
	if p == nil {
		return transforms.Compile(src)
	}
	p.mu.Lock()
	c, ok := p.known[src]
	p.mu.Unlock()
	if ok {
		return c.program, c.err
	}
	c.program, c.err = transforms.Compile(src)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.known == nil || len(p.known) >= programsLimit {
		p.known = map[string]compiled{}
	}
	p.known[src] = c
	return c.program, c.err
}
