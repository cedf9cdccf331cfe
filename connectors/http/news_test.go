package http

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// ledger is a service that gives its items two by two, and writes down what it was asked.
type ledger struct {
	items []map[string]any
	asked []string
}

func (l *ledger) serve(t *testing.T) *httptest.Server {
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		l.asked = append(l.asked, r.URL.Path+"?"+r.URL.Query().Get("since"))
		var found []map[string]any
		for _, one := range l.items {
			region := strings.Trim(r.URL.Path, "/")
			if fmt.Sprint(one["at"]) >= r.URL.Query().Get("since") && (region == "" || one["region"] == region) {
				found = append(found, one)
			}
		}
		from := number(r, "from", 0)
		text, _ := json.Marshal(map[string]any{"list": found[min(from, len(found)):min(from+2, len(found))]})
		_, _ = w.Write(text)
	})
}

// fresh reads from a mark to the end and tells the ids.
func fresh(t *testing.T, g *rig, with flow.Values, mark flow.Cursor) (string, flow.Cursor, error) {
	t.Helper()
	after := mark
	var got string
	for {
		page, err := g.bind("read", with).(*read).Read(t.Context(), g.env, after)
		if err != nil {
			return got, mark, err
		}
		got += ids(page.Data)
		if page.Mark != nil {
			mark = page.Mark
		}
		if after = page.Next; !page.More {
			return strings.TrimSpace(got), mark, nil
		}
	}
}

func newsOf(url string, more flow.Values) flow.Values {
	with := flow.Values{
		"url": url, "paging": "offset", "offset_param": "from", "items": "list", "cursor": "at", "query": map[string]any{"since": "{since}"},
	}
	for name, v := range more {
		with[name] = v
	}
	return with
}

func TestReadAsksTheServiceForWhatIsNew(t *testing.T) {
	l := &ledger{items: []map[string]any{
		{"id": 1, "at": "2026-03-01T10:00:00Z"}, {"id": 2, "at": "2026-03-01T12:00:00Z"}, {"id": 3, "at": "2026-03-01T11:00:00Z"},
	}}
	server := l.serve(t)
	g := newRig(t)
	g.env.Started = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	got, mark, err := fresh(t, g, newsOf(server.URL, nil), nil)
	if got != "1 2 3" || err != nil {
		t.Fatalf("at first %q, %v", got, err)
	}
	if want := []string{"/?", "/?", "/?"}; !slices.Equal(l.asked, want) {
		t.Errorf("the first run asked for %q", l.asked)
	}
	l.asked = nil
	l.items = append(l.items, map[string]any{"id": 4, "at": "2026-03-01T12:00:00Z"}, map[string]any{"id": 5, "at": "2026-03-01T13:00:00Z"})
	got, mark, err = fresh(t, g, newsOf(server.URL, nil), mark)
	if got != "4 5" || err != nil || l.asked[0] != "/?2026-03-01T12:00:00Z" {
		t.Errorf("then %q, %v; it asked for %q", got, err, l.asked)
	}
	for as, want := range map[string]string{"date": "/?2026-03-01", "unix": "/?1772370000", "unix_ms": "/?1772370000000", "rfc3339": "/?2026-03-01T13:00:00Z"} {
		l.asked = nil
		if _, _, err := fresh(t, g, newsOf(server.URL, flow.Values{"since_as": as}), mark); err != nil || l.asked[0] != want {
			t.Errorf("%s: %v; it asked for %q, want %s", as, err, l.asked, want)
		}
	}
	l.asked = nil
	if got, _, err = fresh(t, g, newsOf(server.URL, flow.Values{"overlap": "2h"}), mark); l.asked[0] != "/?2026-03-01T11:00:00Z" || err != nil {
		t.Errorf("with an overlap it asked for %q and got %q, %v", l.asked, got, err)
	}
	l.asked = nil
	if got, _, err = fresh(t, g, newsOf(server.URL, flow.Values{"first": "12h"}), nil); got != "2 4 5" || l.asked[0] != "/?2026-03-01T12:00:00Z" || err != nil {
		t.Errorf("with a first window it asked for %q and got %q, %v", l.asked, got, err)
	}
}

