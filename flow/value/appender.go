package value

import "slices"

// Appender writes one value after another as Append does, and is quicker where they look
// alike: it remembers how the members of an object are sorted, and how their names are
// written. The zero Appender is ready; it is not safe for concurrent use.
type Appender struct{ whole outline }

// Append writes v behind dst.
func (a *Appender) Append(dst []byte, v any) []byte { return a.whole.append(dst, v) }

// outline is how the object looked that was written last at a place in the values.
type outline struct {
	members []outlined // sorted
	items   *outline   // of the objects in a list
	missed  int        // objects that looked different, less those that did not
}

type outlined struct {
	name  string
	text  []byte // the name as it is written, with what stands around it
	inner *outline
}

// mostOutlined is how many members an object has at the most whose looks are worth
// remembering, and mostMissed how often that may be of no use.
const (
	mostOutlined = 64
	mostMissed   = 16
)

func (o *outline) append(dst []byte, v any) []byte {
	switch v := v.(type) {
	case map[string]any:
		if o.missed > mostMissed || len(v) == 0 || len(v) > mostOutlined {
			return appendObject(dst, v)
		}
		if whole, ok := o.appendAlike(dst, v); ok {
			o.missed = max(o.missed-1, 0)
			return whole
		}
		o.missed++
		o.draw(v)
		dst, _ = o.appendAlike(dst, v)
		return dst
	case []any:
		if len(v) == 0 {
			break
		}
		if o.items == nil {
			o.items = new(outline)
		}
		dst = append(dst, '[')
		for i, one := range v {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = o.items.append(dst, one)
		}
		return append(dst, ']')
	}
	return Append(dst, v)
}

// appendAlike writes m if it has just the members that are remembered.
func (o *outline) appendAlike(dst []byte, m map[string]any) (whole []byte, ok bool) {
	if len(m) != len(o.members) {
		return dst, false
	}
	start := len(dst)
	for i := range o.members {
		one := &o.members[i]
		v, there := m[one.name]
		if !there {
			return dst[:start], false
		}
		dst = append(dst, one.text...)
		switch v := v.(type) {
		case string:
			dst = appendText(dst, v)
		case map[string]any, []any:
			if one.inner == nil {
				one.inner = new(outline)
			}
			dst = one.inner.append(dst, v)
		default:
			dst = Append(dst, v)
		}
	}
	return append(dst, '}'), true
}

// draw remembers how m looks.
func (o *outline) draw(m map[string]any) {
	var room [24]member
	o.members = o.members[:0]
	lead := byte('{')
	for _, one := range sorted(room[:0], m) {
		text := append(appendText([]byte{lead}, one.name), ':')
		o.members = append(o.members, outlined{name: one.name, text: slices.Clip(text)})
		lead = ','
	}
}
