package declared

import (
	"cmp"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"jackfield/connectors/declared/template"
	"jackfield/connectors/kit"
	"jackfield/flow"
)

var theirs = regexp.MustCompile(`(?m)(^|[{,])\s*["']?type["']?\s*:\s*["']?DeclarativeSource`)

// KnowsAirbyte says whether a text is one of Airbyte's declarative manifests.
func KnowsAirbyte(text []byte) bool { return theirs.Match(text) }

// LoadAirbyte makes the connector that one of Airbyte's declarative manifests describes, as
// it is. Streams with something that is not known here are told and left out; the others
// work. It has no ID where none does.
func LoadAirbyte(path string) (kit.Connector, []flow.Problem) {
	text, err := os.ReadFile(path)
	if err != nil {
		return kit.Connector{}, []flow.Problem{kit.AsFailure(err).Problem("", "")}
	}
	s, problems := readAirbyte(path, text)
	if s == nil {
		return kit.Connector{}, problems
	}
	return s.connector(), problems
}

// airbyte reads one of Airbyte's manifests.
type airbyte struct {
	components
	service *service
	streams map[*yaml.Node]*stream // by where they stand
	making  *stream                // what is being read; problems are its own
	inside  int                    // how deep parents are nested
}

func readAirbyte(path string, text []byte) (*service, []flow.Problem) {
	d := &document{file: path}
	root := d.parse(text)
	a := &airbyte{components: components{d, root}, service: &service{id: idOf(path), summary: "Reads what its Airbyte manifest describes."}, streams: map[*yaml.Node]*stream{}}
	if root == nil {
		return nil, d.problems
	}
	top := a.part(root, nil, "")
	a.service.title = titled("", a.service.id)
	a.spec(a.at(top, "spec"))
	a.budget(a.at(top, "api_budget"))
	for _, one := range a.all(top, "streams") {
		if a.kind(one, "") == "ConditionalStreams" {
			for _, inner := range a.all(one, "streams") {
				a.named(inner)
			}
			continue
		}
		a.named(one)
	}
	for _, one := range a.all(top, "dynamic_streams") {
		a.unknown(one, "DynamicDeclarativeStream")
	}
	a.checked(top)
	working := slices.ContainsFunc(a.service.streams, func(s *stream) bool { return s.cannot == nil })
	a.service.streams = slices.DeleteFunc(a.service.streams, func(s *stream) bool { return s.cannot != nil })
	if !working {
		a.report(root, notKnown, "see the other problems", "no stream of the manifest can be read here")
		return nil, a.problems
	}
	for i := range a.problems {
		a.problems[i].Warning = true // the other streams work
	}
	return a.service, a.problems
}

// unknown tells of a component that is not known here. The stream that it belongs to cannot
// be read.
func (a *airbyte) unknown(c *component, kind string) {
	a.cannot(c.node, "leave the stream out, or read it in another way", "%s is not known here", kind)
}

func (a *airbyte) cannot(n *yaml.Node, fix, format string, args ...any) {
	what := fmt.Sprintf(format, args...)
	if a.making != nil {
		what = fmt.Sprintf("stream %q: %s", a.making.title, what)
	}
	before := len(a.problems)
	a.report(n, notKnown, fix, "%s", what)
	if a.making != nil && a.making.cannot == nil {
		p := a.problems[before]
		a.making.cannot = &p
	}
}

// checked puts the stream that the manifest tests connections with first.
func (a *airbyte) checked(top *component) {
	names, _ := a.plainOf(a.at(top, "check"), "stream_names").([]any)
	for _, name := range names {
		for _, s := range a.service.streams {
			if s.title == name && s.cannot == nil {
				a.service.tried = s
				return
			}
		}
	}
}

// budget takes the slowest of the rates that hold for all requests. Those of some paths are
// left to what the service says itself.
func (a *airbyte) budget(c *component) {
	for _, policy := range a.all(c, "policies") {
		if matchers, _ := a.plainOf(policy, "matchers").([]any); len(matchers) > 0 {
			continue
		}
		for _, rate := range a.all(policy, "rates") {
			limit, _ := numberOf(plainText(a.plainOf(rate, "limit")))
			span, ok := template.ParseSpan(a.text(rate, "interval"))
			if n, is := limit.(int); is && ok && n > 0 && span.Length > 0 {
				if r := float64(n) / span.Length.Seconds(); a.service.rate == 0 || r < a.service.rate {
					a.service.rate = r
				}
			}
		}
	}
}

// spec makes settings of the connection specification.
func (a *airbyte) spec(c *component) {
	schema, _ := a.plainOf(c, "connection_specification").(map[string]any)
	a.settings(schema, nil, "", nil)
	slices.SortStableFunc(a.service.settings, func(x, y setting) int {
		return cmp.Compare(order(schema, x.path[0]), order(schema, y.path[0]))
	})
}