func TestReadFillsPathAndBody(t *testing.T) {
	var asked string
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		var body map[string]any
		_ = json.NewDecoder(r.Body).Decode(&body)
		asked = fmt.Sprintf("%s %v", r.URL.EscapedPath(), body)
		fmt.Fprint(w, `[{"id": 1, "at": 7}]`)
	})
	g := newRig(t)
	with := flow.Values{
		"url": server.URL, "paging": "none", "cursor": "at", "method": "POST", "path": "/{partition}", "partitions": []any{"a b"},
		"body": map[string]any{"filter": map[string]any{"from": "{since}", "of": "{partition}"}},
	}
	_, mark, err := fresh(t, g, with, nil)
	if want := "/a%20b map[filter:map[of:a b]]"; asked != want || err != nil {
		t.Errorf("it asked for %s, %v; want %s", asked, err, want)
	}
	if _, _, err = fresh(t, g, with, mark); asked != "/a%20b map[filter:map[from:7 of:a b]]" || err != nil {
		t.Errorf("then it asked for %s, %v", asked, err)
	}
	_, err = g.bind("read", flow.Values{"url": server.URL, "path": "/since/{since}", "cursor": "at"}).(*read).Read(t.Context(), g.env, nil)
	wantFailure(t, err, kit.Invalid, "path")
}

func TestReadHasACursorForEachPartition(t *testing.T) {
	l := &ledger{items: []map[string]any{{"id": 1, "at": "5", "region": "eu"}, {"id": 2, "at": "9", "region": "us"}}}
	server := l.serve(t)
	g := newRig(t)
	with := newsOf(server.URL, flow.Values{"path": "/{partition}", "partitions": []any{"eu", "us"}})
	got, mark, err := fresh(t, g, with, nil)
	if got != "1 2" || err != nil {
		t.Fatalf("at first %q, %v", got, err)
	}
	l.items = append(l.items, map[string]any{"id": 3, "at": "6", "region": "eu"}, map[string]any{"id": 4, "at": "1", "region": "asia"})
	with["partitions"] = []any{"asia", "eu", "us"}
	if got, mark, err = fresh(t, g, with, mark); got != "4 3" || err != nil {
		t.Errorf("then %q, %v", got, err)
	}
	if got, _, err = fresh(t, g, with, mark); got != "" || err != nil {
		t.Errorf("in the end %q, %v", got, err)
	}
}

func TestAListThatGoesBackwardsLosesNothing(t *testing.T) {
	l := &ledger{items: []map[string]any{{"id": 1, "at": "1"}, {"id": 2, "at": "3"}, {"id": 3, "at": "2"}}}
	server := l.serve(t)
	g := newRig(t)
	_, mark, err := fresh(t, g, newsOf(server.URL, flow.Values{"sorted": true}), nil)
	wantFailure(t, err, kit.Malformed, "cursor", "goes backwards")
	if f := kit.AsFailure(err); mark == nil || !strings.Contains(f.Fix, "--rewind") {
		t.Errorf("the cursor stands at %s behind the first page, and the way out is %q", mark, f.Fix)
	}
	if got, _, err := fresh(t, g, newsOf(server.URL, nil), nil); got != "1 2 3" || err != nil {
		t.Errorf("rewound, and not taken for sorted, it gives %q, %v", got, err)
	}
}

func TestAPageTokenThatRepeatsIsAnError(t *testing.T) {
	for _, circle := range []int{1, 2, 3, 63, 64, 65, 100, 500} {
		t.Run(fmt.Sprint(circle), func(t *testing.T) {
			const before = 5
			n := 0
			server := serve(t, func(w http.ResponseWriter, r *http.Request) {
				next := n
				if n++; next >= before {
					next = before + (next-before)%circle
				}
				fmt.Fprintf(w, `{"list": [{"id": %d, "at": %d}], "next": "t%d"}`, n, n, next)
			})
			g := newRig(t)
			with := flow.Values{"url": server.URL, "paging": "cursor", "items": "list", "cursor": "at"}
			got, mark, err := fresh(t, g, with, nil)
			wantFailure(t, err, kit.Malformed, "paging")
			if mark != nil {
				t.Errorf("the cursor moved to %s, though the list did not come to its end", mark)
			}
			if pages := len(strings.Fields(got)); pages < before || circle <= 64 && pages > before+circle || pages > 4*(before+circle) {
				t.Errorf("it was seen after %d pages", pages)
			}
		})
	}
}

func TestAListOfManyPagesIsNoCircle(t *testing.T) {
	n := 0
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		n++
		next := fmt.Sprintf(`"t%d"`, n)
		if n == 1000 {
			next = "null"
		}
		fmt.Fprintf(w, `{"list": [{"id": %d}], "next": %s}`, n, next)
	})
	got, pages := readAll(t, newRig(t), flow.Values{"url": server.URL, "paging": "cursor", "items": "list"})
	if pages != 1000 || !strings.HasSuffix(got, "999 1000 ") {
		t.Errorf("%d pages", pages)
	}
}
