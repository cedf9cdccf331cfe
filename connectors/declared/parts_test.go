package declared

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
)

// echo answers with what a test says, and writes down what it was asked.
type echo struct {
	mu     sync.Mutex
	url    string
	asked  []string
	answer func(r *http.Request, body string) (status int, reply string)
}

func newEcho(t *testing.T, answer func(r *http.Request, body string) (int, string)) *echo {
	e := &echo{answer: answer}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e.mu.Lock()
		defer e.mu.Unlock()
		body, _ := io.ReadAll(r.Body)
		e.asked = append(e.asked, strings.TrimSpace(r.Method+" "+r.URL.RequestURI()+" "+string(body)))
		status, reply := e.answer(r, string(body))
		w.WriteHeader(status)
		_, _ = w.Write([]byte(reply))
	}))
	t.Cleanup(server.Close)
	e.url = server.URL
	return e
}

// read makes a connector of a manifest at the echo, and reads its stream "a".
func (e *echo) read(t *testing.T, manifest string, with flow.Values) (string, *kittest.Desk) {
	t.Helper()
	d := desk(t, strings.ReplaceAll(manifest, "ECHO", e.url), with)
	got, _ := d.Read("a", nil, nil)
	var all []string
	for _, one := range got {
		all = append(all, kittest.JSON(one))
	}
	return strings.Join(all, " "), d
}

