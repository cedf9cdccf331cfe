package declared

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/web"
	"jackfield/transforms"
)

// rule says what a reply means. The first one that fits counts; where none does, a status
// below 400 is fine.
type rule struct {
	statuses []int      // any of these, or
	contains string     // the reply holds this text, or
	when     expression // this holds of it
	says     verdict
	message  expression // what a person is told; nil takes the reply's own words
	waits    []wait     // how long to wait before another attempt
}

// verdict is what a reply means.
type verdict string

const (
	isFine    verdict = "fine"
	isFailure verdict = "fail"
	isPassing verdict = "retry"
	isNothing verdict = "ignore" // the reply counts as an empty one
	isLimited verdict = "limited"
	isSignOut verdict = "sign_in" // the token has ended
)

// wait tells how long the service wants to be left alone.
type wait struct {
	header  string
	pattern *regexp.Regexp // of the part of the header that counts
	until   bool           // the header names a moment, in seconds since 1970
	least   time.Duration
	fixed   time.Duration
}

// judge says what a reply means. left is true for one that counts as nothing.
func (r *request) judge(ctx context.Context, s *session, in *scene, reply *web.Reply) (left bool, err error) {
	if fine := reply.Status < 400; fine && len(r.rules) == 0 && len(s.service.rules) == 0 {
		return false, nil
	}
	seen := *in
	seen.status, seen.headers = reply.Status, headersOf(reply.Header)
	if seen.response, _ = reply.JSON(); seen.response == nil { // what is no JSON has no members
		seen.response = map[string]any{}
	}
	for _, one := range append(slices.Clone(r.rules), s.service.rules...) {
		fits, err := one.fits(ctx, &seen, reply)
		if err != nil {
			return false, err
		}
		if fits {
			return one.apply(ctx, &seen, reply)
		}
	}
	if reply.Status < 400 {
		return false, nil
	}
	return false, reply.Refusal(time.Now())
}

func headersOf(h http.Header) map[string]any {
	out := make(map[string]any, len(h))
	for name, values := range h {
		out[name] = strings.Join(values, ", ")
		out[strings.ToLower(name)] = out[name]
	}
	return out
}

func (r rule) fits(ctx context.Context, in *scene, reply *web.Reply) (bool, error) {
	if slices.Contains(r.statuses, reply.Status) {
		return true, nil
	}
	if r.contains != "" && strings.Contains(reply.Text(), r.contains) {
		return true, nil
	}
	if r.when == nil {
		return false, nil
	}
	yes, err := holds(ctx, r.when, in)
	if _, cannot := errors.AsType[*transforms.RunError](err); cannot {
		return false, nil // it asks for something that replies of this kind do not have
	}
	return yes, err
}

func (r rule) apply(ctx context.Context, in *scene, reply *web.Reply) (left bool, err error) {
	switch r.says {
	case isFine:
		return false, nil
	case isNothing:
		return true, nil
	}
	f := reply.Refusal(time.Now())
	if text, err := textOf(ctx, r.message, in); err == nil && text != "" {
		f.What = reply.Asked + ": " + text
	}
	switch r.says {
	case isPassing:
		if !f.Passing() {
			f.Kind, f.Fix = kit.Unavailable, "retry later; the manifest says that this passes"
		}
	case isLimited:
		f.Kind, f.Fix = kit.Throttled, "retry later, or set \"rate\" of the connection lower"
	case isSignOut:
		f.Kind, f.Fix = kit.Denied, "sign in again, or check the keys of the connection"
	case isFailure:
		if f.Passing() || reply.Status < 400 {
			f.Kind, f.Fix = kit.Refused, "mend what the service names, then retry"
		}
	}
	for _, w := range r.waits {
		if d, ok := w.of(reply.Header, time.Now()); ok && f.Passing() {
			f.After = max(f.After, d)
			break
		}
	}
	return false, f
}

func (w wait) of(h http.Header, now time.Time) (time.Duration, bool) {
	if w.header == "" {
		return w.fixed, w.fixed > 0
	}
	text := h.Get(w.header)
	if w.pattern != nil {
		m := w.pattern.FindStringSubmatch(text)
		if m == nil {
			return 0, false
		}
		text = m[len(m)-1]
	}
	n, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil || n < 0 || n > 1e12 {
		return 0, false
	}
	d := time.Duration(n * float64(time.Second))
	if w.until {
		d = time.Unix(0, int64(n*1e9)).Sub(now)
	}
	return max(d, w.least, 0), true
}
