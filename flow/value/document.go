package value

import (
	"maps"
	"slices"
)

// Document is a JSON text that was checked, with what was read of it. A source that
// has the text of a record at hand gives one, so that the history writes the text as
// it came, and only what is asked for is made into values.
type Document struct {
	Text  []byte // it is never changed
	Value any    // what Want names of it: of an object, and of those in it, a *Part
	Want  *Want
}

// Want names the parts of a document that somebody asks for. nil is all of it. Where a
// part is no object all of it is read, so that programs that look only at what was
// wanted see no difference.
type Want struct {
	names []string // of members of an object, sorted
	parts []*Want  // and what of them
}

// Of is the want of what m names: members of an object, and what of them. With an
// empty m nothing but the kind is asked for.
func Of(m map[string]*Want) *Want {
	w := &Want{names: slices.Sorted(maps.Keys(m))}
	for _, name := range w.names {
		w.parts = append(w.parts, m[name])
	}
	return w
}

// Place is where a member stands among those that are wanted, and what of it is; -1
// where it is not.
func (w *Want) Place(name string) (place int, part *Want) {
	place, named := slices.BinarySearch(w.names, name)
	if !named {
		return -1, nil
	}
	return place, w.parts[place]
}

// With is what w and other want together.
func (w *Want) With(other *Want) *Want {
	if w == nil || other == nil {
		return nil
	}
	all := make(map[string]*Want, len(w.names)+len(other.names))
	for i, name := range w.names {
		all[name] = w.parts[i]
	}
	for i, name := range other.names {
		part := other.parts[i]
		if mine, both := all[name]; both {
			part = mine.With(part)
		}
		all[name] = part
	}
	return Of(all)
}

// Covers says whether all that other wants is in what w wants.
func (w *Want) Covers(other *Want) bool {
	if w == nil {
		return true
	}
	if other == nil {
		return false
	}
	for i, name := range other.names {
		if place, mine := w.Place(name); place < 0 || !mine.Covers(other.parts[i]) {
			return false
		}
	}
	return true
}

// Whole gives all of the document.
func (d *Document) Whole() any {
	if d.Want == nil {
		return d.Value
	}
	v, err := Decode(d.Text)
	if err != nil {
		return nil // it was checked
	}
	return v
}

// Document checks a whole document and reads what w wants of it. Text is data itself.
func (d *Decoder) Document(data []byte, w *Want) (Document, error) {
	p := d.parser(data)
	p.shape = d.shapeOf(w)
	v, err := p.document()
	d.keep(&p)
	return Document{Text: data, Value: v, Want: w}, err
}
