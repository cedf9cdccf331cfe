package soap

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/flow/value"
)

// writer writes values as the schema wants them.
type writer struct{ bytes.Buffer }

func (w *writer) escaped(text string) { _ = xml.EscapeText(&w.Buffer, []byte(text)) } // a buffer takes everything

// misfit is what does not fit, and where in the value.
func misfit(path []string, format string, args ...any) error {
	where := "the body"
	if len(path) > 0 {
		where = strings.Join(path, ".")
	}
	return kit.Fail(kit.Invalid, "%s %s", where, fmt.Sprintf(format, args...)).On("body").Hint("map it to what the service takes")
}

// element writes a value as an element. space is the default namespace around it.
func (w *writer) element(p *part, v any, space string, path []string) error {
	w.WriteString("<" + p.name.Local)
	if p.name.Space != space {
		w.WriteString(` xmlns="`)
		w.escaped(p.name.Space)
		w.WriteString(`"`)
		space = p.name.Space
	}
	if v == nil {
		if !p.nillable && !p.kind.complex && p.kind.base != "string" && !p.kind.any {
			return misfit(path, "is empty")
		}
		if p.nillable {
			w.WriteString(` xmlns:xsi="` + nilSpace + `" xsi:nil="true"`)
		}
		w.WriteString("/>")
		return nil
	}
	if !p.kind.complex {
		text, err := p.kind.text(v, path)
		if err != nil {
			return err
		}
		w.WriteString(">")
		if p.kind.any {
			w.free(v)
		} else {
			w.escaped(text)
		}
		w.WriteString("</" + p.name.Local + ">")
		return nil
	}
	return w.complex(p, v, space, path)
}

func (w *writer) complex(p *part, v any, space string, path []string) error {
	object, is := v.(map[string]any)
	if !is && p.kind.base != "" && len(p.kind.parts) == 0 {
		object, is = map[string]any{"#text": v}, true
	}
	if !is {
		return misfit(path, "has to be an object")
	}
	if err := p.kind.known(object, path); err != nil {
		return err
	}
	for i, a := range p.kind.attrs {
		given, has := object["@"+a.name.Local]
		if !has || given == nil {
			if a.needed && a.fixed == "" {
				return misfit(append(path, "@"+a.name.Local), "is missing")
			}
			continue
		}
		text, err := a.kind.text(given, append(path, "@"+a.name.Local))
		if err != nil {
			return err
		}
		called := a.name.Local
		if a.name.Space != "" {
			called = fmt.Sprintf("a%d:%s", i, called)
			fmt.Fprintf(w, ` xmlns:a%d="`, i)
			w.escaped(a.name.Space)
			w.WriteString(`"`)
		}
		w.WriteString(" " + called + `="`)
		w.escaped(text)
		w.WriteString(`"`)
	}
	w.WriteString(">")
	if text, has := object["#text"]; has {
		plain, err := p.kind.text(text, path)
		if err != nil {
			return err
		}
		w.escaped(plain)
	}
	for _, k := range p.kind.parts {
		if err := w.member(k, object, space, path); err != nil {
			return err
		}
	}
	if p.kind.any {
		w.others(p.kind, object)
	}
	w.WriteString("</" + p.name.Local + ">")
	return nil
}

func (w *writer) member(k *part, object map[string]any, space string, path []string) error {
	path = append(slices.Clone(path), k.name.Local)
	given, has := object[k.name.Local]
	if !has || given == nil && !k.nillable {
		if k.needed && !(k.kind.complex && len(k.kind.parts) == 0 && len(k.kind.attrs) == 0) {
			return misfit(path, "is missing")
		}
		return nil
	}
	list, is := given.([]any)
	switch {
	case k.many && is:
		if len(list) == 0 && k.needed {
			return misfit(path, "is an empty list; one is needed")
		}
	case is && !k.kind.list && !k.kind.any:
		return misfit(path, "is a list; only one is taken")
	default:
		list = []any{given}
	}
	for i, one := range list {
		at := path
		if k.many {
			at = append(slices.Clone(path), strconv.Itoa(i))
		}
		if err := w.element(k, one, space, at); err != nil {
			return err
		}
	}
	return nil
}

// known refuses members that the kind does not have.
func (k *kind) known(object map[string]any, path []string) error {
	if k.any {
		return nil
	}
	var names []string
	for _, a := range k.attrs {
		names = append(names, "@"+a.name.Local)
	}
	for _, p := range k.parts {
		names = append(names, p.name.Local)
	}
	if k.base != "" {
		names = append(names, "#text")
	}
	for _, given := range sortedNames(object) {
		if slices.Contains(names, given) {
			continue
		}
		if near, ok := flow.Nearest(given, names); ok {
			return misfit(append(slices.Clone(path), given), "is nothing that the service knows; did you mean %q?", near)
		}
		return misfit(append(slices.Clone(path), given), "is nothing that the service knows")
	}
	return nil
}

// others writes what stands where anything may.
func (w *writer) others(k *kind, object map[string]any) {
	for _, called := range sortedNames(object) {
		known := slices.ContainsFunc(k.parts, func(p *part) bool { return p.name.Local == called })
		if !known && elementName(called) {
			w.loose(called, object[called])
		}
	}
}

// loose writes an element that no schema describes.
func (w *writer) loose(called string, v any) {
	list, is := v.([]any)
	if !is {
		list = []any{v}
	}
	for _, one := range list {
		w.WriteString("<" + called + ` xmlns="">`)
		w.free(one)
		w.WriteString("</" + called + ">")
	}
}

