package declared

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
)

// shop is a service with customers in pages, orders behind tokens and lines of each order.
// It can do what services do: throttle, break in the middle, repeat a token, ignore what it
// was asked to leave out.
type shop struct {
	mu       sync.Mutex
	server   *httptest.Server
	orders   []map[string]any
	lines    map[string][]any
	asked    []string
	before   func(w http.ResponseWriter, r *http.Request) (done bool) // nil is as usual
	ignores  bool                                                     // it gives all orders whatever it is asked
	repeats  bool                                                     // it repeats a token
	created  map[string]any
	creating int
}

// now changes what the shop holds.
func (s *shop) now(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

func newShop(t *testing.T) *shop {
	s := &shop{lines: map[string][]any{}, created: map[string]any{}}
	for i := range 5 {
		s.orders = append(s.orders, map[string]any{"id": i + 1, "status": "paid", "updated_at": fmt.Sprintf("2026-03-01T10:0%d:00Z", i)})
		s.lines[strconv.Itoa(i+1)] = []any{map[string]any{"n": 1}, map[string]any{"n": 2}}
	}
	s.server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.server.Close)
	return s
}

func (s *shop) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, r.Method+" "+r.URL.RequestURI())
	if s.before != nil && s.before(w, r) {
		return
	}
	if r.Header.Get("Authorization") != "Bearer canary-token" {
		http.Error(w, `{"message": "who are you?"}`, http.StatusUnauthorized)
		return
	}
	q := r.URL.Query()
	path := strings.TrimPrefix(r.URL.Path, "/v2")
	switch {
	case path == "/me":
		give(w, map[string]any{"me": true})
	case path == "/customers" && r.Method == http.MethodPost:
		s.creating++
		body, _ := io.ReadAll(r.Body)
		key := r.Header.Get("Idempotency-Key")
		s.created[key] = json.RawMessage(body)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		give(w, map[string]any{"id": len(s.created), "sent": json.RawMessage(body)})
	case path == "/customers":
		page, _ := strconv.Atoi(q.Get("page"))
		size, _ := strconv.Atoi(q.Get("per_page"))
		data := []any{}
		for i := (page - 1) * size; i < min(page*size, 5); i++ {
			data = append(data, map[string]any{"id": i, "first": "A", "last": strconv.Itoa(i), "secret": "x"})
		}
		give(w, map[string]any{"data": data})
	case strings.HasPrefix(path, "/customers/"):
		http.Error(w, `{"message": "no such customer"}`, http.StatusNotFound)
	case path == "/orders":
		s.list(w, q.Get("updated_since"), q.Get("after"))
	case strings.HasSuffix(path, "/lines"):
		give(w, s.lines[strings.Split(path, "/")[2]])
	default:
		http.NotFound(w, r)
	}
}

// list gives two orders a page.
func (s *shop) list(w http.ResponseWriter, since, after string) {
	var found []map[string]any
	for _, o := range s.orders {
		if s.ignores || fmt.Sprint(o["updated_at"]) >= since {
			found = append(found, o)
		}
	}
	from, _ := strconv.Atoi(strings.TrimPrefix(after, "t"))
	to := min(from+2, len(found))
	reply := map[string]any{"orders": found[min(from, to):to], "next": nil}
	if to < len(found) {
		reply["next"] = "t" + strconv.Itoa(to)
	}
	if s.repeats && from >= 2 {
		reply["next"] = "t2"
	}
	give(w, reply)
}

