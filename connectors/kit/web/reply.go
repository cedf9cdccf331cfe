package web

import (
	"bytes"
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"jackfield/connectors/kit"
	"jackfield/flow/value"
)

// Reply is what came back, whole.
type Reply struct {
	Asked  string   // the method and the address, as people may see them
	URL    *url.URL // where it came from, behind redirects
	Status int
	Header http.Header
	Body   []byte

	home *url.URL // the service that the settings name
	own  *signed
}

// JSON reads the reply; one without a body is null.
func (r *Reply) JSON() (any, error) {
	body := r.decoded()
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, nil
	}
	v, err := value.Decode(body)
	if err != nil {
		return nil, r.notJSON(err)
	}
	return v, nil
}

// Text is the reply as a text, from whatever character set it says it is in; bytes that
// are none come as base64.
func (r *Reply) Text() string {
	if body := r.decoded(); utf8.Valid(body) {
		return string(body)
	}
	return base64.StdEncoding.EncodeToString(r.Body)
}

// Full is all of the reply; a body that is not JSON comes as text.
func (r *Reply) Full() map[string]any {
	headers := make(map[string]any, len(r.Header))
	for name, values := range r.Header {
		headers[strings.ToLower(name)] = strings.Join(values, ", ")
	}
	body, err := r.JSON()
	if err != nil {
		body = r.Text()
	}
	return map[string]any{"status": r.Status, "headers": headers, "body": body}
}

// Among reads a list of statuses and ranges, "200-299, 404", and looks for a status in it.
func Among(list string, status int) (bool, error) {
	for part := range strings.SplitSeq(list, ",") {
		from, to, isRange := strings.Cut(part, "-")
		if !isRange {
			to = from
		}
		low, err := strconv.Atoi(strings.TrimSpace(from))
		high, err2 := strconv.Atoi(strings.TrimSpace(to))
		if err != nil || err2 != nil || low > high {
			return false, kit.Fail(kit.Invalid, "%q is no list of statuses", list).On("status").Hint("write it like 200-299, 404")
		}
		if low <= status && status <= high {
			return true, nil
		}
	}
	return false, nil
}

// Kept is an address that a service gave as the history may keep it: without what signs
// in, which signing puts in again, and without the service's own host, which may be
// another one tomorrow.
func (r *Reply) Kept(address string) string {
	u, err := r.URL.Parse(address)
	if err != nil {
		return address
	}
	u = r.own.without(u)
	if u.Host == r.home.Host && u.Scheme == r.home.Scheme {
		return u.RequestURI()
	}
	return u.String()
}
