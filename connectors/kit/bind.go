package kit

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"jackfield/flow"
)

// Bind sets every value of v whose field is there, and tells what does not fit.
// Unknown names are problems; missing ones are not: see Missing.
func (fs Fields) Bind(step flow.StepID, v flow.Values) []flow.Problem {
	var problems []flow.Problem
	for _, name := range sortedKeys(v) {
		f, ok := fs.Field(name)
		if !ok {
			problems = append(problems, unknownField(step, name, fs.Names()))
			continue
		}
		if err := f.set(v[name]); err != nil {
			problems = append(problems, unfit(step, f, err))
		}
	}
	return problems
}

// Missing lists the needed fields that are empty and that none of the given names
// will fill.
func (fs Fields) Missing(step flow.StepID, filled func(name string) bool) []flow.Problem {
	var problems []flow.Problem
	for _, f := range fs {
		if !f.Required || !f.Matters() || !empty(f.get()) || filled != nil && filled(f.Name) {
			continue
		}
		problems = append(problems, flow.Problem{
			Step: step, Field: f.Name, Code: "needed",
			What: fmt.Sprintf("%q is needed", f.Label), Fix: neededFix(f),
		})
	}
	return problems
}

// unfit is the problem of a value that does not fit; a Failure brings its own way out, and
// a Problem also the place in the text.
func unfit(step flow.StepID, f Field, err error) flow.Problem {
	p := flow.Problem{Step: step, Field: f.Name, Code: Invalid, What: err.Error(), Fix: fixFor(f)}
	if failure, ok := errors.AsType[*Failure](err); ok && failure.Fix != "" {
		p.Fix = failure.Fix
	}
	if inside, ok := errors.AsType[flow.Problem](err); ok {
		p.Line, p.Column, p.What, p.Fix = inside.Line, inside.Column, inside.What, inside.Fix
	}
	return p
}

func unknownField(step flow.StepID, name string, known []string) flow.Problem {
	p := flow.Problem{Step: step, Field: name, Code: "unknown-field", What: fmt.Sprintf("there is no field %q", name)}
	if near, ok := flow.Nearest(name, known); ok {
		p.Fix = fmt.Sprintf("did you mean %q?", near)
	} else {
		p.Fix = "known are " + strings.Join(known, ", ")
	}
	return p
}

func neededFix(f Field) string {
	if f.Sample != "" {
		return fmt.Sprintf("set %q, for example %s", f.Name, f.Sample)
	}
	return fmt.Sprintf("set %q, or map it", f.Name)
}

func fixFor(f Field) string {
	switch f.Kind {
	case ChoiceField:
		var values []string
		for _, c := range f.Choices {
			values = append(values, c.Value)
		}
		return "one of " + strings.Join(values, ", ")
	case DurationField:
		return "write it like 30s, 5m or 1h30m"
	case CasesField:
		return "write a list of {name: …, when: jq}"
	case ListField:
		return "write a list of texts"
	case PairsField:
		return "write names with texts"
	case ToggleField:
		return "true or false"
	}
	if f.Sample != "" {
		return "for example " + f.Sample
	}
	return ""
}

func empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case Secret:
		return v.Empty()
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return false
}

func setText(p *string, v any) error {
	switch v := v.(type) {
	case nil:
		*p = ""
	case string:
		*p = v
	case bool:
		*p = strconv.FormatBool(v)
	case int:
		*p = strconv.Itoa(v)
	case float64:
		*p = strconv.FormatFloat(v, 'f', -1, 64)
	case *big.Int:
		*p = v.String()
	default:
		return fmt.Errorf("a text is wanted, this is %s", a(v))
	}
	return nil
}

func setChoice(p *string, choices []Choice, v any) error {
	var s string
	if err := setText(&s, v); err != nil {
		return err
	}
	if s != "" && !slices.ContainsFunc(choices, func(c Choice) bool { return c.Value == s }) {
		return fmt.Errorf("%q is not one of the choices", s)
	}
	*p = s
	return nil
}

func setSecret(p *Secret, v any) error {
	if s, ok := v.(Secret); ok {
		*p = s
		return nil
	}
	var s string
	if err := setText(&s, v); err != nil {
		return err
	}
	*p = NewSecret(s)
	return nil
}

func setInt(p *int, v any) error {
	switch v := v.(type) {
	case int:
		*p = v
		return nil
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
			*p = int(v)
			return nil
		}
	case string:
		if n, err := strconv.Atoi(strings.TrimSpace(v)); err == nil {
			*p = n
			return nil
		}
	}
	return fmt.Errorf("a whole number is wanted, this is %s", a(v))
}

