package http

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"jackfield/connectors/kit"
	"jackfield/flow/value"
)

// reply is what came back, whole.
type reply struct {
	asked  string   // the method and the address, as people may see them
	url    *url.URL // where it came from, behind redirects
	home   *url.URL // the service that the settings name
	status int
	header http.Header
	body   []byte
}

// json reads the reply; one without a body is null.
func (r *reply) json() (any, error) {
	if len(strings.TrimSpace(string(r.body))) == 0 {
		return nil, nil
	}
	v, err := value.Decode(r.body)
	if err != nil {
		return nil, r.notJSON(err)
	}
	return v, nil
}

// text is the reply as a text; bytes that are none come as base64.
func (r *reply) text() string {
	if !utf8.Valid(r.body) {
		return base64.StdEncoding.EncodeToString(r.body)
	}
	return string(r.body)
}

// full is all of the reply; a body that is not JSON comes as text.
func (r *reply) full() map[string]any {
	headers := make(map[string]any, len(r.header))
	for name, values := range r.header {
		headers[strings.ToLower(name)] = strings.Join(values, ", ")
	}
	body, err := r.json()
	if err != nil {
		body = r.text()
	}
	return map[string]any{"status": r.status, "headers": headers, "body": body}
}

// among reads a list of statuses and ranges: "200-299, 404".
func among(list string, status int) (bool, error) {
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
