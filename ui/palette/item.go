// Package palette offers the operations that a step can use: at the side of the
// canvas, to be dragged onto it, and as a quick list under the keyboard.
package palette

import (
	"cmp"
	"slices"
	"strings"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// Item is one operation as it is offered.
type Item struct {
	Op        flow.OpID
	Title     string
	Connector string // its title
	Summary   string
	Icon      string
	Tint      string
	Role      kit.Role
	Account   bool     // its connector has connections
	words     []string // all that a search looks at, lower case; the title's come first
	titles    int      // how many of words are the title's
}

// Items makes an item of every operation.
func Items(set kit.Set) []Item {
	var items []Item
	for _, c := range set {
		for _, o := range c.Ops {
			it := Item{
				Op: flow.OpID(c.ID + "." + o.ID), Title: o.Title, Connector: c.Title, Summary: o.Summary,
				Icon: cmp.Or(o.Icon, c.Icon), Tint: cmp.Or(o.Tint, c.Tint), Role: o.Role(), Account: c.Connection != nil,
			}
			it.words = fields(o.Title)
			it.titles = len(it.words)
			it.words = append(it.words, fields(c.Title+" "+c.ID+" "+o.ID+" "+strings.Join(o.Words, " "))...)
			items = append(items, it)
		}
	}
	return items
}

func fields(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return r == ' ' || r == '-' || r == '.' || r == ',' || r == '/' })
}

// Find lists the items that answer a search, the best first. Every word of the
// search must be found: at the beginning of a word, inside one, or as letters in
// that order.
func Find(items []Item, query string) []Item {
	asked := fields(query)
	if len(asked) == 0 {
		return items
	}
	type hit struct {
		Item
		score int
	}
	var hits []hit
	for _, it := range items {
		if score, ok := it.answers(asked); ok {
			hits = append(hits, hit{it, score})
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Compare(b.score, a.score) })
	found := make([]Item, len(hits))
	for i, h := range hits {
		found[i] = h.Item
	}
	return found
}

func (it Item) answers(asked []string) (score int, ok bool) {
	for _, a := range asked {
		best := 0
		for i, w := range it.words {
			s := likeness(w, a)
			if s > 0 && i < it.titles {
				s += 2
			}
			best = max(best, s)
		}
		if best == 0 {
			return 0, false
		}
		score += best
	}
	return score, true
}

// likeness of a word to what was asked: 0 is none.
func likeness(word, asked string) int {
	switch {
	case word == asked:
		return 10
	case strings.HasPrefix(word, asked):
		return 8
	case strings.Contains(word, asked):
		return 5
	case len(asked) >= 3 && lettersInOrder(word, asked):
		return 1
	}
	return 0
}

func lettersInOrder(word, asked string) bool {
	rest := []rune(asked)
	for _, r := range word {
		if len(rest) > 0 && r == rest[0] {
			rest = rest[1:]
		}
	}
	return len(rest) == 0
}

// Section is a heading with its items.
type Section struct {
	Title string
	Items []Item
	Mixed bool // its items are of several connectors
	Shut  bool // it is folded until a person wants it
}

// Sections groups items as a person looks for them: what starts a run, then the
// steps that shape records, then what needs no account, then each service; those are
// many, and of them a person uses few.
func Sections(items []Item) []Section {
	var triggers, shape Section
	triggers.Title, shape.Title = "Triggers", "Shape and steer"
	triggers.Mixed = true
	var services []Section
	for _, it := range items {
		switch {
		case it.Role == kit.TriggerRole:
			triggers.Items = append(triggers.Items, it)
		case it.Op.Connector() == "core":
			shape.Items = append(shape.Items, it)
		default:
			at := slices.IndexFunc(services, func(s Section) bool { return s.Title == it.Connector })
			if at < 0 {
				services = append(services, Section{Title: it.Connector, Shut: it.Account})
				at = len(services) - 1
			}
			services[at].Items = append(services[at].Items, it)
		}
	}
	all := slices.DeleteFunc(append([]Section{triggers, shape}, services...), func(s Section) bool { return len(s.Items) == 0 })
	return all
}
