package web

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"jackfield/connectors/kit"
)

// Dig follows a path of names and numbers with dots; an empty one leads to v itself.
func Dig(v any, path string) (any, bool) {
	if path == "" {
		return v, true
	}
	for name := range strings.SplitSeq(path, ".") {
		switch in := v.(type) {
		case map[string]any:
			member, ok := in[name]
			if !ok {
				return nil, false
			}
			v = member
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= len(in) {
				return nil, false
			}
			v = in[i]
		default:
			return nil, false
		}
	}
	return v, true
}

// List takes the items out of a reply whose JSON is body.
func (p *Paging) List(r *Reply, body any) ([]any, error) {
	v, found := Dig(body, p.Items)
	items, isList := v.([]any)
	switch {
	case isList:
		return items, nil
	case found && v == nil && p.Items != "":
		return nil, nil // some services write an empty list so
	case p.Items == "":
		return nil, kit.Fail(kit.Malformed, "the reply of %s is %s, not a list", r.Asked, KindOf(body)).On("items").Hint("%s", whereLists(body))
	case found:
		return nil, kit.Fail(kit.Malformed, "%q in the reply of %s is %s, not a list", p.Items, r.Asked, KindOf(v)).On("items").Hint("%s", whereLists(body))
	}
	return nil, kit.Fail(kit.Malformed, "the reply of %s has no %q", r.Asked, p.Items).On("items").Hint("%s", whereLists(body))
}

// KindOf names the kind of a value, with its article.
func KindOf(v any) string {
	switch v.(type) {
	case nil:
		return "empty"
	case []any:
		return "a list"
	case map[string]any:
		return "an object"
	case string:
		return "a text"
	case bool:
		return "true or false"
	}
	return "a number"
}

// whereLists names the lists that the reply has.
func whereLists(body any) string {
	var found []string
	var look func(v any, path string, depth int)
	look = func(v any, path string, depth int) {
		object, ok := v.(map[string]any)
		if !ok || depth > 3 {
			return
		}
		for name, member := range object {
			if _, is := member.([]any); is {
				found = append(found, path+name)
			}
			look(member, path+name+".", depth+1)
		}
	}
	look(body, "", 0)
	slices.Sort(found)
	switch {
	case len(found) == 0:
		return "leave paging and items out: there is no list in the reply"
	case len(found) > 5:
		found = found[:5]
	}
	return fmt.Sprintf("set \"items\" to %s", strings.Join(found, " or "))
}
