package http

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// ids gathers the ids of contacts, to be compared as one text.
func ids(items []any) string {
	var b strings.Builder
	for _, v := range items {
		fmt.Fprintf(&b, "%v ", v.(map[string]any)["id"])
	}
	return b.String()
}

func everyContact() string {
	var b strings.Builder
	for i := range contactCount {
		fmt.Fprintf(&b, "%d ", i+1)
	}
	return b.String()
}

func TestEveryStyleOfPagingGivesTheWholeListOnce(t *testing.T) {
	styles := map[string]flow.Values{
		"one list": {"path": "/contacts", "paging": "none"},
		"link":     {"path": "/contacts/link", "paging": "link"},
		"cursor":   {"path": "/contacts/cursor", "paging": "cursor", "items": "contacts"},
		"offset":   {"path": "/contacts/offset", "paging": "offset", "items": "items"},
		"page":     {"path": "/contacts/page", "paging": "page", "items": "data"},
	}
	for name, with := range styles {
		for _, size := range []int{0, 1, 19, 20, 95, 96} {
			t.Run(fmt.Sprintf("%s by %d", name, size), func(t *testing.T) {
				g := newRig(t)
				with["url"], with["page_size"] = "demo:", size
				res, err := g.request(with).Run(t.Context(), g.env, flow.Record{})
				if err != nil {
					t.Fatal(err)
				}
				if got := ids(res.Data); got != everyContact() {
					t.Errorf("a request gives %s", got)
				}
				if got, pages := readAll(t, g, with); got != everyContact() || size == 20 && name != "one list" && pages < 5 {
					t.Errorf("reading gives %s in %d pages", got, pages)
				}
			})
		}
	}
}

// readAll reads a list page by page, each with an operation of its own, as the engine
// may.
func readAll(t *testing.T, g *rig, with flow.Values) (got string, pages int) {
	t.Helper()
	var after flow.Cursor
	for more := true; more; pages++ {
		page, err := g.bind("read", with).(*read).Read(t.Context(), g.env, after)
		if err != nil {
			t.Fatal(err)
		}
		if page.Mark != nil {
			t.Error("a list leaves no mark: the next run reads it again")
		}
		got += ids(page.Data)
		after, more = page.Next, page.More
	}
	return got, pages
}

// listed is a service that gives the items 1 to 5 by twos.
func listed(t *testing.T, answer func(w http.ResponseWriter, r *http.Request, from int)) *httptest.Server {
	return serve(t, func(w http.ResponseWriter, r *http.Request) { answer(w, r, number(r, "from", 0)) })
}

func two(from int) string {
	var items []string
	for i := from; i < min(from+2, 5); i++ {
		items = append(items, fmt.Sprintf(`{"id": %d}`, i+1))
	}
	return "[" + strings.Join(items, ", ") + "]"
}

func TestServicesThatPageInTheirOwnWay(t *testing.T) {
	const all = "1 2 3 4 5 "
	t.Run("a cursor that is an address", func(t *testing.T) {
		var base string
		server := listed(t, func(w http.ResponseWriter, _ *http.Request, from int) {
			next := "null"
			if from < 4 {
				next = fmt.Sprintf(`"%s/?from=%d"`, base, from+2)
			}
			fmt.Fprintf(w, `{"list": %s, "links": {"next": %s}}`, two(from), next)
		})
		base = server.URL
		with := flow.Values{"url": server.URL, "paging": "cursor", "items": "list", "cursor_path": "links.next"}
		if got, _ := readAll(t, newRig(t), with); got != all {
			t.Errorf("got %s", got)
		}
	})
	t.Run("a cursor that is a number", func(t *testing.T) {
		server := listed(t, func(w http.ResponseWriter, _ *http.Request, from int) {
			next := any(from + 2)
			if from >= 4 {
				next = false
			}
			text, _ := json.Marshal(next)
			fmt.Fprintf(w, `{"list": %s, "next": %s}`, two(from), text)
		})
		with := flow.Values{"url": server.URL, "paging": "cursor", "items": "list", "cursor_param": "from"}
		if got, _ := readAll(t, newRig(t), with); got != all {
			t.Errorf("got %s", got)
		}
	})
	t.Run("404 behind the last page", func(t *testing.T) {
		server := listed(t, func(w http.ResponseWriter, _ *http.Request, from int) {
			if from >= 5 {
				w.WriteHeader(http.StatusNotFound)
			}
			_, _ = io.WriteString(w, two(from))
		})
		with := flow.Values{"url": server.URL, "paging": "offset", "offset_param": "from"}
		if got, _ := readAll(t, newRig(t), with); got != all {
			t.Errorf("got %s", got)
		}
	})
	t.Run("pages from 0 that the service makes smaller", func(t *testing.T) {
		server := serve(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, two(2*number(r, "p", 9))) })
		with := flow.Values{"url": server.URL, "paging": "page", "page_param": "p", "first_page": 0, "page_size": 100}
		if got, _ := readAll(t, newRig(t), with); got != all {
			t.Errorf("got %s", got)
		}
	})
}

