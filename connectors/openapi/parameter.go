package openapi

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/web"
	"jackfield/flow"
	"jackfield/flow/value"
)

// parameter is one input of a call beside its body.
type parameter struct {
	name, in     string
	field, label string
	hint, sample string
	required     bool
	hidden       bool // paging sets it
	style        string
	explode      bool
	reserved     bool // characters that mean something in an address stay as they are
	asJSON       bool
	schema       *openapi3.Schema
	kind         kind
	choices      []kit.Choice
}

// kind is how a parameter is shown and bound.
type kind int

const (
	textKind kind = iota
	choiceKind
	listKind
	valueKind
)

func newParameter(p *openapi3.Parameter, a *api) *parameter {
	out := &parameter{
		name: p.Name, in: p.In, required: p.Required || p.In == openapi3.ParameterInPath,
		style: p.Style, reserved: p.AllowReserved, schema: &openapi3.Schema{},
	}
	ref := p.Schema
	for _, name := range sortedNames(p.Content) {
		if p.Content[name] != nil {
			ref, out.asJSON = p.Content[name].Schema, true
		}
	}
	if ref != nil && ref.Value != nil {
		out.schema = ref.Value
	}
	if out.style == "" {
		out.style = map[string]string{openapi3.ParameterInQuery: "form", openapi3.ParameterInCookie: "form"}[p.In]
	}
	out.explode = out.style == "form"
	if p.Explode != nil {
		out.explode = *p.Explode
	}
	out.hint = web.Sentence(p.Description, out.schema.Description)
	out.sample = sampleOf(p.Example, out.schema.Example, out.schema.Default)
	out.kind = out.kindOf()
	return out
}

func sampleOf(all ...any) string {
	for _, v := range all {
		if v == nil {
			continue
		}
		if text, is := v.(string); is {
			return web.Shortened(strings.Join(strings.Fields(text), " "), 80)
		}
		if text, err := json.Marshal(v); err == nil && len(text) < 80 {
			return string(text)
		}
	}
	return ""
}

func (p *parameter) kindOf() kind {
	types := kinds(p.schema)
	one := flow.Kind("")
	for _, t := range types {
		if t != flow.Null && one == "" {
			one = t
		}
	}
	switch {
	case p.asJSON || one == flow.Object:
		return valueKind
	case one == flow.Array:
		return listKind
	case one == flow.Boolean:
		p.choices = []kit.Choice{{Value: "", Label: "Not sent"}, {Value: "true", Label: "Yes"}, {Value: "false", Label: "No"}}
		return choiceKind
	}
	if len(p.schema.Enum) > 0 && len(p.schema.Enum) <= 100 {
		p.choices = []kit.Choice{{Value: "", Label: "Not sent"}}
		for _, v := range p.schema.Enum {
			text := plainText(v)
			if text != "" && !slices.ContainsFunc(p.choices, func(c kit.Choice) bool { return c.Value == text }) {
				p.choices = append(p.choices, kit.Choice{Value: text, Label: text})
			}
		}
		return choiceKind
	}
	return textKind
}

func plainText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	if normal, err := value.Normal(v); err == nil {
		return string(value.Append(nil, normal))
	}
	return fmt.Sprint(v)
}

// input is what a person or a mapping gave for a parameter.
type input struct {
	text  string
	list  []string
	value any
}

func (p *parameter) bind(in *input) kit.Field {
	var f kit.Field
	switch p.kind {
	case choiceKind:
		f = kit.Pick(&in.text, p.field, p.label, p.choices...)
	case listKind:
		f = kit.List(&in.list, p.field, p.label)
	case valueKind:
		f = kit.Value(&in.value, p.field, p.label)
	default:
		f = kit.Text(&in.text, p.field, p.label)
		if p.schema.Format == "date-time" || p.schema.Format == "date" {
			f = f.Eg(map[string]string{"date": "2026-03-01", "date-time": "2026-03-01T10:00:00Z"}[p.schema.Format])
		}
	}
	if p.sample != "" && p.kind != choiceKind {
		f = f.Eg(p.sample)
	}
	if p.hint != "" {
		f = f.Help(p.hint)
	}
	if p.required {
		f = f.Needed()
	} else if p.in == openapi3.ParameterInHeader || p.in == openapi3.ParameterInCookie || p.schema.Deprecated {
		f = f.More()
	}
	if p.kind != choiceKind {
		f = f.Checked(func() error {
			if strings.Contains(in.text, web.SinceSign) || strings.Contains(in.text, web.PartitionSign) {
				return nil
			}
			_, _, err := p.read(*in)
			return err
		})
	}
	if p.hidden {
		f.Required = false
		f = f.OnlyIf(func() bool { return false })
	}
	return f
}

// read is the value that the parameter's schema allows.
func (p *parameter) read(in input) (v any, given bool, err error) {
	switch p.kind {
	case listKind:
		if len(in.list) == 0 {
			return nil, false, nil
		}
		var list []any
		for _, text := range in.list {
			list = append(list, typed(text, itemsOf(p.schema)))
		}
		v = list
	case valueKind:
		if v = in.value; v == nil {
			return nil, false, nil
		}
	default:
		if in.text == "" {
			return nil, false, nil
		}
		v = typed(in.text, p.schema)
	}
	if err := fits(p.schema, v); err != nil {
		return nil, true, kit.Fail(kit.Invalid, "%s %w", p.label, err).On(p.field).Hint("give what the API takes")
	}
	return v, true, nil
}

