package web

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/flow/value"
)

// News is how a list is read: all of it, or by a cursor field only what is new. It binds
// a kit.Sync and how the service is told where a run begins.
type News struct {
	kit.Sync
	SinceAs    string
	Sorted     bool
	Partitions []string
}

// The ways to send where a run begins.
const (
	asGiven      = "given"
	asRFC3339    = "rfc3339"
	asDate       = "date"
	asUnix       = "unix"
	asUnixMillis = "unix_ms"
)

// What stands in settings for what changes from run to run.
const (
	SinceSign     = "{since}"
	PartitionSign = "{partition}"
)

// NewNews has the defaults.
func NewNews() News { return News{Sync: kit.NewSync(), SinceAs: asGiven} }

// NewsFields are the settings. how says to a person how the service is told where a run
// begins.
func (n *News) NewsFields(how string) kit.Fields {
	is := func() bool { return n.Cursor != "" }
	fields := kit.Fields{
		kit.Text(&n.Cursor, "cursor", "Cursor field").Eg("updated_at").
			Help("A field of the items that only grows. The next run gives only what is new. " + how),
	}
	fields = append(fields, n.Sync.More()...)
	return append(fields,
		kit.Pick(&n.SinceAs, "since_as", "Write {since} as",
			kit.Choice{Value: asGiven, Label: "The service writes it"}, kit.Choice{Value: asRFC3339, Label: "2026-03-01T10:00:00Z"},
			kit.Choice{Value: asDate, Label: "2026-03-01"}, kit.Choice{Value: asUnix, Label: "Seconds since 1970"},
			kit.Choice{Value: asUnixMillis, Label: "Milliseconds since 1970"}).OnlyIf(is).More(),
		kit.Toggle(&n.Sorted, "sorted", "The service sorts by the cursor").OnlyIf(is).More().
			Help("The cursor then moves with every page, and an item that goes backwards is an error; else it moves when the list has come to its end."),
		kit.List(&n.Partitions, "partitions", "Partitions").OnlyIf(is).More().
			Help("Each is read in turn, with a cursor of its own, and stands for {partition} in the address and the parameters; a new one begins at its very beginning."),
	)
}

// Turn is what changes from run to run: where this one begins, and which partition it
// reads.
type Turn struct {
	Since     string // as the service wants to have it written
	Has       bool   // there is a Since; a first run has none
	Value     any    // the same as the items have it, or as the number that is wanted
	Partition string
}

// Fill writes both into a text, through escape where that is not nil.
func (t Turn) Fill(text string, escape func(string) string) string {
	if escape == nil {
		escape = func(s string) string { return s }
	}
	return strings.NewReplacer(SinceSign, escape(t.Since), PartitionSign, escape(t.Partition)).Replace(text)
}

// Lacks says whether a text wants a Since that is not there yet.
func (t Turn) Lacks(text string) bool { return !t.Has && strings.Contains(text, SinceSign) }

// Filled fills in every text of a JSON value. A member of an object or a list that lacks
// its Since is left out. Where typed says so, a text that is nothing but {since} becomes
// the value that the items have, such as a number.
func (t Turn) Filled(v any, typed bool) any {
	filled, _ := t.filled(v, typed)
	return filled
}

func (t Turn) filled(v any, typed bool) (filled any, wanted bool) {
	switch v := v.(type) {
	case string:
		if typed && v == SinceSign {
			return t.Value, t.Has
		}
		return t.Fill(v, nil), !t.Lacks(v)
	case []any:
		list := make([]any, 0, len(v))
		for _, member := range v {
			if one, wanted := t.filled(member, typed); wanted {
				list = append(list, one)
			}
		}
		return list, true
	case map[string]any:
		object := make(map[string]any, len(v))
		for name, member := range v {
			if one, wanted := t.filled(member, typed); wanted {
				object[name] = one
			}
		}
		return object, true
	}
	return v, true
}