func give(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

// desk is the connector of the docs at the shop.
func (s *shop) desk(t *testing.T) *kittest.Desk {
	text := strings.Replace(documented(t), `"https://{.config.region}.shop.example/v2"`, s.server.URL+"/v2", 1)
	return desk(t, text, flow.Values{"auth": "bearer", "token": "canary-token"})
}

func ids(records []any) string {
	var all []string
	for _, id := range kittest.Column(records, "id") {
		all = append(all, kittest.JSON(id))
	}
	return strings.Join(all, " ")
}

// broken reads a list up to the page that fails.
func broken(t *testing.T, d *kittest.Desk, list string, with flow.Values) error {
	t.Helper()
	op := d.Bind(list, with).(kit.Source)
	var after flow.Cursor
	for range 100 {
		page, err := op.Read(t.Context(), d.Env, after)
		if err != nil {
			return err
		}
		if after = page.Next; !page.More {
			break
		}
	}
	t.Fatal("every page is read")
	return nil
}

func TestAListIsReadPageByPage(t *testing.T) {
	s := newShop(t)
	d := s.desk(t)
	got, _ := d.Read("customers", nil, nil)
	if len(got) != 5 || kittest.JSON(got[4]) != `{"first":"A","full_name":"A 4","id":4,"last":"4"}` {
		t.Errorf("got %s", kittest.JSON(got))
	}
	if last := s.asked[len(s.asked)-1]; last != "GET /v2/customers?page=4&per_page=2" || len(s.asked) != 4 {
		t.Errorf("asked %q", s.asked)
	}
	if log := d.Log(); strings.Contains(log, "canary") || !strings.Contains(log, "/customers?page=1") {
		t.Errorf("log: %s", log)
	}
}

func TestARunGivesWhatIsNew(t *testing.T) {
	s := newShop(t)
	d := s.desk(t)
	got, mark := d.Read("orders", nil, nil)
	if ids(got) != "1 2 3 4 5" {
		t.Fatalf("at first %s", ids(got))
	}
	s.orders = append(s.orders, map[string]any{"id": 6, "status": "paid", "updated_at": "2026-03-01T10:04:00Z"}, // as the last one
		map[string]any{"id": 7, "status": "draft", "updated_at": "2026-03-01T10:05:00Z"})
	s.orders[0] = map[string]any{"id": 1, "status": "sent", "updated_at": "2026-03-01T10:06:00Z"}
	for _, s.ignores = range []bool{false, true} {
		s.asked = nil
		fresh, _ := d.Read("orders", nil, mark)
		if got := kittest.JSON(fresh); len(fresh) != 2 || !strings.Contains(got, `"id":6`) || !strings.Contains(got, `"sent"`) {
			t.Errorf("then, ignoring %v: %s", s.ignores, got)
		}
		if s.asked[0] != "GET /v2/orders?sort=updated_at&updated_since=2026-03-01T10%3A04%3A00Z" {
			t.Errorf("asked %q", s.asked[0])
		}
	}
	again, _ := d.Read("orders", flow.Values{"whole": true}, mark)
	if len(again) != 6 {
		t.Errorf("everything is %s", ids(again))
	}
	from, _ := d.Read("orders", flow.Values{"start": "2026-03-01 10:03"}, nil)
	if got := ids(from); got != "4 5 6 1" && got != "1 4 5 6" {
		t.Errorf("from the start that is set: %s", got)
	}
}

func TestEveryPageCanFailAndNothingIsLostOrDoubled(t *testing.T) {
	for _, list := range []string{"customers", "orders", "lines"} {
		t.Run(list, func(t *testing.T) {
			s := newShop(t)
			d := s.desk(t)
			want, _ := d.Read(list, nil, nil)
			n := 0
			s.before = func(w http.ResponseWriter, r *http.Request) bool {
				n++
				switch n % 4 {
				case 1:
					w.WriteHeader(http.StatusServiceUnavailable)
				case 2:
					w.Header().Set("Content-Length", "1000")
					_, _ = w.Write([]byte(`{"data": [`))
				case 3:
					w.Header().Set("X-Wait", "7")
					w.WriteHeader(423)
				default:
					return false
				}
				return true
			}
			op := d.Bind(list, nil).(kit.Source)
			var got []any
			var after flow.Cursor
			waited := false
			for more, tries := true, 0; more; tries++ {
				page, err := op.Read(t.Context(), d.Env, after)
				if err != nil {
					f := kit.AsFailure(err)
					if !f.Passing() || tries > 500 {
						t.Fatal(err)
					}
					waited = waited || f.After == 7*time.Second
					op = d.Bind(list, nil).(kit.Source) // nothing is kept in memory
					continue
				}
				got, after, more = append(got, page.Data...), page.Next, page.More
			}
			if kittest.JSON(got) != kittest.JSON(want) || !waited {
				t.Errorf("got %s\nwant %s", kittest.JSON(got), kittest.JSON(want))
			}
		})
	}
}

func TestATokenThatRepeatsIsTold(t *testing.T) {
	s := newShop(t)
	s.repeats = true
	err := broken(t, s.desk(t), "orders", nil)
	kittest.WantFailure(t, err, kit.Malformed, "paging", "once more")
}

func TestAStreamIsPartedByTheRecordsOfAnother(t *testing.T) {
	s := newShop(t)
	got, _ := s.desk(t).Read("lines", nil, nil)
	var told []string
	for _, one := range got {
		told = append(told, kittest.JSON(one))
	}
	if len(told) != 10 || told[0] != `{"n":1,"order":1}` || told[9] != `{"n":2,"order":5}` {
		t.Errorf("got %v", told)
	}
	s.lines = map[string][]any{}
	s.before = func(w http.ResponseWriter, r *http.Request) bool {
		if strings.Contains(r.URL.Path, "/3/") {
			w.WriteHeader(http.StatusBadRequest)
			give(w, map[string]any{"error": map[string]any{"code": "gone"}})
			return true
		}
		return false
	}
	if got, _ := s.desk(t).Read("lines", nil, nil); len(got) != 0 {
		t.Errorf("what is gone gives %v", got)
	}
}

func TestRecordsAreWritten(t *testing.T) {
	s := newShop(t)
	d := s.desk(t)
	for _, tt := range []struct {
		name, op string
		with     flow.Values
		want     string
	}{
		{"all inputs", "create_customer", flow.Values{"first": "Zoë", "last": "B", "level": "3"}, `[{"id":1,"sent":{"first":"Zoë","last":"B","level":3}}]`},
		{"what is empty is left out", "create_customer", flow.Values{"first": "Zoë"}, `[{"id":1,"sent":{"first":"Zoë"}}]`},
		{"a reply that counts as nothing", "delete_customer", flow.Values{"id": "9"}, `[]`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := d.Bind(tt.op, tt.with).(kit.Action).Run(t.Context(), d.Env, flow.Record{ID: "r1"})
			if err != nil || kittest.JSON(append([]any{}, got.Data...)) != tt.want {
				t.Errorf("got %s, %v; want %s", kittest.JSON(got.Data), err, tt.want)
			}
		})
	}
	if len(s.created) != 1 || s.creating != 2 {
		t.Errorf("%d customers of %d requests for one record", len(s.created), s.creating)
	}
	s.asked = nil
	if _, problems := d.Try("create_customer", flow.Values{"first": "A", "level": "three"}); len(problems) == 0 {
		t.Error("a text is taken for a number")
	}
	_, err := d.Bind("create_customer", flow.Values{"first": "A", "level": "2.5"}).(kit.Action).Run(t.Context(), d.Env, flow.Record{ID: "r2"})
	kittest.WantFailure(t, err, kit.Invalid, "", "level")
	if len(s.asked) != 0 {
		t.Errorf("it was sent all the same: %q", s.asked)
	}
}

