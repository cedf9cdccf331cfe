package editor

import (
	"fmt"
	"path/filepath"
	"reflect"
	"strings"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// summaryRunes is more than any card has room for; the canvas cuts to what it has.
const summaryRunes = 60

// summary tells in a few words what a step is set to do: "GET /orders", "orders.csv ·
// orders", the beginning of its jq. Where nothing is set it is the operation's title,
// or the step's id where that title stands above it already.
func (o *operation) summary(s *flow.Step) string {
	made, fields := o.bound(s)
	if made == nil {
		return string(s.Uses)
	}
	parts := tellingParts(fields, o.op.New().Fields())
	if len(parts) == 0 {
		if jq := oneLine(s.Map); jq != "" {
			parts = append(parts, jq)
		}
	}
	if len(parts) == 0 {
		if _, given := givenID(s); given && s.Title == "" {
			return string(s.ID)
		}
		return firstOf(o.op.Title, string(s.Uses))
	}
	return cut(strings.Join(parts, " · "), summaryRunes)
}

// tellingParts gives up to two settings that say most: a method with what it is
// used on, then what stands first in the form and differs from its default.
func tellingParts(fields, fresh kit.Fields) []string {
	var parts []string
	if m, ok := fields.Field("method"); ok {
		for _, name := range []string{"path", "url"} {
			if f, there := fields.Field(name); there && f.Matters() {
				if target := told(f); target != "" {
					return []string{told(m) + " " + target}
				}
			}
		}
	}
	for _, f := range fields {
		if len(parts) == 2 {
			break
		}
		if !tells(f) || !f.Matters() {
			continue
		}
		if d, ok := fresh.Field(f.Name); ok && !f.Required && reflect.DeepEqual(d.Get(), f.Get()) {
			continue
		}
		if text := told(f); text != "" {
			parts = append(parts, text)
		}
	}
	return parts
}

// tells leaves out what would only confuse on a card: switches, secrets, what is
// folded away.
func tells(f kit.Field) bool {
	switch f.Kind {
	case kit.SecretField, kit.ToggleField, kit.PairsField, kit.ValueField:
		return false
	}
	return !f.Advanced
}

// told is a field's value in a few words.
func told(f kit.Field) string {
	switch v := f.Get().(type) {
	case string:
		if v == "" || v == "0s" && f.Kind == kit.DurationField {
			return ""
		}
		switch f.Kind {
		case kit.FileField, kit.FolderField:
			return filepath.Base(filepath.Clean(v))
		case kit.ChoiceField:
			for _, c := range f.Choices {
				if c.Value == v && c.Label != "" {
					return c.Label
				}
			}
		}
		return oneLine(v)
	case int, float64:
		return strings.ToLower(f.Label) + " " + fmt.Sprint(v)
	case []any:
		return toldList(v)
	}
	return ""
}

// toldList names the members of a list: texts themselves, cases by their names.
func toldList(list []any) string {
	var names []string
	for _, one := range list {
		switch v := one.(type) {
		case string:
			names = append(names, v)
		case map[string]any:
			if name, ok := v["name"].(string); ok {
				names = append(names, name)
			}
		}
	}
	return strings.Join(names, ", ")
}

// oneLine is a text in one line, without comments and with single spaces.
func oneLine(text string) string {
	var words []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); !strings.HasPrefix(line, "#") {
			words = append(words, strings.Fields(line)...)
		}
	}
	return cut(strings.Join(words, " "), summaryRunes)
}

func cut(text string, most int) string {
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return strings.TrimRight(string(runes[:most-1]), " ") + "…"
}
