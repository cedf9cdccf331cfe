package template

import (
	"reflect"
	"testing"
	"time"
)

var seen = Names{
	Now: time.Date(2026, 3, 1, 10, 30, 0, 123456000, time.UTC),
	Values: map[string]any{
		"config":   map[string]any{"key": "k-1", "n": 3, "zero": 0, "on": true, "tags": []any{"a", "b"}, "site": map[string]any{"id": "eu"}, "start": "2026-01-31T00:00:00Z", "num": "007", "quote": "it's"},
		"record":   map[string]any{"id": 7, "name": "Zoë", "price": 12.5, "at": "2026-02-03 04:05:06", "null": nil, "list": []any{map[string]any{"id": 1}, map[string]any{"id": 2}}},
		"response": map[string]any{"next": "", "total": 12, "items": []any{}},
	},
}

func TestTemplatesGiveWhatPythonWould(t *testing.T) {
	for _, tt := range []struct {
		src  string
		want any
	}{
		{"plain text", "plain text"},
		{"100", 100},
		{"{{ config['key'] }}", "k-1"},
		{"{{ config.key }}/{{ config[\"n\"] }}", "k-1/3"},
		{"{{ 1 }}", 1},
		{"{{ '1' }}", 1},
		{"{{ \"True\" }}", true},
		{"{{ 'true' }}", "true"},
		{"{{ config['num'] }}", "007"},
		{"{{ config['n'] }}0", 30},
		{"{{ config['nothing'] }}", nil},
		{"{{ config['nothing']['more'] }}", nil},
		{"a{{ config.nothing.more }}", nil},
		{"{{ config.nothing.more or 'x' }}", nil},
		{"{{ config.get('nothing', {}).get('more') }}", nil},
		{"{{ config.get('nothing', 'x') }}", "x"},
		{"{{ config.nothing or 'x' }}", "x"},
		{"{{ config.nothing | default('x') }}", "x"},
		{"{{ config.nothing.more | default('x') }}", "x"},
		{"{{ config.nothing }}", nil},
		{"[{{ config.nothing }}]", []any{}},
		{"{{ config['site']['id'] == 'eu' }}", true},
		{"{{ 'a' if config.on else 'b' }}", "a"},
		{"{{ 'a' if not config.on else 'b' if config.zero else 'c' }}", "c"},
		{"{{ 'a' if config.zero }}", nil},
		{"{{ record['price'] * 2 }}", 25.0},
		{"{{ 7 // 2 }},{{ 7 % 2 }},{{ 7 / 2 }},{{ -7 // 2 }},{{ 2 ** 3 }}", "3,1,3.5,-4,8"},
		{"{{ 'a' ~ 1 ~ none }}", "a1None"},
		{"{{ 1 + 2 * 3 - (4 - 5) }}", 8},
		{"{{ 'x' + 'y' }}", "xy"},
		{"{{ 'x' + 1 }}", nil},
		{"{{ 1 < 2 < 3 }}", true},
		{"{{ 'a' in config.tags and 'c' not in config.tags }}", true},
		{"{{ 'o' in record.name }}", true},
		{"{{ 'key' in config }}", true},
		{"{{ record['list'][-1].id }}", 2},
		{"{{ record['list'][0:1] }}", []any{map[string]any{"id": 1}}},
		{"{{ record.name[:2] }}", "Zo"},
		{"{{ response['items'] | length == 0 }}", true},
		{"{{ response.next }}", nil},
		{"{{ [1, 'a', none] }}", []any{1, "a", nil}},
		{"{{ {'a': 1, 'b': config.key} }}", map[string]any{"a": 1, "b": "k-1"}},
		{"{'a': {{ record.id }}}", map[string]any{"a": 7}},
		{"{{ config.tags | join(',') }}", "a,b"},
		{"{{ ','.join(config.tags) }}", "a,b"},
		{"{{ record.list | map(attribute='id') | list }}", []any{1, 2}},
		{"{{ config.key | upper }}", "K-1"},
		{"{{ config.key.split('-')[1] | int + 1 }}", 2},
		{"{{ 'x' | int }}", 0},
		{"{{ '5' | string }}", 5},
		{"{{ config.quote }}", "it's"},
		{"{{ config.quote | replace(\"'\", '') }}", "its"},
		{"{{ 'a=1&next=xyz&b' | regex_search('next=([a-z]+)') }}", "xyz"},
		{"{{ 'ab' | hash('md5') }}", "187ef4436122d1cc2f40dc2b92f0eba0"},
		{"{{ 'key' | hmac('s', 'sha256') | length }}", 64},
		{"{{ 'a:b' | base64encode }}", "YTpi"},
		{"{{ 'YTpi' | base64decode }}", "a:b"},
		{"{{ 'a b/c' | urlencode }}", "a%20b/c"},
		{"{{ {'a': 'é'} | tojson }}", map[string]any{"a": "é"}},
		{"{{ now_utc() }}", "2026-03-01 10:30:00.123456+00:00"},
		{"{{ now_utc().strftime('%Y-%m-%dT%H:%M:%SZ') }}", "2026-03-01T10:30:00Z"},
		{"{{ today_utc() }}", "2026-03-01"},
		{"{{ today_utc().strftime('%Y') }}", 2026},
		{"{{ day_delta(-1, format='%Y-%m-%d') }}", "2026-02-28"},
		{"{{ (now_utc() - duration('P1D')).strftime('%d') }}", 28},
		{"{{ format_datetime(str_to_datetime(config.start) + duration('P1M'), '%Y-%m-%d') }}", "2026-02-28"},
		{"{{ format_datetime(record.at, '%s') }}", 1770091506},
		{"{{ format_datetime('03/02/2026', '%Y-%m-%d', '%d/%m/%Y') }}", "2026-02-03"},
		{"{{ timestamp('2026-02-03') }}", 1770076800},
		{"{{ (now_utc() - str_to_datetime('2026-02-27')).days }}", 2},
		{"{{ max(1, 5, 3) }} {{ min([4, 2]) }}", "5 2"},
		{"{{ camel_case_to_snake_case('camelCaseName') }}", "camel_case_name"},
		{"{% if config.on %}yes{% else %}no{% endif %}", "yes"},
		{"{% if config.zero %}a{% elif config.n == 3 %}b{% else %}c{% endif %}!", "b!"},
		{"{% set x = config.n + 1 %}{{ x }}", 4},
		{"{% for t in config.tags %}<{{ t }}>{% endfor %}", "<a><b>"},
		{"a {%- if true -%} b {%- endif -%} c", "abc"},
		{"{# nothing #}x", "x"},
		{"{{ config.n is defined and config.m is not defined }}", true},
		{"{{ record.null is none }}", true},
		{"{{ '%s' }}", "%s"},
		{"{{ \"{{\" }}", "{{"},
		{"{{ (1, 2) }}", []any{1, 2}},
	} {
		t.Run(tt.src, func(t *testing.T) {
			parsed, err := Parse(tt.src)
			if err != nil {
				t.Fatal(err)
			}
			got, err := parsed.Value(seen)
			if err != nil || !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %#v, %v; want %#v", got, err, tt.want)
			}
		})
	}
}