// Ask asks for the page at a place and says where the next one is.
type Ask func(t Turn, at Place) (items []any, next Place, more bool, err error)

// Page gives one page of the list, read by ask. of names what is read: a stored cursor of
// something else counts for nothing.
func (n *News) Page(env kit.Env, of string, after flow.Cursor, ask Ask) (page kit.Page, err error) {
	if n.Cursor != "" {
		return n.fresh(env, of, after, ask)
	}
	at, err := ReadPlace(after)
	if err != nil {
		return page, err
	}
	var next Place
	if page.Data, next, page.More, err = ask(Turn{}, at); err == nil {
		page.Next, err = json.Marshal(next)
	}
	return page, err
}

// fresh gives what is new on one page.
func (n *News) fresh(env kit.Env, of string, after flow.Cursor, ask Ask) (page kit.Page, err error) {
	order := kit.AnyOrder
	if n.Sorted {
		order = kit.InOrder
	}
	r, err := n.Resume(env, strings.TrimSpace(of+" "+n.Cursor), after, order)
	if err != nil {
		return page, err
	}
	if !r.Begun() {
		part, more := n.partition(r)
		if !more {
			page.Mark, err = r.Mark()
			return page, err
		}
		if err := r.Begin(part, nil); err != nil {
			return page, err
		}
	}
	at, err := ReadPlace(r.At())
	if err != nil {
		return page, err
	}
	turn, err := n.turn(r)
	if err != nil {
		return page, err
	}
	items, next, more, err := ask(turn, at)
	if err != nil {
		return page, err
	}
	page.Data = items
	if err := r.Sift(&page); err != nil {
		return kit.Page{}, err
	}
	return page, n.mark(&page, r, next, more)
}

// mark says where the next page begins, and the next run.
func (n *News) mark(page *kit.Page, r *kit.Reading, next Place, more bool) error {
	if page.More = more; more {
		at, err := json.Marshal(next)
		if err != nil {
			return err
		}
		r.Put(at)
	} else {
		if err := r.End(false); err != nil {
			return err
		}
		_, page.More = n.partition(r)
	}
	var err error
	if page.Next, err = r.Next(); err == nil {
		page.Mark, err = r.Mark()
	}
	return err
}

// partition is the one behind that which was read last.
func (n *News) partition(r *kit.Reading) (part any, more bool) {
	if len(n.Partitions) == 0 {
		return nil, !r.Ended()
	}
	last, _ := r.Part().(string)
	i := 0
	if r.Part() != nil {
		i = slices.Index(n.Partitions, last) + 1
	}
	if i >= len(n.Partitions) {
		return nil, false
	}
	return n.Partitions[i], true
}

// turn says where the pass begins, as the service wants to have it written.
func (n *News) turn(r *kit.Reading) (t Turn, err error) {
	t.Partition, _ = r.Part().(string)
	if t.Value, t.Has = r.Since(); !t.Has {
		return t, nil
	}
	if n.SinceAs == asGiven {
		var isText bool
		if t.Since, isText = t.Value.(string); !isText {
			t.Since = string(value.Append(nil, t.Value))
		}
		return t, nil
	}
	at, err := r.SinceTime()
	if err != nil {
		return t, err
	}
	switch n.SinceAs {
	case asDate:
		t.Since = at.UTC().Format(time.DateOnly)
	case asUnix, asUnixMillis:
		number := at.Unix()
		if n.SinceAs == asUnixMillis {
			number = at.UnixMilli()
		}
		t.Since, t.Value = strconv.FormatInt(number, 10), int(number)
		return t, nil
	default:
		t.Since = at.UTC().Format(time.RFC3339)
	}
	t.Value = t.Since
	return t, nil
}

// SinceInPath is what is wrong with a path that lacks its Since.
func SinceInPath() error {
	return kit.Fail(kit.Invalid, "nothing was read yet, so nothing can stand for {since} in the path").On("path").
		Hint("write {since} into a parameter, which the first run leaves out, or say how far \"first\" goes back")
}
