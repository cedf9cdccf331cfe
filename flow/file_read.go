package flow

import (
	"fmt"
	"strings"
	"time"

	yaml "go.yaml.in/yaml/v3"
)

// key is a name that an object of the file may have, and what reads its value.
type key struct {
	name string
	read func(*yaml.Node)
}

// pair is one member of an object as it stands in the file.
type pair struct {
	name     string
	at, node *yaml.Node
}

// object reads a value that has names from a fixed list.
func (r *fileReader) object(n *yaml.Node, what string, keys ...key) {
	for _, p := range r.pairs(n, what) {
		if read := find(keys, p.name); read != nil {
			read(resolve(p.node))
			continue
		}
		names := make([]string, len(keys))
		for i, k := range keys {
			names[i] = k.name
		}
		problem := Problem{Code: UnknownKey, What: fmt.Sprintf("%s has no %q", what, p.name), Fix: "it may have " + strings.Join(names, ", ")}
		if near, ok := Nearest(p.name, names); ok {
			problem.Fix = fmt.Sprintf("did you mean %q?", near)
		}
		r.report(p.at, problem)
	}
}

func find(keys []key, name string) func(*yaml.Node) {
	for _, k := range keys {
		if k.name == name {
			return k.read
		}
	}
	return nil
}

// pairs lists the members of an object. Of two with one name the first is taken.
func (r *fileReader) pairs(n *yaml.Node, what string) []pair {
	if isNull(n) {
		return nil
	}
	if n.Kind != yaml.MappingNode {
		r.wrong(n, what+" is written as names with values")
		return nil
	}
	list := make([]pair, 0, len(n.Content)/2)
	taken := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		at := resolve(n.Content[i])
		if at.Kind != yaml.ScalarNode {
			r.wrong(at, "a name is a text")
			continue
		}
		if at.Tag == "!!merge" && at.Style == 0 {
			r.report(at, Problem{Code: UnknownKey, What: `"<<" does not merge here`, Fix: "write the members out, or put << in quotes"})
			continue
		}
		if line, twice := taken[at.Value]; twice {
			r.report(at, Problem{Code: DuplicateKey, What: fmt.Sprintf("%q is there twice, first in line %d", at.Value, line), Fix: "remove one of them"})
			continue
		}
		taken[at.Value] = at.Line
		list = append(list, pair{at.Value, at, n.Content[i+1]})
	}
	return list
}

// list gives the items of a list; none where the value is left out.
func (r *fileReader) list(n *yaml.Node, what string) []*yaml.Node {
	if isNull(n) {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		r.wrong(n, what+" is written as a list")
		return nil
	}
	items := make([]*yaml.Node, len(n.Content))
	for i, item := range n.Content {
		items[i] = resolve(item)
	}
	return items
}

// resolve goes from an alias to what it stands for.
func resolve(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

func isNull(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null"
}

// wrong tells of a value of the wrong type.
func (r *fileReader) wrong(n *yaml.Node, wanted string) {
	r.report(n, Problem{Code: WrongType, What: fmt.Sprintf("%s, and this is %s", wanted, describe(n))})
}

// describe names what a node is, with its article.
func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "names with values"
	case yaml.SequenceNode:
		return "a list"
	}
	if n.Style != 0 {
		return "a text"
	}
	v, _ := plain(n.Value)
	switch v := v.(type) {
	case nil:
		return "nothing"
	case bool:
		return n.Value
	case string:
		if len(v) > 40 {
			return "a text"
		}
		return fmt.Sprintf("%q", v)
	}
	return "the number " + n.Value
}

// text reads a value whose text is what counts, so that a plain 2024 or true serves
// as well.
func (r *fileReader) text(to *string, what string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		switch {
		case isNull(n):
		case n.Kind == yaml.ScalarNode && n.ShortTag() != "!!binary":
			*to = n.Value
		default:
			r.wrong(n, what+" is a text")
		}
	}
}

func (r *fileReader) toggle(to *bool, what string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if v, ok := r.number(n).(bool); ok {
			*to = v
			return
		}
		r.report(n, Problem{Code: WrongType, What: fmt.Sprintf("%s is true or false, and this is %s", what, describe(n)), Fix: "write true or false"})
	}
}

// count reads a whole number that is not negative.
func (r *fileReader) count(to *int, what string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if v, ok := r.number(n).(int); ok && v >= 0 {
			*to = v
			return
		}
		r.wrong(n, what+" is a whole number from 0 up")
	}
}

// number gives the value of a scalar without quotes.
func (r *fileReader) number(n *yaml.Node) any {
	if n.Kind != yaml.ScalarNode || n.Style != 0 {
		return nil
	}
	v, _ := plain(n.Value)
	return v
}

func (r *fileReader) size(to *int64, what string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if n.Kind == yaml.ScalarNode {
			v, err := ParseSize(n.Value)
			if err == nil {
				*to = v
				return
			}
		}
		p := Problem{Code: WrongType, What: fmt.Sprintf("%s is a size, and this is %s", what, describe(n)), Fix: "write it like 500MB or 10GB"}
		if _, isInt := r.number(n).(int); isInt {
			p.What, p.Fix = what+" has no unit", fmt.Sprintf("write %sMB, if megabytes are meant", n.Value)
		}
		r.report(n, p)
	}
}

func (r *fileReader) duration(to *time.Duration, what string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if n.Kind == yaml.ScalarNode {
			if d, err := time.ParseDuration(n.Value); err == nil && d >= 0 {
				*to = d
				return
			}
		}
		p := Problem{Code: WrongType, What: fmt.Sprintf("%s is a length of time, and this is %s", what, describe(n)), Fix: "write it like 30s, 5m or 1h30m"}
		if _, isInt := r.number(n).(int); isInt {
			p.What, p.Fix = what+" has no unit", fmt.Sprintf("write %ss, if seconds are meant", n.Value)
		}
		r.report(n, p)
	}
}