func TestWrongTemplatesSayWhere(t *testing.T) {
	for _, tt := range []struct {
		src, what string
		offset    int
	}{
		{"a {{ b", "{{ has no }}", 2},
		{"{{ a b }}", `"b" is not expected here`, 5},
		{"{{ 'a }}", "{{ has no }}", 0},
		{"{{ a. }}", "the expression ends too early", 6},
		{"{% if a %}b", "{% if %} has no {% endif %}", 6},
		{"{% for a in b %}c{% endif %}", "{% for %} has no {% endfor %}", 2},
		{"x{% endif %}", "{% endif %} closes nothing", 12},
		{"{% macro a() %}", "{% macro %} is not known here", 2},
		{"{{ 0x }}", `"x" is not expected here`, 4},
		{"{{ a ? b }}", `"?" means nothing in an expression`, 5},
	} {
		_, err := Parse(tt.src)
		if e, is := err.(*Error); !is || e.What != tt.what || e.Offset != tt.offset {
			t.Errorf("%s: got %#v", tt.src, err)
		}
	}
	for src, what := range map[string]string{
		"{{ shell('ls') }}":            `the function "shell" is not known here`,
		"{{ config.key | sorcery }}":   `the filter "sorcery" is not known here`,
		"{{ config.key.sorcery() }}":   `the method "sorcery" is not known here`,
		"{{ config.key is sorcery }}":  `the test "sorcery" is not known here`,
		"{{ duration('a day') }}":      `"a day" is no length of time of ISO 8601`,
		"{{ str_to_datetime('soon')}}": `'soon' is no time`,
		"{{ 1 / 0 }}":                  "a division by zero",
		"{% for i in range(99999) %}{% for j in range(99999) %}{{ i }}{% endfor %}{% endfor %}": "the template works without end",
	} {
		parsed, err := Parse(src)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parsed.Value(seen); err == nil || err.Error() != what {
			t.Errorf("%s: got %v", src, err)
		}
	}
}