func TestAWrongTokenIsNamed(t *testing.T) {
	s := newShop(t)
	d := s.desk(t)
	d.All["token"] = "canary-wrong"
	err := broken(t, d, "customers", nil)
	kittest.WantFailure(t, err, kit.Denied, "", "who are you?")
	if strings.Contains(err.Error()+d.Log(), "canary") {
		t.Errorf("%v\n%s", err, d.Log())
	}
	c := d.Set.Connection()
	for _, p := range c.Fields().Bind("", d.All) {
		t.Error(p)
	}
	checks := c.Test(t.Context(), d.Env)
	if last := checks[len(checks)-1]; last.OK || !strings.Contains(last.What, "401") {
		t.Errorf("checks: %+v", checks)
	}
}

func TestATriggerStartsWithWhatIsNew(t *testing.T) {
	s := newShop(t)
	d := s.desk(t)
	var marks []flow.Cursor
	var given []any
	watch := func(looks int) {
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		s.now(func() {
			s.before = func(_ http.ResponseWriter, r *http.Request) bool {
				if r.URL.Path == "/v2/orders" && r.URL.Query().Get("after") == "" {
					if looks--; looks < 0 {
						stop() // the looks before are through
					}
				}
				return false
			}
		})
		w := d.Bind("new_order", nil).(*watcher)
		w.Every = time.Microsecond
		env := d.Env
		env.Marked = func(context.Context) (flow.Cursor, error) {
			if len(marks) == 0 {
				return nil, nil
			}
			return marks[len(marks)-1], nil
		}
		env.Mark = func(_ context.Context, to flow.Cursor) error { marks = append(marks, to); return nil }
		err := w.Listen(ctx, env, func(_ context.Context, e kit.Event) (kit.Receipt, error) {
			given, marks = append(given, e.Data...), append(marks, e.Mark)
			return kit.Receipt{}, nil
		})
		if ctx.Err() == nil {
			t.Error(err)
		}
	}
	add := func(id int, at string) {
		s.now(func() {
			s.orders = append(s.orders, map[string]any{"id": id, "status": "paid", "updated_at": at})
		})
	}
	watch(2)
	add(6, "2026-03-02T10:00:00Z")
	watch(2)
	add(7, "2026-03-02T10:00:00Z")
	add(8, "2026-03-02T10:00:01Z")
	watch(3)
	if got := ids(given); got != "6 7 8" {
		t.Errorf("given: %s", got)
	}
	s.now(func() { s.orders = nil })
	marks, given = nil, nil
	watch(2)
	add(9, "2026-03-03T10:00:00Z")
	watch(1)
	if got := ids(given); got != "9" {
		t.Errorf("of a list that was empty: %s", got)
	}
}
