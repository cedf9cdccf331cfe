package declared

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// component is a part of one of Airbyte's manifests as it stands in the file, with the
// parameters that it inherits. References are followed when it is asked for a part of it.
type component struct {
	node    *yaml.Node            // where it stands
	names   []string              // of its members, in order
	members map[string]*yaml.Node // nil where it is none with names
	given   map[string]any        // parameters of those around it, and its own
}

// components reads them.
type components struct {
	*document
	root *yaml.Node
}

// deepestRef bounds how many references may lead on to another.
const deepestRef = 50

// follow goes where a node refers to. Members beside the reference count, and win.
func (d *components) follow(n *yaml.Node, depth int) (at *yaml.Node, names []string, members map[string]*yaml.Node) {
	n = resolve(n)
	if n == nil || n.Kind != yaml.MappingNode || depth > deepestRef {
		if depth > deepestRef {
			d.report(n, badReference, "let it lead to something else", "the reference leads back to itself")
		}
		return n, nil, nil
	}
	members = map[string]*yaml.Node{}
	var ref *yaml.Node
	set := func(name string, v *yaml.Node, wins bool) {
		if _, there := members[name]; !there {
			names = append(names, name)
		} else if !wins {
			return
		}
		members[name] = v
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], resolve(n.Content[i+1])
		switch {
		case k.Tag == "!!merge":
			for _, from := range d.items(v) {
				_, merged, inside := d.follow(from, depth+1)
				for _, name := range merged {
					set(name, inside[name], false)
				}
			}
		case k.Value == "$ref" && v.Kind == yaml.ScalarNode:
			ref = v
		default:
			set(k.Value, v, true)
		}
	}
	if ref == nil {
		return n, names, members
	}
	to := d.look(ref.Value, depth)
	if to == nil {
		d.report(ref, badReference, "define it, or mend the path", "%q refers to nothing", ref.Value)
		return n, names, members
	}
	at, more, inside := d.follow(to, depth+1)
	if inside == nil {
		return at, nil, nil
	}
	for _, name := range more {
		if own, there := members[name]; there && name == "$parameters" && own.Kind == yaml.MappingNode && inside[name].Kind == yaml.MappingNode {
			both := *own
			both.Content = append(slices.Clone(inside[name].Content), own.Content...)
			members[name] = &both
			continue
		}
		set(name, inside[name], false)
	}
	return at, names, members
}

// look finds what a reference names: "#/definitions/a/b". A name may hold a slash itself.
func (d *components) look(ref string, depth int) *yaml.Node {
	path, ok := strings.CutPrefix(ref, "#/")
	if !ok {
		return nil
	}
	at := d.root
	for path != "" {
		_, _, members := d.follow(at, depth+1)
		var next *yaml.Node
		if members == nil {
			first, rest, _ := strings.Cut(path, "/")
			i, err := strconv.Atoi(first)
			if at = resolve(at); err != nil || at == nil || at.Kind != yaml.SequenceNode || i < 0 || i >= len(at.Content) {
				return nil
			}
			at, path = at.Content[i], rest
			continue
		}
		for end := 0; next == nil && end < len(path); {
			j := strings.IndexByte(path[end:], '/')
			if j < 0 {
				end = len(path)
			} else {
				end += j
			}
			if next = members[path[:end]]; next != nil {
				path = strings.TrimPrefix(path[end:], "/")
				break
			}
			end++
		}
		if next == nil {
			return nil
		}
		at = next
	}
	return at
}

// part makes a component of a node, inside of another that gives it parameters.
func (d *components) part(n *yaml.Node, given map[string]any, field string) *component {
	at, names, members := d.follow(n, 0)
	if at == nil {
		return nil
	}
	c := &component{node: at, names: names, members: members, given: given}
	if _, there := given[field]; there && at.Kind != yaml.ScalarNode {
		c.given = maps.Clone(given)
		delete(c.given, field)
	}
	if own, is := members["$parameters"]; is {
		more, _ := d.value(own).(map[string]any)
		c.given = maps.Clone(c.given)
		if c.given == nil {
			c.given = map[string]any{}
		}
		maps.Copy(c.given, more)
	}
	return c
}

// at is a member, or where there is none the parameter of that name; nil where there is
// neither.
func (d *components) at(c *component, name string) *component {
	if c == nil {
		return nil
	}
	if n, is := c.members[name]; is && !isNull(resolve(n)) {
		return d.part(n, c.given, name)
	}
	if v, is := c.given[name]; is && v != nil {
		var n yaml.Node
		if n.Encode(v) == nil {
			n.Line, n.Column = c.node.Line, c.node.Column
			return d.part(&n, c.given, name)
		}
	}
	return nil
}

// all is the members of a list; one thing alone counts as one.
func (d *components) all(c *component, name string) []*component {
	list := d.at(c, name)
	if list == nil {
		return nil
	}
	if list.members != nil || list.node.Kind != yaml.SequenceNode {
		return []*component{list}
	}
	var out []*component
	for _, n := range list.node.Content {
		if one := d.part(n, list.given, name); one != nil {
			out = append(out, one)
		}
	}
	return out
}

// kind is the type that a component names, or the one that is meant where it stands.
func (d *components) kind(c *component, meant string) string {
	if c == nil {
		return ""
	}
	if n, is := c.members["type"]; is && resolve(n).Kind == yaml.ScalarNode {
		return resolve(n).Value
	}
	return meant
}

// text is a member as a text.
func (d *components) text(c *component, name string) string {
	v := d.at(c, name)
	if v == nil || v.node.Kind != yaml.ScalarNode {
		return ""
	}
	return v.node.Value
}

// plainOf is a member as a value, references followed.
func (d *components) plainOf(c *component, name string) any {
	v := d.at(c, name)
	if v == nil {
		return nil
	}
	return d.whole(v, 0)
}

// whole makes a value of a component.
func (d *components) whole(c *component, depth int) any {
	if d.nodes++; d.nodes > mostNodes || depth > 200 {
		return nil
	}
	if c.members != nil {
		out := make(map[string]any, len(c.members))
		for _, name := range c.names {
			if one := d.part(c.members[name], nil, ""); one != nil && name != "$parameters" {
				out[name] = d.whole(one, depth+1)
			}
		}
		return out
	}
	if c.node.Kind == yaml.SequenceNode {
		out := []any{}
		for _, n := range c.node.Content {
			if one := d.part(n, nil, ""); one != nil {
				out = append(out, d.whole(one, depth+1))
			}
		}
		return out
	}
	return d.plain(c.node)
}
