package http

import (
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// mostOrders is how many orders the shop remembers; the oldest give way.
const mostOrders = 20_000

// shop is what the demo service knows.
type shop struct {
	mu       sync.Mutex
	orders   []map[string]any
	byID     map[string]map[string]any
	byKey    map[string]string // Idempotency-Key to order id
	keys     []string          // in the order they came
	visits   map[string]int    // of the paths that misbehave, by path and key
	received int
}

func newShop() *shop {
	return &shop{byID: map[string]map[string]any{}, byKey: map[string]string{}, visits: map[string]int{}}
}

func (s *shop) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, http.StatusOK, guide()) })
	mux.HandleFunc("POST /orders", s.takeOrder)
	mux.HandleFunc("GET /orders", s.listOrders)
	mux.HandleFunc("GET /orders/{id}", s.oneOrder)
	contactRoutes(mux)
	mux.HandleFunc("GET /flaky", s.flaky)
	mux.HandleFunc("GET /throttled", s.throttled)
	mux.HandleFunc("GET /slow", slow)
	mux.HandleFunc("GET /status/{code}", status)
	mux.HandleFunc("GET /text", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, "These are words, and no JSON.\n")
	})
	mux.HandleFunc("/echo", echo)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		problem(w, http.StatusNotFound, fmt.Sprintf("there is no %s %s here; GET / tells what there is", r.Method, r.URL.Path), "")
	})
	return mux
}

// takeOrder takes an order once: the same Idempotency-Key or id gets the same answer.
func (s *shop) takeOrder(w http.ResponseWriter, r *http.Request) {
	var order map[string]any
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&order); err != nil {
		problem(w, http.StatusBadRequest, "the order is not a JSON object", "")
		return
	}
	id := plainText(order["id"])
	total, isNumber := order["total"].(float64)
	switch {
	case id == "":
		problem(w, http.StatusUnprocessableEntity, "an order needs an id", "id")
		return
	case plainText(order["customer"]) == "":
		problem(w, http.StatusUnprocessableEntity, "an order needs a customer", "customer")
		return
	case order["total"] == nil:
		problem(w, http.StatusUnprocessableEntity, "an order needs a total", "total")
		return
	case !isNumber || total <= 0:
		problem(w, http.StatusUnprocessableEntity, "the total must be a number above 0", "total")
		return
	}
	answer, taken := s.keep(id, r.Header.Get("Idempotency-Key"), order)
	if taken {
		writeJSON(w, http.StatusCreated, answer)
		return
	}
	writeJSON(w, http.StatusOK, answer)
}

// keep gives the order its number, which follows from its id, so that it is the same
// whenever the demo service is started.
func (s *shop) keep(id, key string, order map[string]any) (answer map[string]any, taken bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if known, ok := s.byKey[key]; ok && key != "" {
		id = known
	}
	if known, ok := s.byID[id]; ok {
		return map[string]any{"id": id, "number": known["number"], "received": s.received}, false
	}
	s.received++
	order["id"], order["number"] = id, fmt.Sprintf("N%08X", crc32.ChecksumIEEE([]byte(id)))
	s.orders, s.byID[id] = append(s.orders, order), order
	if key != "" {
		s.byKey[key], s.keys = id, append(s.keys, key)
	}
	s.forget()
	return map[string]any{"id": id, "number": order["number"], "received": s.received}, true
}

func (s *shop) forget() {
	if len(s.orders) > mostOrders {
		delete(s.byID, plainText(s.orders[0]["id"]))
		s.orders = s.orders[1:]
	}
	if len(s.keys) > mostOrders {
		delete(s.byKey, s.keys[0])
		s.keys = s.keys[1:]
	}
}

func (s *shop) listOrders(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	writeJSON(w, http.StatusOK, map[string]any{
		"orders": window(s.orders, number(r, "offset", 0), number(r, "limit", 100)), "total": len(s.orders),
	})
}

func (s *shop) oneOrder(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	order, ok := s.byID[r.PathValue("id")]
	if !ok {
		problem(w, http.StatusNotFound, fmt.Sprintf("there is no order %q", r.PathValue("id")), "id")
		return
	}
	writeJSON(w, http.StatusOK, order)
}

// visit counts how often this path was asked for with this key.
func (s *shop) visit(r *http.Request) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.visits) > mostOrders {
		clear(s.visits)
	}
	place := r.URL.Path + "?" + r.URL.Query().Get("key")
	s.visits[place]++
	return s.visits[place]
}

func (s *shop) flaky(w http.ResponseWriter, r *http.Request) {
	n, fails := s.visit(r), number(r, "fails", 2)
	if n <= fails {
		problem(w, http.StatusServiceUnavailable, fmt.Sprintf("not now: attempt %d, it works from %d on", n, fails+1), "")
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{"key": r.URL.Query().Get("key"), "attempts": n})
}

func (s *shop) throttled(w http.ResponseWriter, r *http.Request) {
	n := s.visit(r)
	if n == 1 {
		w.Header().Set("Retry-After", "1")
		problem(w, http.StatusTooManyRequests, "too fast; come back in a second", "")
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{"attempts": n})
}

func slow(w http.ResponseWriter, r *http.Request) {
	ms := min(number(r, "ms", 1000), 60_000)
	timer := time.NewTimer(time.Duration(ms) * time.Millisecond)
	defer timer.Stop()
	select {
	case <-timer.C:
		writeJSON(w, http.StatusOK, map[string]any{"ms": ms})
	case <-r.Context().Done():
	}
}

func status(w http.ResponseWriter, r *http.Request) {
	code, err := strconv.Atoi(r.PathValue("code"))
	if err != nil || code < 200 || code > 599 {
		problem(w, http.StatusBadRequest, "a status is a number from 200 to 599", "code")
		return
	}
	if code == http.StatusNoContent || code == http.StatusNotModified {
		w.WriteHeader(code)
		return
	}
	writeJSON(w, code, map[string]any{"status": code, "error": http.StatusText(code)})
}

func echo(w http.ResponseWriter, r *http.Request) {
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 16<<20))
	if err != nil {
		problem(w, http.StatusRequestEntityTooLarge, "the body is longer than 16 MB", "")
		return
	}
	var body any
	if json.Unmarshal(data, &body) != nil && len(data) > 0 {
		body = string(data)
	}
	query := map[string]any{}
	for name := range r.URL.Query() {
		query[name] = r.URL.Query().Get(name)
	}
	writeJSON(w, http.StatusOK, map[string]any{"method": r.Method, "path": r.URL.Path, "query": query, "body": body})
}

func number(r *http.Request, name string, otherwise int) int {
	if n, err := strconv.Atoi(r.URL.Query().Get(name)); err == nil && n >= 0 {
		return n
	}
	return otherwise
}

// window is a part of a list; behind its end it is empty, not null.
func window[T any](list []T, offset, limit int) []T {
	offset = min(offset, len(list))
	return append([]T{}, list[offset:min(len(list), offset+min(limit, 1000))]...)
}

func plainText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return ""
}