func packed(t *testing.T, text string, zipped bool) string {
	t.Helper()
	var out bytes.Buffer
	if zipped {
		z := zip.NewWriter(&out)
		w, err := z.Create("a.json")
		if err != nil {
			t.Fatal(err)
		}
		_, _ = w.Write([]byte(text))
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	z := gzip.NewWriter(&out)
	_, _ = z.Write([]byte(text))
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestRepliesAreDecoded(t *testing.T) {
	for _, tt := range []struct{ name, keys, reply, want string }{
		{"lines", "decode: lines", "{\"a\": 1}\n\n{\"a\": 2}\n", `{"a":1} {"a":2}`},
		{"a table", "decode: csv", "a,b\n1,x\n2\n", `{"a":"1","b":"x"} {"a":"2","b":null}`},
		{"XML", "decode: xml, records: .reply.list.row", `<list><row id="1"><n>x</n><n>y</n></row><row id="2">text<n/></row></list>`, `{"@id":"1","n":["x","y"]} {"#text":"text","@id":"2","n":null}`},
		{"text", "decode: text", "hello", `"hello"`},
		{"gzip", "packed: gzip", packed(t, `[{"a": 1}]`, false), `{"a":1}`},
		{"gzip that is not", "packed: gzip", `[{"a": 1}]`, `{"a":1}`},
		{"zip", "packed: zip, decode: lines", packed(t, "{\"a\": 1}\n", true), `{"a":1}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := newEcho(t, func(*http.Request, string) (int, string) { return 200, tt.reply })
			if got, _ := e.read(t, "manifest: 1\nprovider: {url: ECHO}\nstreams: {a: {path: /a, "+tt.keys+"}}", nil); got != tt.want {
				t.Errorf("got %s", got)
			}
		})
	}
	e := newEcho(t, func(*http.Request, string) (int, string) { return 200, "<a><b>" })
	d := desk(t, "manifest: 1\nprovider: {url: "+e.url+"}\nstreams: {a: {path: /a, decode: xml}}", nil)
	kittest.WantFailure(t, broken(t, d, "a", nil), kit.Malformed, "", "does not read")
}

const guarded = `manifest: 1
provider:
  title: Guarded
  url: "ECHO/{.config.bot}"
  settings: {bot: {type: secret, needed: true}, key: {type: secret}, user: {}}
  headers: {X-Also: "{.config.key}"}
  auth:
    query: {sig: "{.config.user}-{.config.key}"}
    login:
      url: ECHO
      path: /login
      body: {user: "{.config.user}", key: "{.config.key}"}
      token: data.token
      expires_in: life
      in: header
      name: X-Token
streams:
  a: {path: /a, query: {q: "{.config.key}", plain: x}}
`

func TestWhatIsSecretIsSentAndNotShown(t *testing.T) {
	logins, want := 0, "canary-token-1"
	e := newEcho(t, func(r *http.Request, body string) (int, string) {
		if r.URL.Path == "/login" {
			logins++
			return 200, fmt.Sprintf(`{"data": {"token": "canary-token-%d"}, "life": 3600}`, logins)
		}
		if r.Header.Get("X-Token") != want || r.URL.Path != "/canary-bot/a" || r.URL.Query().Get("q") != "canary-key" || r.URL.Query().Get("sig") != "ann-canary-key" || r.Header.Get("X-Also") != "canary-key" {
			return 401, `{"message": "no canary-key"}`
		}
		return 200, `[{"id": 1}]`
	})
	all := flow.Values{"bot": "canary-bot", "key": "canary-key", "user": "ann"}
	got, d := e.read(t, guarded, all)
	want = "canary-token-2" // the first has ended
	again, _ := d.Read("a", nil, nil)
	if got != `{"id":1}` || len(again) != 1 || logins != 2 {
		t.Errorf("got %s and %d, %d logins, asked %q", got, len(again), logins, e.asked)
	}
	want = "another"
	err := broken(t, d, "a", nil)
	if log := d.Log(); strings.Contains(log+err.Error(), "canary") || !strings.Contains(log, "plain=x") {
		t.Errorf("%v\n%s", err, log)
	}
}

func TestAListIsReadWindowByWindow(t *testing.T) {
	e := newEcho(t, func(*http.Request, string) (int, string) { return 200, `[]` })
	_, _ = e.read(t, `manifest: 1
provider: {url: ECHO}
streams:
  a:
    path: /a
    incremental: {field: at, format: date, start: "2026-02-20", step: 5d, from: since, to: until}
`, nil)
	want := []string{"GET /a?since=2026-02-20&until=2026-02-25", "GET /a?since=2026-02-25&until=2026-03-01"}
	if !slices.Equal(e.asked, want) {
		t.Errorf("asked %q", e.asked)
	}
}

func TestACursorThatIsANumberAndAListThatIsSorted(t *testing.T) {
	rows := `[{"id": 1, "n": 5}, {"id": 2, "n": 9}, {"id": 3, "n": 10}]`
	e := newEcho(t, func(*http.Request, string) (int, string) { return 200, rows })
	d := desk(t, strings.ReplaceAll(`manifest: 1
provider: {url: ECHO}
streams:
  a: {path: /a, query: {min: "{.since}"}, key: id, incremental: {field: n, number: true, sorted: true}}
`, "ECHO", e.url), nil)
	got, mark := d.Read("a", nil, nil)
	fresh, _ := d.Read("a", nil, mark)
	if ids(got) != "1 2 3" || len(fresh) != 0 || e.asked[1] != "GET /a?min=10" {
		t.Errorf("%s, then %s, asked %q", ids(got), ids(fresh), e.asked)
	}
	rows = `[{"id": 4, "n": 12}, {"id": 5, "n": 11}]`
	kittest.WantFailure(t, broken(t, d, "a", nil), kit.Malformed, "cursor", "goes backwards")
}

func TestAManifestPresetsOAuth(t *testing.T) {
	c, problems := loaded(t, "x", `manifest: 1
provider:
  url: https://a.example
  auth:
    oauth: {grant: code, auth_url: 'https://a.example/authorize', token_url: 'https://a.example/token', scopes: [read], client_in: body, auth_params: {access_type: offline}}
streams: {a: {path: /a}}
`)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	fields := c.Connection().Fields()
	for name, want := range map[string]string{"auth": `"oauth2"`, "oauth_token_url": `"https://a.example/token"`, "oauth_scopes": `["read"]`, "oauth_client_auth": `"body"`, "oauth_auth_params": `{"access_type":"offline"}`} {
		if f, ok := fields.Field(name); !ok || kittest.JSON(f.Get()) != want {
			t.Errorf("%s is %v", name, f.Get())
		}
	}
	if _, is := c.Connection().(kit.Entry); !is {
		t.Error("nobody can sign in to it")
	}
}

// simple is an Airbyte manifest with one stream of which parts are given.
func simple(requester, retriever, stream string) string {
	return `type: DeclarativeSource
spec: {connection_specification: {properties: {start: {type: string, default: "2026-01-01"}, most: {type: integer, default: 2}}}}
api_budget: {type: HTTPAPIBudget, policies: [{type: MovingWindowCallRatePolicy, matchers: [], rates: [{limit: 600, interval: PT1M}]}, {type: MovingWindowCallRatePolicy, matchers: [{url_path_pattern: ^/slow}], rates: [{limit: 1, interval: PT1M}]}]}
streams:
  - type: DeclarativeStream
    name: a
    $parameters: {size: 2}
    retriever:
      type: SimpleRetriever
      requester: {type: HttpRequester, url_base: ECHO, path: a` + requester + `}
      record_selector: {type: RecordSelector, extractor: {type: DpathExtractor, field_path: [rows]}}
` + retriever + stream
}

func TestMoreAirbyteComponents(t *testing.T) {
	for _, tt := range []struct {
		name, manifest string
		reply, want    string
		asked          []string
	}{
		{
			"a form", simple(`, http_method: POST, request_body_data: {q: "{{ config['start'] }}", n: "{{ 1 + 1 }}"}`, "", ""),
			`{"rows": {"one": 1}}`, `{"one":1}`,
			[]string{"POST /a n=2&q=2026-01-01"},
		},
		{
			"text", simple(`, http_method: POST, request_body: {type: RequestBodyPlainText, value: "a {{ config['most'] }}"}`, "", ""),
			`{"rows": []}`, ``,
			[]string{"POST /a a 2"},
		},
		{
			"an offset and its size", simple("", `      paginator: {type: DefaultPaginator, page_token_option: {type: RequestOption, inject_into: request_parameter, field_name: from}, page_size_option: {type: RequestOption, inject_into: header, field_name: X-Size}, pagination_strategy: {type: OffsetIncrement, page_size: "{{ parameters['size'] }}"}}
`, ""),
			`{"rows": [{"r": FROM}]}`, `{"r":0}`,
			[]string{"GET /a"},
		},
		{
			"a token that is 0 ends a list", simple("", `      paginator: {type: DefaultPaginator, page_token_option: {type: RequestOption, inject_into: request_parameter, field_name: from}, pagination_strategy: {type: CursorPagination, cursor_value: "{{ (response.get('more') or {}).get('next', 0) }}"}}
`, ""),
			`{"rows": [{"r": 1}]}`, `{"r":1}`,
			[]string{"GET /a"},
		},
		{
			"bounds of a time", simple("", "", `    incremental_sync: {type: DatetimeBasedCursor, cursor_field: at, datetime_format: "%Y-%m-%d", start_datetime: {type: MinMaxDatetime, datetime: "{{ config['start'] }}", min_datetime: "2026-02-01T00:00:00Z"}, end_datetime: "2026-02-10", start_time_option: {inject_into: request_parameter, field_name: f}, end_time_option: {inject_into: request_parameter, field_name: t}}
`),
			`{"rows": []}`, ``,
			[]string{"GET /a?f=2026-02-01&t=2026-02-10"},
		},
		{
			"a counter", simple("", "", `    incremental_sync: {type: IncrementingCountCursor, cursor_field: n, start_value: 5, start_value_option: {inject_into: request_parameter, field_name: from}}
`),
			`{"rows": [{"n": 7}]}`, `{"n":7}`,
			[]string{"GET /a?from=5"},
		},
		{
			"names of fields", simple("", "", `    transformations: [{type: FlattenFields}, {type: KeysToLower}, {type: KeysReplace, old: ".", new: "_"}]
`),
			`{"rows": [{"A": {"B": 1, "C": [2, 3]}}]}`, `{"a_b":1,"a_c_0":2,"a_c_1":3}`,
			[]string{"GET /a"},
		},
		{
			"types by the schema", strings.Replace(simple("", "", "    schema_loader: {type: InlineSchemaLoader, schema: {type: object, properties: {n: {type: [\"null\", integer]}, s: {type: string}, b: {type: boolean}, o: {type: object, properties: {f: {type: number}}}}}}\n"),
				"field_path: [rows]}}", "field_path: [rows]}, schema_normalization: Default}", 1),
			`{"rows": [{"n": "7", "s": 8, "b": "true", "o": {"f": "1.5"}, "z": "9"}]}`, `{"b":true,"n":7,"o":{"f":1.5},"s":"8","z":"9"}`,
			[]string{"GET /a"},
		},
		{
			"JSON lines in gzip", strings.Replace(simple("", "      decoder: {type: GzipDecoder, decoder: {type: JsonlDecoder}}\n", ""), "field_path: [rows]", "field_path: []", 1),
			"{\"a\": 1}\n", `{"a":1}`,
			[]string{"GET /a"},
		},
		{
			"lines", strings.Replace(simple("", "      decoder: {type: IterableDecoder}\n", ""), "field_path: [rows]", "field_path: []", 1),
			"x\ny\n", `{"record":"x"} {"record":"y"}`,
			[]string{"GET /a"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := newEcho(t, func(r *http.Request, _ string) (int, string) { return 200, strings.Replace(tt.reply, "FROM", "0", 1) })
			got, d := e.read(t, tt.manifest, nil)
			if got != tt.want || !slices.Equal(e.asked, tt.asked) {
				t.Errorf("got %s, asked %q", got, e.asked)
			}
			if client, is := d.Bind("a", nil).(kit.Client); is {
				if host, rate := client.Service(); host == "" || rate != 10 {
					t.Errorf("the service is %q, at most %v a second", host, rate)
				}
			}
		})
	}
}

func TestAListThatScrollsByOneTokenIsReadToItsEnd(t *testing.T) {
	page := 0
	e := newEcho(t, func(*http.Request, string) (int, string) {
		if page++; page > 3 {
			return 200, `{"rows": [], "scroll": "s"}`
		}
		return 200, fmt.Sprintf(`{"rows": [{"id": %d}], "scroll": "s"}`, page)
	})
	manifest := simple("", `      paginator: {type: DefaultPaginator, page_token_option: {type: RequestOption, inject_into: request_parameter, field_name: scroll}, pagination_strategy: {type: CursorPagination, cursor_value: "{{ response.scroll }}", stop_condition: "{{ response.rows | length == 0 }}"}}
`, "")
	if got, _ := e.read(t, manifest, nil); got != `{"id":1} {"id":2} {"id":3}` || e.asked[3] != "GET /a?scroll=s" {
		t.Errorf("got %s, asked %q", got, e.asked)
	}
	page = 0
	d := desk(t, strings.ReplaceAll(strings.Replace(manifest, `, stop_condition: "{{ response.rows | length == 0 }}"`, "", 1), "ECHO", e.url), nil)
	kittest.WantFailure(t, broken(t, d, "a", nil), kit.Malformed, "paging", "once more")
}

func TestWaitsAreReadFromReplies(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	header := http.Header{"X-Wait": {"7.5"}, "X-Until": {"1800000060"}, "X-Words": {"retry in 3 s"}, "X-Bad": {"soon"}}
	a := &airbyte{components: components{document: &document{}}}
	for text, want := range map[string]time.Duration{
		"{type: ConstantBackoffStrategy, backoff_time_in_seconds: 5}":           5 * time.Second,
		"{type: WaitTimeFromHeader, header: X-Wait}":                            7500 * time.Millisecond,
		"{type: WaitTimeFromHeader, header: X-Words, regex: 'in ([0-9]+)'}":     3 * time.Second,
		"{type: WaitTimeFromHeader, header: X-Bad}":                             0,
		"{type: WaitUntilTimeFromHeader, header: X-Until}":                      time.Minute,
		"{type: WaitUntilTimeFromHeader, header: X-Until, min_wait: '90.5'}":    90500 * time.Millisecond,
		"{type: ExponentialBackoffStrategy, factor: 5}":                         0,
		"{type: CustomBackoffStrategy, class_name: source_x.components.Pauses}": 0,
	} {
		n := a.parse([]byte(text))
		var got time.Duration
		for _, w := range a.backoff(a.part(n, nil, "")) {
			got, _ = w.of(header, now)
		}
		if got != want {
			t.Errorf("%s waits %s, want %s", text, got, want)
		}
	}
}