func TestTimesAreReadAndWrittenByFormats(t *testing.T) {
	at := time.Date(2026, 2, 3, 4, 5, 6, 789000000, time.UTC)
	for _, tt := range []struct{ format, text string }{
		{"%Y-%m-%dT%H:%M:%S.%fZ", "2026-02-03T04:05:06.789000Z"},
		{"%Y-%m-%dT%H:%M:%S.%_msZ", "2026-02-03T04:05:06.789Z"},
		{"%ms", "1770091506789"},
		{"%s_as_float", "1770091506.789"},
		{"%epoch_microseconds", "1770091506789000"},
		{"%d/%b/%y %I:%M:%S.%f %p %z", "03/Feb/26 04:05:06.789000 AM +0000"},
		{"%A, %B %d %Y %T.%f", "Tuesday, February 03 2026 04:05:06.789000"},
		{"%j of %Y %H-%M-%S.%f", "034 of 2026 04-05-06.789000"},
	} {
		if got := FormatTime(at, tt.format); got != tt.text {
			t.Errorf("%s: wrote %q, want %q", tt.format, got, tt.text)
		}
		if got, ok := ParseTime(tt.text, tt.format); !ok || !got.Equal(at) {
			t.Errorf("%s: read %v, %v", tt.format, got, ok)
		}
	}
	for text, format := range map[string]string{
		"2026-02-30": "%Y-%m-%d", "2026-02": "%Y-%m-%d", "2026-02-03x": "%Y-%m-%d", "25:00": "%H:%M", "13 PM": "%I %p", "soon": "%s", "1": "%Q", "": "%Y",
	} {
		if got, ok := ParseTime(text, format); ok {
			t.Errorf("%q by %s is %v", text, format, got)
		}
	}
	if got, ok := ParseTime("2026-02-03T05:35:06+01:30", "%Y-%m-%dT%H:%M:%S%z"); !ok || got.Format(time.RFC3339) != "2026-02-03T04:05:06Z" {
		t.Errorf("with a zone it is %v", got)
	}
}

func FuzzTemplates(f *testing.F) {
	for _, src := range []string{"{{ a.b[0] | default(1) }}", "{% if a %}{{ -1 ** 'x'[:2] }}{% endif %}", "{{ {'a': (1,)} ~ \"\\u0041\" }}", "{'a': [1, None]}"} {
		f.Add(src)
	}
	f.Fuzz(func(_ *testing.T, src string) {
		if parsed, err := Parse(src); err == nil {
			_, _ = parsed.Value(seen)
			_, _ = parsed.Text(seen)
			_, _ = parsed.True(seen)
		}
	})
}
