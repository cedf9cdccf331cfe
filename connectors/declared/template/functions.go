package template

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"
)

type function func(*state, arguments) (any, error)

// functions are Airbyte's macros, and those of Jinja that manifests use.
var functions = sync.OnceValue(func() map[string]function {
	return map[string]function{
		"now_utc":   func(s *state, _ arguments) (any, error) { return Moment{Time: s.names.Now.UTC()}, nil },
		"today_utc": func(s *state, _ arguments) (any, error) { return today(s.names.Now.UTC()), nil },
		"today_with_timezone": func(s *state, a arguments) (any, error) {
			zone, err := time.LoadLocation(a.text(0, "timezone", "UTC"))
			if err != nil {
				return nil, fmt.Errorf("there is no time zone %q", a.text(0, "timezone", ""))
			}
			return today(s.names.Now.In(zone)), nil
		},
		"timestamp":                timestamp,
		"str_to_datetime":          strToDatetime,
		"format_datetime":          formatDatetime,
		"day_delta":                dayDelta,
		"duration":                 duration,
		"timedelta":                timedelta,
		"max":                      func(_ *state, a arguments) (any, error) { return extreme(a, 1) },
		"min":                      func(_ *state, a arguments) (any, error) { return extreme(a, -1) },
		"generate_uuid":            func(*state, arguments) (any, error) { return uuid(), nil },
		"sanitize_url":             func(_ *state, a arguments) (any, error) { return url.QueryEscape(a.text(0, "value", "")), nil },
		"camel_case_to_snake_case": func(_ *state, a arguments) (any, error) { return snake(a.text(0, "value", "")), nil },
		"range":                    counted,
		"dict":                     func(_ *state, a arguments) (any, error) { return a.named, nil },
		"str":                      func(_ *state, a arguments) (any, error) { return a.text(0, "", ""), nil },
		"int":                      func(_ *state, a arguments) (any, error) { return toInt(a.arg(0, ""), 0), nil },
		"float":                    func(_ *state, a arguments) (any, error) { return toFloat(a.arg(0, ""), 0), nil },
		"len":                      func(_ *state, a arguments) (any, error) { return length(a.arg(0, "")) },
		"abs":                      func(_ *state, a arguments) (any, error) { return absolute(a.arg(0, "")) },
	}
})

func today(t time.Time) Moment {
	return Moment{time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location()), true}
}

func timestamp(_ *state, a arguments) (any, error) {
	switch v := a.arg(0, "dt").(type) {
	case int, float64:
		f, _ := float(v)
		return int(f), nil
	default:
		t, ok := GuessTime(v)
		if !ok {
			return nil, errUndefined
		}
		if t.Nanosecond() == 0 {
			return int(t.Unix()), nil
		}
		return float64(t.UnixMicro()) / 1e6, nil
	}
}

func strToDatetime(_ *state, a arguments) (any, error) {
	v := a.arg(0, "s")
	t, ok := GuessTime(v)
	if !ok {
		return nil, notTime(v)
	}
	return Moment{Time: t}, nil
}

func notTime(v any) error {
	if _, is := v.(missing); is || v == nil {
		return errUndefined
	}
	return fmt.Errorf("%s is no time", quote(render(v)))
}

// formatDatetime is format_datetime(dt, format, input_format).
func formatDatetime(_ *state, a arguments) (any, error) {
	v := a.arg(0, "dt")
	if m, is := v.(Moment); is {
		return FormatTime(m.Time, a.text(1, "format", "")), nil
	}
	var t time.Time
	ok := false
	if in := a.text(2, "input_format", ""); in != "" {
		t, ok = ParseTime(render(v), in)
	} else {
		t, ok = GuessTime(v)
	}
	if !ok {
		return nil, notTime(v)
	}
	return FormatTime(t.UTC(), a.text(1, "format", "")), nil
}

// dayDelta is day_delta(num_days, format): a time so many days from now.
func dayDelta(s *state, a arguments) (any, error) {
	days, ok := float(a.arg(0, "num_days"))
	if !ok {
		return nil, errUndefined
	}
	t := s.names.Now.UTC().Add(time.Duration(days * float64(24*time.Hour)))
	return FormatTime(t, a.text(1, "format", "%Y-%m-%dT%H:%M:%S.%f%z")), nil
}