func order(schema map[string]any, name string) int {
	props, _ := schema["properties"].(map[string]any)
	p, _ := props[name].(map[string]any)
	if n, is := p["order"].(int); is {
		return n
	}
	return 1 << 20
}

// settings makes fields of the properties of a schema; those of objects inside are named
// by their way.
func (a *airbyte) settings(schema map[string]any, path []string, prefix string, shown []condition) {
	props, _ := schema["properties"].(map[string]any)
	needed, _ := schema["required"].([]any)
	for _, name := range sortedNames(props) {
		p, is := props[name].(map[string]any)
		if !is {
			continue
		}
		s := setting{
			name: prefix + fieldName(name), path: append(slices.Clone(path), name), shown: shown,
			needed: slices.Contains(needed, any(name)), initial: p["default"],
		}
		s.title, _ = p["title"].(string)
		s.title = titled(s.title, name)
		s.help, _ = p["description"].(string)
		s.help = strings.Join(strings.Fields(tags.ReplaceAllString(s.help, "")), " ")
		s.sample = sampleOf(p)
		if inner, is := p["oneOf"].([]any); is && (p["type"] == "object" || p["type"] == nil) {
			a.choice(s, inner)
			continue
		}
		if _, is := p["properties"].(map[string]any); is {
			a.settings(p, s.path, s.name+"_", shown)
			continue
		}
		a.kindOf(&s, p)
		a.add(s)
	}
}

var tags = regexp.MustCompile(`<[^>]*>`)

// add takes a setting; one that is there already, from another choice, is shown there too.
func (a *airbyte) add(s setting) {
	for i, o := range a.service.settings {
		if o.name != s.name {
			continue
		}
		if len(o.shown) > 0 && len(s.shown) > 0 {
			last := len(o.shown) - 1
			merged := slices.Clone(o.shown)
			merged[last].values = append(slices.Clone(merged[last].values), s.shown[len(s.shown)-1].values...)
			a.service.settings[i].shown = merged
			a.service.settings[i].needed = o.needed && s.needed
			for _, c := range s.choices {
				if !slices.ContainsFunc(o.choices, func(d kit.Choice) bool { return d.Value == c.Value }) {
					a.service.settings[i].choices = append(a.service.settings[i].choices, c)
				}
			}
		}
		return
	}
	a.service.settings = append(a.service.settings, s)
}

var notField = regexp.MustCompile(`[^a-z0-9]+`)

// fieldName makes a name of a field of any name.
func fieldName(name string) string {
	text := strings.Trim(notField.ReplaceAllString(strings.ToLower(template.Snake(name)), "_"), "_")
	if text == "" || text[0] >= '0' && text[0] <= '9' {
		text = "n" + text
	}
	return text
}

func sampleOf(p map[string]any) string {
	list, _ := p["examples"].([]any)
	if len(list) == 0 {
		return ""
	}
	if text := plainText(list[0]); len(text) < 80 && !strings.Contains(text, "\n") {
		return text
	}
	return ""
}

func (a *airbyte) kindOf(s *setting, p map[string]any) {
	kind := p["type"]
	if list, is := kind.([]any); is && len(list) > 0 {
		kind = list[0]
	}
	enum, _ := p["enum"].([]any)
	if c, is := p["const"]; is {
		enum, s.initial = []any{c}, c
	}
	switch {
	case p["airbyte_secret"] == true:
		s.kind, s.initial = secretSetting, nil
	case len(enum) > 0:
		s.kind = choiceSetting
		if !s.needed && s.initial == nil {
			s.choices = append(s.choices, kit.Choice{Label: "—"})
		}
		for _, v := range enum {
			s.choices = append(s.choices, kit.Choice{Value: plainText(v), Label: plainText(v)})
		}
		if s.initial == nil {
			s.initial = s.choices[0].Value
		}
	case kind == "integer", kind == "number":
		s.kind = numberSetting
	case kind == "boolean":
		s.kind = toggleSetting
		s.needed = false
	case kind == "array":
		s.kind = listSetting
		if items, _ := p["items"].(map[string]any); items["type"] != nil && items["type"] != "string" {
			s.kind = valueSetting
		}
	case kind == "object":
		s.kind = valueSetting
	case p["multiline"] == true:
		s.kind = longSetting
	}
	if s.kind != valueSetting && s.kind != listSetting {
		if _, is := s.initial.([]any); is {
			s.initial = nil
		}
		if _, is := s.initial.(map[string]any); is {
			s.initial = nil
		}
	}
}

