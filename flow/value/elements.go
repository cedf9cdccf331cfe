package value

import (
	"fmt"
	"strconv"
)

// Elements makes Next give the elements of the array at pointer, and io.EOF behind
// its last one, without ever holding the document. The pointer is a JSON pointer
// (RFC 6901: "/data/items") or a dotted path ("data.items", "pages[0].items"); ""
// is the document itself. It is called before the first Next. What stands around the
// array is checked as it passes, and nothing may follow the document.
func (r *Reader) Elements(pointer string) error {
	if r.buf == nil {
		r.passMark()
	}
	r.err = r.enter(parsePointer(pointer))
	return r.err
}

func (r *Reader) enter(steps []string) error {
	for i, step := range steps {
		if err := r.step(steps[:i], step); err != nil {
			return err
		}
	}
	c, ok := r.peek()
	if !ok {
		return r.misfit("a list")
	}
	if c != '[' {
		return fmt.Errorf("%s is %s, not a list", pathOf(steps), kindOf(c))
	}
	return r.goIn('[')
}

// step goes into the member or element called step of what comes next.
func (r *Reader) step(before []string, step string) error {
	c, ok := r.peek()
	switch {
	case ok && c == '{':
		return r.findMember(before, step)
	case ok && c == '[':
		return r.findElement(before, step)
	case !ok:
		return r.misfit("a value")
	}
	return fmt.Errorf("%s is %s, so there is no %q in it", pathOf(before), kindOf(c), step)
}

func (r *Reader) findMember(before []string, name string) error {
	if err := r.goIn('{'); err != nil {
		return err
	}
	var seen []string
	for {
		more, err := r.another(len(seen) == 0)
		if err != nil {
			return err
		}
		if !more {
			return fmt.Errorf("there is no %q in %s, which has %s", name, pathOf(before), listOf(seen))
		}
		found, err := r.name()
		if err != nil || found == name {
			return err
		}
		seen = append(seen, found)
		if err := r.skip(len(r.open)); err != nil {
			return err
		}
	}
}

func (r *Reader) findElement(before []string, step string) error {
	index, err := strconv.Atoi(step)
	if err != nil {
		return fmt.Errorf("%s is a list, so there is no %q in it; the path may end there, or go on with a number", pathOf(before), step)
	}
	if err := r.goIn('['); err != nil {
		return err
	}
	for i := 0; ; i++ {
		more, err := r.another(i == 0)
		if err != nil {
			return err
		}
		if !more {
			return fmt.Errorf("%s has only %d elements, so there is no number %d (the first is 0)", pathOf(before), i, index)
		}
		if i == index {
			return nil
		}
		if err := r.skip(len(r.open)); err != nil {
			return err
		}
	}
}

// goIn goes into the array or object that begins at pos.
func (r *Reader) goIn(kind byte) error {
	if len(r.open) == maxDepth {
		return r.fault(r.pos, tooDeep)
	}
	r.open = append(r.open, kind)
	r.pos++
	r.kept = r.pos
	return nil
}

// another says whether the innermost open array or object has one more member, and
// goes to its beginning; else it goes behind its end.
func (r *Reader) another(first bool) (bool, error) {
	kind := r.open[len(r.open)-1]
	end := byte(']')
	if kind == '{' {
		end = '}'
	}
	c, ok := r.peek()
	switch {
	case ok && c == end:
		r.pos++
		r.kept = r.pos
		r.open = r.open[:len(r.open)-1]
		return false, nil
	case first:
		return true, nil
	case !ok || c != ',':
		return false, r.misfit(fmt.Sprintf("%q or %q", ",", string(end)))
	}
	r.pos++
	r.peek()
	return true, nil
}

// name reads a member's name and its colon.
func (r *Reader) name() (string, error) {
	if c, ok := r.peek(); !ok || c != '"' {
		return "", r.misfit("a name in double quotes")
	}
	v, err := r.value()
	if err != nil {
		return "", err
	}
	if c, ok := r.peek(); !ok || c != ':' {
		return "", r.misfit(`":"`)
	}
	r.pos++
	r.kept = r.pos
	return v.(string), nil
}

// skip passes over the value that comes next, and checks it.
func (r *Reader) skip(depth int) error {
	c, ok := r.peek()
	if !ok || c != '{' && c != '[' {
		_, err := r.value()
		r.kept = r.pos
		return err
	}
	if err := r.goIn(c); err != nil {
		return err
	}
	return r.leave(depth, true)
}

// leave passes over what is left of the open arrays and objects until only depth
// are open. first says that nothing was read of the innermost one yet.
func (r *Reader) leave(depth int, first bool) error {
	for ; len(r.open) > depth; first = false {
		more, err := r.another(first)
		if err != nil {
			return err
		}
		if !more {
			continue
		}
		if r.open[len(r.open)-1] == '{' {
			if _, err := r.name(); err != nil {
				return err
			}
		}
		if err := r.skip(len(r.open)); err != nil {
			return err
		}
	}
	return nil
}

// close ends the elements and checks what is left of the document.
func (r *Reader) close() error {
	if err := r.leave(0, false); err != nil {
		return err
	}
	if _, ok := r.peek(); ok {
		return r.misfit("the end")
	}
	r.kept = r.pos
	return r.srcErr
}