// free writes any value.
func (w *writer) free(v any) {
	switch v := v.(type) {
	case nil:
	case string:
		w.escaped(v)
	case map[string]any:
		for _, called := range sortedNames(v) {
			if elementName(called) {
				w.loose(called, v[called])
			}
		}
	default:
		w.escaped(string(value.Append(nil, v)))
	}
}

// elementName says whether a name can be that of an element (XML 1.0, 2.3, the plain ones).
func elementName(s string) bool {
	for i, r := range s {
		letter := r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r > 0xBF
		if !letter && (i == 0 || r != '-' && r != '.' && (r < '0' || r > '9')) {
			return false
		}
	}
	return s != ""
}

// text writes a simple value.
func (k *kind) text(v any, path []string) (string, error) {
	if list, is := v.([]any); is && k.list {
		var words []string
		one := *k
		one.list = false
		for _, word := range list {
			text, err := one.text(word, path)
			if err != nil {
				return "", err
			}
			words = append(words, text)
		}
		return strings.Join(words, " "), nil
	}
	text, isText := v.(string)
	if !isText {
		switch v.(type) {
		case bool, int, float64, *big.Int:
			text = string(value.Append(nil, v))
		default:
			if k.any {
				return "", nil
			}
			return "", misfit(path, "has to be a text, a number, true or false")
		}
	}
	_, isBool := v.(bool)
	switch {
	case k.base == "boolean":
		if isBool || text == "true" || text == "false" || text == "1" || text == "0" {
			return text, nil
		}
		return "", misfit(path, "is %q; true or false is wanted", text)
	case whole[k.base]:
		if n, ok := new(big.Int).SetString(strings.TrimSpace(text), 10); ok {
			return n.String(), nil
		}
		return "", misfit(path, "is %q; a whole number is wanted", text)
	case broken[k.base]:
		if _, err := strconv.ParseFloat(strings.TrimSpace(text), 64); err == nil {
			return strings.TrimSpace(text), nil
		}
		return "", misfit(path, "is %q; a number is wanted", text)
	case len(k.enum) > 0 && !slices.Contains(k.enum, text):
		return "", misfit(path, "is %q; one of %s is wanted", text, strings.Join(k.enum, ", "))
	}
	return text, nil
}

// read makes a value of an element.
func (k *kind) read(n *node) any {
	if n.attrs[name{Space: nilSpace, Local: "nil"}] == "true" || n.attrs[name{Space: nilSpace, Local: "nil"}] == "1" {
		return nil
	}
	if !k.complex {
		if k.any && len(n.kids)+len(n.attrs) > 0 {
			return free(n)
		}
		return k.value(n.text)
	}
	if k.base != "" && len(k.parts) == 0 && len(k.attrs) == 0 {
		return k.value(n.text)
	}
	object := map[string]any{}
	for at, text := range n.attrs {
		if at.Space == nilSpace {
			continue
		}
		v := any(text)
		for _, a := range k.attrs {
			if a.name.Local == at.Local {
				v = a.kind.value(text)
			}
		}
		object["@"+at.Local] = v
	}
	if k.base != "" && len(k.parts) == 0 {
		object["#text"] = k.value(n.text)
	}
	for _, p := range k.parts {
		if p.many {
			object[p.name.Local] = []any{}
		}
	}
	for _, kid := range n.kids {
		i := slices.IndexFunc(k.parts, func(p *part) bool { return p.name.Local == kid.name.Local })
		switch {
		case i < 0:
			put(object, kid.name.Local, free(kid))
		case k.parts[i].many:
			list, _ := object[kid.name.Local].([]any)
			object[kid.name.Local] = append(list, k.parts[i].kind.read(kid))
		default:
			object[kid.name.Local] = k.parts[i].kind.read(kid)
		}
	}
	return object
}

// value reads a simple value. What does not fit stays a text.
func (k *kind) value(text string) any {
	plain := strings.TrimSpace(text)
	if k.list {
		one := *k
		one.list = false
		list := []any{}
		for _, word := range strings.Fields(plain) {
			list = append(list, one.value(word))
		}
		return list
	}
	switch {
	case k.base == "boolean" && (plain == "true" || plain == "1"):
		return true
	case k.base == "boolean" && (plain == "false" || plain == "0"):
		return false
	case whole[k.base]:
		if n, ok := new(big.Int).SetString(strings.TrimPrefix(plain, "+"), 10); ok {
			if v, err := value.Normal(n); err == nil {
				return v
			}
		}
	case broken[k.base]:
		if f, err := strconv.ParseFloat(plain, 64); err == nil {
			if v, err := value.Normal(f); err == nil {
				return v
			}
		}
	case k.base == "string" || k.base == "anyType" || k.base == "":
		return text
	}
	return plain
}

// free makes a value of an element that no schema describes.
func free(n *node) any {
	if len(n.kids) == 0 && len(n.attrs) == 0 {
		return n.text
	}
	object := map[string]any{}
	for at, text := range n.attrs {
		object["@"+at.Local] = text
	}
	for _, kid := range n.kids {
		put(object, kid.name.Local, free(kid))
	}
	if text := strings.TrimSpace(n.text); text != "" {
		object["#text"] = text
	}
	return object
}

// put adds a member; one that comes again makes a list.
func put(object map[string]any, called string, v any) {
	before, has := object[called]
	if !has {
		object[called] = v
		return
	}
	if list, is := before.([]any); is {
		object[called] = append(list, v)
		return
	}
	object[called] = []any{before, v}
}

func sortedNames(m map[string]any) []string {
	names := make([]string, 0, len(m))
	for called := range m {
		names = append(names, called)
	}
	slices.Sort(names)
	return names
}