func itemsOf(s *openapi3.Schema) *openapi3.Schema {
	if s.Items != nil && s.Items.Value != nil {
		return s.Items.Value
	}
	return &openapi3.Schema{}
}

// typed reads a text as what the schema wants; one that is none stays a text, and does not
// fit.
func typed(text string, s *openapi3.Schema) any {
	switch {
	case s.Type.Includes("string"):
		return text
	case s.Type.Includes("integer"):
		if n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64); err == nil {
			return n
		}
	case s.Type.Includes("number"):
		if n, err := strconv.ParseFloat(strings.TrimSpace(text), 64); err == nil {
			return n
		}
	case s.Type.Includes("boolean"):
		if b, err := strconv.ParseBool(text); err == nil {
			return b
		}
	}
	return text
}

// fits says what of a value a schema does not allow.
func fits(s *openapi3.Schema, v any) error {
	err := s.VisitJSON(web.Numbers(v, forChecking), openapi3.VisitAsRequest(), openapi3.SetSchemaRegexCompiler(lenient))
	if err == nil {
		return nil
	}
	var at *openapi3.SchemaError
	if !errors.As(err, &at) {
		return errors.New("does not fit: " + tidy(firstLine(err.Error())))
	}
	for { // the innermost cause says most
		var inner *openapi3.SchemaError
		if at.Origin == nil || !errors.As(at.Origin, &inner) || inner == at {
			break
		}
		at = inner
	}
	where := strings.Join(at.JSONPointer(), ".")
	if where != "" {
		where = "at " + where + " "
	}
	return fmt.Errorf("%sdoes not fit: %s", where, tidy(cmp.Or(at.Reason, firstLine(at.Error()))))
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

// lenient takes patterns that Go does not know, such as those that look ahead, for ones that
// everything fits.
func lenient(expr string) (openapi3.RegexMatcher, error) {
	if re, err := regexp.Compile(expr); err == nil {
		return re, nil
	}
	return regexp.MustCompile(""), nil
}

// forChecking makes a number into one that the checker knows.
func forChecking(v any) any {
	switch v := v.(type) {
	case int:
		return float64(v)
	case int64:
		return float64(v)
	case *big.Int:
		f, _ := new(big.Float).SetInt(v).Float64()
		return f
	}
	return v
}

// pair is a part of a query, a cookie or a form.
type pair struct{ name, value string }

// pairs writes a value in the style of the parameter (OpenAPI 3.1, Style Values).
func (p *parameter) pairs(v any) []pair {
	if p.asJSON {
		return []pair{{p.name, string(value.Append(nil, normal(v)))}}
	}
	switch v := v.(type) {
	case []any:
		var texts []string
		for _, one := range v {
			texts = append(texts, plainText(one))
		}
		if p.explode {
			var all []pair
			for _, t := range texts {
				all = append(all, pair{p.name, t})
			}
			return all
		}
		separator := map[string]string{"spaceDelimited": " ", "pipeDelimited": "|"}[p.style]
		return []pair{{p.name, strings.Join(texts, cmp.Or(separator, ","))}}
	case map[string]any:
		var all []pair
		var texts []string
		for _, name := range sortedNames(v) {
			text := plainText(v[name])
			switch {
			case p.style == "deepObject":
				all = append(all, pair{p.name + "[" + name + "]", text})
			case p.explode:
				all = append(all, pair{name, text})
			default:
				texts = append(texts, name, text)
			}
		}
		if texts != nil {
			return []pair{{p.name, strings.Join(texts, ",")}}
		}
		return all
	}
	return []pair{{p.name, plainText(v)}}
}

// inPath writes a value into a path (RFC 6570).
func (p *parameter) inPath(v any) string {
	var texts []string
	join := ","
	switch p.style {
	case "label":
		join = "."
	case "matrix":
		join = ";" + p.name + "="
	}
	if !p.explode && p.style != "label" || p.style == "matrix" && !p.explode {
		join = ","
	}
	for _, one := range p.parts(v) {
		texts = append(texts, url.PathEscape(one))
	}
	text := strings.Join(texts, join)
	switch p.style {
	case "label":
		return "." + text
	case "matrix":
		return ";" + p.name + "=" + text
	}
	return text
}

func (p *parameter) parts(v any) []string {
	var texts []string
	switch v := v.(type) {
	case []any:
		for _, one := range v {
			texts = append(texts, plainText(one))
		}
	case map[string]any:
		for _, name := range sortedNames(v) {
			if p.explode {
				texts = append(texts, name+"="+plainText(v[name]))
			} else {
				texts = append(texts, name, plainText(v[name]))
			}
		}
	default:
		texts = append(texts, plainText(v))
	}
	return texts
}

func normal(v any) any {
	if n, err := value.Normal(v); err == nil {
		return n
	}
	return v
}
