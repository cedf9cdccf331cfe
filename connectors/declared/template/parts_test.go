package template

import (
	"reflect"
	"testing"
)

func TestMethodsFiltersAndTests(t *testing.T) {
	for _, tt := range []struct {
		src  string
		want any
	}{
		{"{{ 'aB cd'.title() }} {{ 'aB'.capitalize() }} {{ ' x '.strip() }} {{ 'xyx'.lstrip('x') }} {{ 'xyx'.rstrip('x') }}", "Ab Cd Ab x yx xy"},
		{"{{ 'abc'.startswith('a') and 'abc'.endswith('c') and '12'.isdigit() }}", true},
		{"{{ 'a,b,c'.split(',', 1) }}", []any{"a", "b,c"}},
		{"{{ 'a,b,c'.rsplit(',', 1) }}", []any{"a,b", "c"}},
		{"{{ ' a  b '.split() }}", []any{"a", "b"}},
		{"{{ '7'.zfill(3) }}x", "007x"},
		{"{{ '{}-{b}-{0}'.format('x', b='y') }}", "x-y-x"},
		{"{{ 'pre-a'.removeprefix('pre-') ~ 'a.csv'.removesuffix('.csv') ~ 'abab'.find('b') ~ 'abab'.count('b') }}", "aa12"},
		{"{{ {'b': 1, 'a': 2}.keys() }}", []any{"a", "b"}},
		{"{{ {'b': 1, 'a': 2}.values() | sum }}", 3},
		{"{% for k, v in {} %}{% endfor %}", nil},
		{"{{ {'a': 1}.items() }}", []any{[]any{"a", 1}}},
		{"{{ [3, 1, 2] | sort }} {{ [3, 1, 2] | sort(reverse=true) | first }} {{ [1, 1, 2] | unique | list }} {{ [1, 2] | last }}", "[1, 2, 3] 3 [1, 2] 2"},
		{"{{ 'abc' | reverse }}{{ [1, 2] | reverse | join }}", "cba21"},
		{"{{ [1, 5] | max }}{{ [1, 5] | min }}{{ -3 | abs }}{{ 2.5 | round }}", 5132.0},
		{"{{ record.list | selectattr('id', 'equalto', 2) | map(attribute='id') | join(',') }}", 2},
		{"{{ record.list | rejectattr('id') | list }}", []any{}},
		{"{{ ['a', 'b'] | map('upper') | list }}", []any{"A", "B"}},
		{"{{ '<a>' | e }}{{ '<a>' | safe }}", "&lt;a&gt;<a>"},
		{"{{ 'a-b' | regex_replace('[^a-z]', '_') }}{{ 'x' | trim | title | capitalize | lower }}", "a_bx"},
		{"{{ {'a': 'x y'} | urlencode }}", "a=x+y"},
		{"{{ 7 is number and 7 is integer and 1.5 is float and 'a' is string and {} is mapping and [] is sequence and true is boolean }}", true},
		{"{{ 3 is odd and 2 is even and 1 is eq(1) and 1 is in([1]) and none is not number }}", true},
		{"{{ config.nothing is undefined and true is true and false is false }}", true},
		{"{{ 1 >= 1 and 1 <= 2 and 2 > 1 and 'a' < 'b' and 1 != 2 }}", true},
		{"{{ {'a': [1]} == {'a': [1.0]} and [1] != [2] and none == none }}", true},
		{"{{ now_utc().year + now_utc().month + now_utc().day }}", 2030},
		{"{{ now_utc().replace(day=2, hour=0, minute=0).isoformat() }}", "2026-03-02T00:00:00.123456+00:00"},
		{"{{ now_utc().date() }} {{ now_utc().weekday() }}", "2026-03-01 6"},
		{"{{ (now_utc() - now_utc()).total_seconds() }}", 0.0},
		{"{{ duration('P1DT2H') * 2 }}", "2 days, 4:00:00"},
		{"{{ now_utc() > str_to_datetime('2026-01-01') }}", true},
		{"{{ today_with_timezone('Europe/Vienna') }}", "2026-03-01"},
		{"{{ timedelta(days=1, hours=2).total_seconds() | int }}", 93600},
		{"{{ range(3) | list }} {{ range(1, 3) | list }} {{ len('abc') }} {{ str(5) ~ int('7') ~ float('1.5') }} {{ abs(-2) }}", "[0, 1, 2] [1, 2] 3 571.5 2"},
		{"{{ dict(a=1) }}", map[string]any{"a": 1}},
		{"{{ generate_uuid() | length }}", 36},
		{"{{ sanitize_url('a/b c') }}", "a%2Fb+c"},
		{"{{ 9223372036854775807 + 1 > 0 }} {{ 'ab' * 2 }} {{ 2 ** -1 }} {{ 7.5 // 2 }} {{ 7.5 % 2 }}", "True abab 0.5 3.0 1.5"},
		{"{{ 'x' ~ 1e20 ~ ' ' ~ 0.00001 }}", "x1e+20 1e-05"},
		{"{{ \"it's\" }}{{ [\"it's\", 'a\"b'] }}", `it's["it's", 'a"b']`},
	} {
		t.Run(tt.src, func(t *testing.T) {
			parsed, err := Parse(tt.src)
			if tt.src == "{% for k, v in {} %}{% endfor %}" {
				if err == nil {
					t.Error("two names in a loop are taken")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if err := parsed.Unknown(); err != nil {
				t.Error(err)
			}
			if got, err := parsed.Value(seen); err != nil || !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %#v, %v; want %#v", got, err, tt.want)
			}
		})
	}
}
