package declared

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"jackfield/connectors/kit"
	"jackfield/flow/value"
)

// setting is something that a person sets for a service or an operation.
type setting struct {
	name    string   // of the field
	path    []string // where the expressions find it
	title   string
	help    string
	sample  string
	kind    settingKind
	choices []kit.Choice
	initial any
	needed  bool
	more    bool
	// shown says at which values of other settings it matters; all must hold.
	shown []condition
}

// condition wants that a setting has one of some values.
type condition struct {
	name   string
	values []string
}

type settingKind int

const (
	textSetting settingKind = iota
	longSetting
	secretSetting
	numberSetting
	toggleSetting
	choiceSetting
	listSetting
	valueSetting
)

// cell holds the value of a setting.
type cell struct {
	text   string
	secret kit.Secret
	on     bool
	list   []string
	any    any
}

func (s setting) begin(c *cell) {
	switch v := s.initial.(type) {
	case nil:
	case bool:
		c.on = v
	case string:
		c.text = v
	case []any:
		for _, one := range v {
			c.list = append(c.list, plainText(one))
		}
	default:
		c.text = plainText(v)
	}
	if s.kind == valueSetting {
		c.any = s.initial
	}
}

// plainText is a value as it stands in an address or a form.
func plainText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	return string(value.Append(nil, v))
}

func (s setting) field(a *account, c *cell) kit.Field {
	var f kit.Field
	switch s.kind {
	case longSetting:
		f = kit.Long(&c.text, s.name, s.title)
	case secretSetting:
		f = kit.Hidden(&c.secret, s.name, s.title)
	case toggleSetting:
		f = kit.Toggle(&c.on, s.name, s.title)
	case choiceSetting:
		f = kit.Pick(&c.text, s.name, s.title, s.choices...)
	case listSetting:
		f = kit.List(&c.list, s.name, s.title)
	case valueSetting:
		f = kit.Value(&c.any, s.name, s.title)
	case numberSetting:
		f = kit.Text(&c.text, s.name, s.title).Checked(func() error {
			if _, ok := numberOf(c.text); c.text != "" && !ok {
				return fmt.Errorf("a number is wanted, this is %q", c.text)
			}
			return nil
		})
	default:
		f = kit.Text(&c.text, s.name, s.title)
	}
	f = f.Help(s.help).Eg(s.sample)
	if s.needed {
		f = f.Needed()
	}
	if s.more {
		f = f.More()
	}
	if len(s.shown) > 0 {
		f = f.OnlyIf(func() bool { return a.matters(s) })
	}
	return f
}

// matters says whether a setting is asked for, given the others.
func (a *account) matters(s setting) bool {
	for _, c := range s.shown {
		i := slices.IndexFunc(a.service.settings, func(o setting) bool { return o.name == c.name })
		if i < 0 || !slices.Contains(c.values, a.cells[i].text) || !a.matters(a.service.settings[i]) {
			return false
		}
	}
	return true
}

func numberOf(text string) (any, bool) {
	text = strings.TrimSpace(text)
	if n, err := strconv.Atoi(text); err == nil {
		return n, true
	}
	f, err := strconv.ParseFloat(text, 64)
	return f, err == nil
}

// value is what expressions find; ok is false where nothing was set. A secret is revealed:
// what is made of it is a request.
func (s setting) value(c cell) (v any, ok bool) {
	switch s.kind {
	case secretSetting:
		return c.secret.Reveal(), !c.secret.Empty()
	case toggleSetting:
		return c.on, true
	case listSetting:
		list := make([]any, len(c.list))
		for i, one := range c.list {
			list[i] = one
		}
		return list, len(list) > 0
	case valueSetting:
		return c.any, c.any != nil
	case numberSetting:
		n, ok := numberOf(c.text)
		return n, ok
	}
	return c.text, c.text != ""
}

// configured gathers settings as expressions find them, and the texts that are secret.
func (a *account) configured() (config map[string]any, secrets []string) {
	config = map[string]any{}
	for i, s := range a.service.settings {
		if !a.matters(s) {
			continue
		}
		v, ok := s.value(a.cells[i])
		if !ok {
			continue
		}
		put(config, s.path, v)
		if text, is := v.(string); is && s.kind == secretSetting {
			secrets = append(secrets, text)
		}
	}
	return config, secrets
}

// put sets a member inside of an object, and makes the objects on its way.
func put(object map[string]any, path []string, v any) {
	for _, name := range path[:len(path)-1] {
		inner, is := object[name].(map[string]any)
		if !is {
			inner = map[string]any{}
			object[name] = inner
		}
		object = inner
	}
	object[path[len(path)-1]] = v
}

// with is a copy of an object in which a member inside is set; what is not on the way is
// shared.
func with(object map[string]any, path []string, v any) map[string]any {
	out := maps.Clone(object)
	if out == nil {
		out = map[string]any{}
	}
	if len(path) > 1 {
		inner, _ := out[path[0]].(map[string]any)
		v = with(inner, path[1:], v)
	}
	out[path[0]] = v
	return out
}

// titled makes a title of a name: "start_date" is "Start date".
func titled(title, name string) string {
	text := strings.TrimSpace(cmp.Or(title, strings.ReplaceAll(name, "_", " ")))
	if text == "" {
		return name
	}
	letters := []rune(text)
	return strings.ToUpper(string(letters[0])) + string(letters[1:])
}

func counted(n int) string {
	if n == 1 {
		return "1 record"
	}
	return fmt.Sprintf("%d records", n)
}