// choice makes fields of an object that is one of several kinds: which one, and those of
// each.
func (a *airbyte) choice(s setting, options []any) {
	first, _ := options[0].(map[string]any)
	by := constantOf(first)
	pick := setting{name: s.name + "_" + fieldName(cmp.Or(by, "kind")), path: append(slices.Clone(s.path), cmp.Or(by, "kind")), title: s.title, help: s.help, kind: choiceSetting, shown: s.shown, needed: s.needed}
	if !s.needed {
		pick.choices = append(pick.choices, kit.Choice{Label: "—"})
	}
	values := make([]string, len(options))
	for i, one := range options {
		o, _ := one.(map[string]any)
		props, _ := o["properties"].(map[string]any)
		d, _ := props[by].(map[string]any)
		values[i] = plainText(d["const"])
		if enum, _ := d["enum"].([]any); values[i] == "" && len(enum) > 0 {
			values[i] = plainText(enum[0])
		}
		if values[i] == "" {
			values[i] = plainText(cmp.Or[any](d["default"], fmt.Sprint(i+1)))
		}
		label, _ := o["title"].(string)
		pick.choices = append(pick.choices, kit.Choice{Value: values[i], Label: cmp.Or(label, values[i])})
	}
	pick.initial = pick.choices[0].Value
	a.add(pick)
	for i, one := range options {
		o, _ := one.(map[string]any)
		props, _ := o["properties"].(map[string]any)
		rest := map[string]any{}
		for name, p := range props {
			if name != by {
				rest[name] = p
			}
		}
		a.settings(map[string]any{"properties": rest, "required": o["required"]}, s.path, s.name+"_", append(slices.Clone(s.shown), condition{pick.name, []string{values[i]}}))
	}
}

// constantOf is the property of an object whose value is always the same: it tells the
// kind.
func constantOf(o map[string]any) string {
	props, _ := o["properties"].(map[string]any)
	for _, name := range sortedNames(props) {
		p, _ := props[name].(map[string]any)
		enum, _ := p["enum"].([]any)
		if p["const"] != nil || len(enum) == 1 {
			return name
		}
	}
	return ""
}

// named takes a stream into the service.
func (a *airbyte) named(c *component) {
	s := a.stream(c)
	id := template.Snake(s.title)
	id = strings.Trim(notField.ReplaceAllString(strings.ToLower(id), "_"), "_")
	if id == "" || id[0] >= '0' && id[0] <= '9' {
		id = strings.TrimSuffix("stream_"+id, "_")
	}
	taken := func(id string) bool {
		return slices.ContainsFunc(a.service.streams, func(o *stream) bool { return o != s && o.id == id })
	}
	s.id = id
	for n := 2; taken(s.id); n++ {
		s.id = fmt.Sprintf("%s_%d", id, n)
	}
	if !slices.Contains(a.service.streams, s) {
		a.service.streams = append(a.service.streams, s)
	}
}

// expression reads a value in which texts are templates. asText leaves what they give as
// it is, where else it would be read as a literal.
func (a *airbyte) expression(c *component, asText bool, of string) expression {
	if c == nil {
		return nil
	}
	if c.members != nil {
		var s structure
		for _, name := range c.names {
			one := a.part(c.members[name], c.given, name)
			if one == nil || name == "$parameters" {
				continue
			}
			s.names = append(s.names, a.template(c.members[name], name, c.given, true, of))
			s.values = append(s.values, a.expression(one, asText, of+"."+name))
		}
		return s
	}
	if c.node.Kind == yaml.SequenceNode {
		var list several
		for _, n := range c.node.Content {
			list = append(list, a.expression(a.part(n, c.given, ""), asText, of))
		}
		return list
	}
	v := a.plain(c.node)
	if text, is := v.(string); is {
		return a.template(c.node, text, c.given, asText, of)
	}
	return fixed{v}
}

// template reads a text.
func (a *airbyte) template(n *yaml.Node, text string, given map[string]any, asText bool, of string) expression {
	t, err := template.Parse(text)
	if err == nil {
		err = t.Unknown()
	}
	if err != nil {
		a.cannot(n, "mend the template, or leave the stream out", "%s: %v in %s", of, err, strings.Join(strings.Fields(text), " "))
		return fixed{nil}
	}
	if t.Plain() && asText {
		return fixed{text}
	}
	return templated{text: t, parameters: given, asText: asText, of: of}
}

// templateAt is the template that a member is; nil where there is none.
func (a *airbyte) templateAt(c *component, name string) expression {
	return a.expression(a.at(c, name), false, name)
}

// textAt is the same, left as it is.
func (a *airbyte) textAt(c *component, name string) expression {
	return a.expression(a.at(c, name), true, name)
}

// known is a text whose template needs parameters alone.
func (a *airbyte) known(c *component, name, other string) string {
	text := a.text(c, name)
	if text == "" {
		return other
	}
	t, err := template.Parse(text)
	if err != nil {
		return text
	}
	given := c.given
	if given == nil {
		given = map[string]any{}
	}
	v, err := t.Text(template.Names{Values: map[string]any{"parameters": given, "config": map[string]any{}}})
	if err != nil || v == nil {
		return text
	}
	return plainText(v)
}