func setNumber(p *float64, v any) error {
	switch v := v.(type) {
	case int:
		*p = float64(v)
		return nil
	case float64:
		*p = v
		return nil
	case string:
		if n, err := strconv.ParseFloat(strings.TrimSpace(v), 64); err == nil {
			*p = n
			return nil
		}
	}
	return fmt.Errorf("a number is wanted, this is %s", a(v))
}

func setBool(p *bool, v any) error {
	switch v := v.(type) {
	case bool:
		*p = v
		return nil
	case string:
		if b, err := strconv.ParseBool(v); err == nil {
			*p = b
			return nil
		}
	}
	return fmt.Errorf("true or false is wanted, this is %s", a(v))
}

func setDuration(p *time.Duration, v any) error {
	switch v := v.(type) {
	case nil:
		*p = 0
		return nil
	case string:
		if v == "" {
			*p = 0
			return nil
		}
		d, err := parseDuration(v)
		if err == nil && d >= 0 {
			*p = d
			return nil
		}
	case int:
		if v == 0 {
			*p = 0
			return nil
		}
	}
	return fmt.Errorf("a length of time is wanted, this is %s", a(v))
}

func setList(p *[]string, v any) error {
	list, ok := v.([]any)
	if !ok {
		if s, one := v.(string); one && s != "" {
			*p = []string{s}
			return nil
		}
		if v == nil || v == "" {
			*p = nil
			return nil
		}
		return fmt.Errorf("a list is wanted, this is %s", a(v))
	}
	out := make([]string, len(list))
	for i, m := range list {
		if err := setText(&out[i], m); err != nil {
			return fmt.Errorf("item %d: %w", i+1, err)
		}
	}
	*p = out
	return nil
}

func setPairs(p *map[string]string, v any) error {
	if v == nil {
		*p = nil
		return nil
	}
	m, ok := v.(map[string]any)
	if !ok {
		return fmt.Errorf("names with texts are wanted, this is %s", a(v))
	}
	out := make(map[string]string, len(m))
	for k, member := range m {
		var s string
		if err := setText(&s, member); err != nil {
			return fmt.Errorf("%q: %w", k, err)
		}
		out[k] = s
	}
	*p = out
	return nil
}

func setCases(p *[]Case, v any) error {
	list, ok := v.([]any)
	if !ok {
		if v == nil {
			*p = nil
			return nil
		}
		return fmt.Errorf("a list of cases is wanted, this is %s", a(v))
	}
	out := make([]Case, len(list))
	for i, m := range list {
		c, ok := m.(map[string]any)
		if !ok {
			return fmt.Errorf("case %d: a name and a condition are wanted, this is %s", i+1, a(m))
		}
		name, _ := c["name"].(string)
		if !outletName(name) {
			return fmt.Errorf("case %d: the name %q does not serve as an outlet; use a-z, 0-9 and _, beginning with a letter", i+1, name)
		}
		if slices.ContainsFunc(out[:i], func(o Case) bool { return o.Name == name }) {
			return fmt.Errorf("case %d: the name %q is taken twice", i+1, name)
		}
		when, _ := c["when"].(string)
		if b, is := c["when"].(bool); is {
			when = strconv.FormatBool(b)
		}
		if strings.TrimSpace(when) == "" {
			return fmt.Errorf("case %q: it has no condition", name)
		}
		out[i] = Case{Name: name, When: when}
	}
	*p = out
	return nil
}

func outletName(s string) bool {
	for i, r := range s {
		if (r < 'a' || r > 'z') && (i == 0 || r != '_' && (r < '0' || r > '9')) {
			return false
		}
	}
	return s != "" && s != string(flow.Failed) && s != string(flow.Done)
}

func durationValue(d time.Duration) any {
	if d == 0 {
		return ""
	}
	return d.String()
}

func listValue(list []string) any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}

func pairsValue(m map[string]string) any {
	out := make(map[string]any, len(m))
	for k, s := range m {
		out[k] = s
	}
	return out
}

func casesValue(list []Case) any {
	out := make([]any, len(list))
	for i, c := range list {
		out[i] = map[string]any{"name": c.Name, "when": c.When}
	}
	return out
}

// a names the kind of a value, with its article.
func a(v any) string {
	switch v := v.(type) {
	case nil:
		return "nothing"
	case bool:
		return strconv.FormatBool(v)
	case string:
		if len(v) > 40 {
			return "a text"
		}
		return strconv.Quote(v)
	case int, float64, *big.Int:
		return fmt.Sprint("the number ", v)
	case []any:
		return "a list"
	}
	return "an object"
}

func sortedKeys(v flow.Values) []string {
	keys := make([]string, 0, len(v))
	for k := range v {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