func duration(_ *state, a arguments) (any, error) {
	text := a.text(0, "datestring", "")
	span, ok := ParseSpan(text)
	if !ok {
		return nil, fmt.Errorf("%q is no length of time of ISO 8601", text)
	}
	return span, nil
}

func timedelta(_ *state, a arguments) (any, error) {
	var length time.Duration
	for i, unit := range []struct {
		name string
		of   time.Duration
	}{{"days", 24 * time.Hour}, {"seconds", time.Second}, {"microseconds", time.Microsecond}, {"milliseconds", time.Millisecond}, {"minutes", time.Minute}, {"hours", time.Hour}, {"weeks", 7 * 24 * time.Hour}} {
		if n, ok := float(a.arg(i, unit.name)); ok {
			length += time.Duration(n * float64(unit.of))
		}
	}
	return Span{Length: length}, nil
}

// extreme is the greatest or the least of the arguments, or of a list.
func extreme(a arguments, way int) (any, error) {
	all := a.all
	if len(all) == 1 {
		list, err := sequence(all[0])
		if err != nil {
			return nil, err
		}
		all = list
	}
	if len(all) == 0 {
		return nil, errUndefined
	}
	best := all[0]
	for _, one := range all[1:] {
		c, ok := compare(one, best)
		if !ok {
			return nil, errUndefined
		}
		if c*way > 0 {
			best = one
		}
	}
	return best, nil
}

func counted(_ *state, a arguments) (any, error) {
	from, to := 0, 0
	if k, ok := whole(a.arg(0, "")); ok {
		to = k
	}
	if k, ok := whole(a.arg(1, "")); ok {
		from, to = to, k
	}
	if to-from > 100_000 {
		return nil, errors.New("the range is too long")
	}
	out := []any{}
	for i := from; i < to; i++ {
		out = append(out, i)
	}
	return out, nil
}

var (
	lowUp = regexp.MustCompile(`([a-z0-9])([A-Z])`)
	upUp  = regexp.MustCompile(`(.)([A-Z][a-z]+)`)
)

func snake(s string) string {
	return strings.ToLower(lowUp.ReplaceAllString(upUp.ReplaceAllString(s, "${1}_$2"), "${1}_$2"))
}

func toInt(v any, other int) any {
	switch v := v.(type) {
	case string:
		text := strings.TrimSpace(v)
		if n, is := literal(cmp.Or(text, "x")).(int); is {
			return n
		}
		if f, is := literal(cmp.Or(text, "x")).(float64); is {
			return int(f)
		}
		return other
	default:
		if f, ok := float(v); ok {
			return int(f)
		}
	}
	return other
}

func toFloat(v any, other float64) any {
	if text, is := v.(string); is {
		v = literal(strings.TrimSpace(text))
	}
	if f, ok := float(v); ok {
		return f
	}
	return other
}

func length(v any) (any, error) {
	switch v := v.(type) {
	case string:
		return len([]rune(v)), nil
	case []any:
		return len(v), nil
	case map[string]any:
		return len(v), nil
	case missing:
		return 0, nil
	}
	return nil, errUndefined
}

func absolute(v any) (any, error) {
	switch v := v.(type) {
	case int:
		return max(v, -v), nil
	case float64:
		return max(v, -v), nil
	}
	return nil, errUndefined
}

// sequence is what a loop goes over.
func sequence(v any) ([]any, error) {
	switch v := v.(type) {
	case []any:
		return v, nil
	case map[string]any:
		keys := []any{}
		for _, k := range sortedKeys(v) {
			keys = append(keys, k)
		}
		return keys, nil
	case string:
		out := []any{}
		for _, r := range v {
			out = append(out, string(r))
		}
		return out, nil
	case missing:
		return nil, nil
	}
	return nil, errUndefined
}

// Snake writes a name with small letters and underscores: "createdAt" is "created_at".
func Snake(s string) string { return snake(s) }
