package value

// Document is a JSON text that was checked, with what was read of it. A source that
// has the text of a record at hand gives one, so that the history writes the text as
// it came, and only what is asked for is made into values.
type Document struct {
	Text  []byte // it is never changed
	Value any    // what Want names of it
	Want  *Want
}

// Want names the parts of a document that somebody asks for. nil is all of it. Where a
// part is no object all of it is read, so that programs that look only at what was
// wanted see no difference.
type Want struct {
	members map[string]*Want
}

// Of is the want of what m names: members of an object, and what of them. With an
// empty m nothing but the kind is asked for.
func Of(m map[string]*Want) *Want { return &Want{members: m} }

// With is what w and other want together.
func (w *Want) With(other *Want) *Want {
	if w == nil || other == nil {
		return nil
	}
	all := make(map[string]*Want, len(w.members)+len(other.members))
	for name, part := range w.members {
		all[name] = part
	}
	for name, part := range other.members {
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
	for name, part := range other.members {
		if mine, there := w.members[name]; !there || !mine.Covers(part) {
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
	p.want = w
	v, err := p.document()
	d.keep(&p)
	return Document{Text: data, Value: v, Want: w}, err
}
