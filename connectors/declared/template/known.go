package template

import "fmt"

// Unknown finds the first function, filter or test that is not known here.
func (t *Template) Unknown() error {
	for _, p := range t.parts {
		if err := unknownIn(p); err != nil {
			return err
		}
	}
	return nil
}

func unknownIn(p part) error {
	switch p := p.(type) {
	case shown:
		return unknown(p.of)
	case assignment:
		return unknown(p.to)
	case loop:
		if err := unknown(p.over); err != nil {
			return err
		}
		return unknownInside(p.inside)
	case branches:
		for i, when := range p.when {
			if err := unknown(when); err != nil {
				return err
			}
			if err := unknownInside(p.then[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

func unknownInside(parts []part) error {
	for _, one := range parts {
		if err := unknownIn(one); err != nil {
			return err
		}
	}
	return nil
}

// unknown looks at an expression and all that it is made of.
func unknown(n node) error {
	var inside []node
	switch n := n.(type) {
	case member:
		inside = []node{n.of}
	case index:
		inside = []node{n.of, n.by}
	case slice:
		inside = []node{n.of, n.from, n.to}
	case call:
		if f, is := n.of.(name); is && functions()[f.id] == nil {
			return &Error{What: fmt.Sprintf("the function %q is not known here", f.id), Offset: f.at}
		}
		inside = append([]node{n.of}, n.args...)
		for _, one := range n.named {
			inside = append(inside, one)
		}
	case filter:
		if filters()[n.id] == nil && n.id != "map" {
			return &Error{What: fmt.Sprintf("the filter %q is not known here", n.id), Offset: n.at}
		}
		inside = append([]node{n.of}, n.args...)
		for _, one := range n.named {
			inside = append(inside, one)
		}
	case test:
		inside = append([]node{n.of}, n.args...)
	case unary:
		inside = []node{n.of}
	case binary:
		inside = []node{n.left, n.right}
	case ternary:
		inside = []node{n.when, n.then, n.other}
	case list:
		inside = n.members
	case object:
		inside = append(append(inside, n.keys...), n.values...)
	}
	for _, one := range inside {
		if err := unknown(one); err != nil {
			return err
		}
	}
	return nil
}