func TestPagingThatGoesNowhereIsAnError(t *testing.T) {
	tests := []struct {
		name string
		with flow.Values
		kind flow.Code
		on   string
	}{
		{"a parameter that the service does not know", flow.Values{"paging": "offset", "offset_param": "skip"}, kit.Malformed, "paging"},
		{"pages that do not change", flow.Values{"paging": "page", "page_param": "p"}, kit.Malformed, "paging"},
		{"a link to itself", flow.Values{"paging": "link", "path": "/link"}, kit.Malformed, "paging"},
		{"a cursor that stays", flow.Values{"paging": "cursor", "path": "/cursor", "items": "list"}, kit.Malformed, "paging"},
		{"more pages than allowed", flow.Values{"paging": "offset", "offset_param": "from", "max_pages": 2}, kit.Refused, "max_pages"},
		{"an address that is none", flow.Values{"paging": "link", "path": "/broken"}, kit.Malformed, "paging"},
	}
	server := listed(t, func(w http.ResponseWriter, r *http.Request, from int) {
		switch r.URL.Path {
		case "/link":
			w.Header().Set("Link", `</link?x=1>; rel="next"`)
		case "/broken":
			w.Header().Set("Link", `<http://[::1>; rel="next"`)
		case "/cursor":
			fmt.Fprintf(w, `{"list": [{"id": %d}], "next": "x"}`, len(r.URL.RawQuery))
			return
		}
		_, _ = io.WriteString(w, two(from))
	})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.with["url"] = server.URL
			_, err := newRig(t).ask(tt.with)
			wantFailure(t, err, tt.kind, tt.on)
		})
	}
}

func TestThePageOfAnotherHostIsAskedForWithoutSigningIn(t *testing.T) {
	other := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			t.Error("the token went to another host")
		}
		_, _ = io.WriteString(w, `[{"id": 2}]`)
	})
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer t" {
			t.Error("the token did not come")
		}
		w.Header().Set("Link", "<"+other.URL+`>; rel="next"`)
		_, _ = io.WriteString(w, `[{"id": 1}]`)
	})
	with := flow.Values{"url": server.URL, "auth": "bearer", "token": "t", "paging": "link"}
	if got, err := newRig(t).ask(with); err != nil || got != "{\"id\":1}\n{\"id\":2}" {
		t.Errorf("got %s, %v", got, err)
	}
}

func TestAKeyThatTheServiceRepeatsIsNotKept(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("key") != "hush" {
			t.Errorf("asked without the key: %s", r.URL)
		}
		if r.URL.Query().Get("page") == "" {
			w.Header().Set("Link", fmt.Sprintf(`<?page=2&%s>; rel="next"`, r.URL.RawQuery))
		}
		_, _ = io.WriteString(w, `[{"id": 1}]`+strings.Repeat(" ", len(r.URL.RawQuery)))
	})
	g := newRig(t)
	with := flow.Values{"url": server.URL, "auth": "api_key", "key": "hush", "key_name": "key", "key_in": "query"}
	page, err := g.bind("read", with).(*read).Read(t.Context(), g.env, nil)
	if err != nil || !page.More || strings.Contains(string(page.Next), "hush") {
		t.Errorf("next %s, %v", page.Next, err)
	}
	if got, _ := readAll(t, g, with); got != "1 1 " {
		t.Errorf("got %s", got)
	}
}

func TestPagesAreReadOnWhereTheServiceHasMovedToMeanwhile(t *testing.T) {
	for name, with := range map[string]flow.Values{
		"link":   {"path": "/contacts/link", "paging": "link"},
		"cursor": {"path": "/contacts/cursor", "paging": "cursor", "items": "contacts"},
	} {
		with["url"] = "demo:"
		first, second := newRig(t), newRig(t)
		page, err := first.bind("read", with).(*read).Read(t.Context(), first.env, nil)
		if err != nil {
			t.Fatal(err)
		}
		next, err := second.bind("read", with).(*read).Read(t.Context(), second.env, page.Next)
		if err != nil || !strings.HasPrefix(ids(next.Data), "21 22 ") {
			t.Errorf("%s: the second page from another program's demo: %v, %v", name, next.Data, err)
		}
		if log := first.lines(); strings.Count(log, "\n") != 0 {
			t.Errorf("%s: the first program was asked again: %s", name, log)
		}
	}
}

func TestEachPageOfAPostHasItsOwnKey(t *testing.T) {
	seen := map[string]int{}
	server := listed(t, func(w http.ResponseWriter, r *http.Request, from int) {
		seen[r.Header.Get("Idempotency-Key")]++
		_, _ = io.WriteString(w, two(from))
	})
	if _, err := newRig(t).ask(flow.Values{"url": server.URL, "method": "POST", "paging": "offset", "offset_param": "from"}); err != nil {
		t.Fatal(err)
	}
	if len(seen) != 4 || seen["r1-s-rec1"] != 1 || seen["r1-s-rec1-1"] != 1 {
		t.Errorf("keys %v", seen)
	}
}

func TestAStoredPlaceThatDoesNotRead(t *testing.T) {
	_, err := newRig(t).bind("read", flow.Values{"url": "demo:"}).(*read).Read(t.Context(), kit.Env{}, flow.Cursor("[1"))
	wantFailure(t, err, kit.Malformed, "")
}
