package http

import (
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"jackfield/flow"
	"jackfield/flow/value"
)

// eventOf makes the request into a record, or says with which status it is refused.
func eventOf(w http.ResponseWriter, r *http.Request) (event map[string]any, status int, err error) {
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, mostCalled))
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &long):
		return nil, http.StatusRequestEntityTooLarge, errors.New("the body is longer than 16 MB")
	case err != nil:
		return nil, http.StatusBadRequest, errors.New("the body did not come whole")
	}
	body, err := bodyOf(r.Header.Get("Content-Type"), data)
	if err != nil {
		return nil, http.StatusBadRequest, err
	}
	headers := map[string]any{"host": r.Host}
	for name, values := range r.Header {
		if name != http.CanonicalHeaderKey(secretHeader) {
			headers[strings.ToLower(name)] = strings.Join(values, ", ")
		}
	}
	return map[string]any{"method": r.Method, "path": r.URL.Path, "query": single(r.URL.Query()), "headers": headers, "body": body}, 0, nil
}

// bodyOf reads the body as what the content type says, or as what it looks like where
// that says nothing.
func bodyOf(contentType string, data []byte) (any, error) {
	media, _, _ := mime.ParseMediaType(contentType)
	switch {
	case len(data) == 0:
		return nil, nil
	case media == "application/json" || strings.HasSuffix(media, "+json"):
		v, err := value.Decode(data)
		if err != nil {
			return nil, errors.New("the body is not JSON: " + err.Error())
		}
		return v, nil
	case media == "application/x-www-form-urlencoded":
		form, err := url.ParseQuery(string(data))
		if err == nil {
			if v, err := value.Decode(data); err == nil { // what curl -d sends without a word of its own
				return v, nil
			}
			return single(form), nil
		}
	case media == "":
		if v, err := value.Decode(data); err == nil {
			return v, nil
		}
	}
	if !utf8.Valid(data) {
		return base64.StdEncoding.EncodeToString(data), nil
	}
	return string(data), nil
}

// single gives a text for a name that comes once and a list for one that comes more.
func single(values url.Values) map[string]any {
	out := make(map[string]any, len(values))
	for name, list := range values {
		if len(list) == 1 {
			out[name] = list[0]
			continue
		}
		all := make([]any, len(list))
		for i, v := range list {
			all[i] = v
		}
		out[name] = all
	}
	return out
}

func eventSchema() flow.Schema {
	text := flow.Of(flow.String)
	return flow.ObjectOf(
		flow.Property{Name: "method", Required: true, Schema: text},
		flow.Property{Name: "path", Required: true, Schema: text},
		flow.Property{Name: "query", Required: true, Schema: flow.Schema{Types: []flow.Kind{flow.Object}}},
		flow.Property{Name: "headers", Required: true, Schema: flow.Schema{Types: []flow.Kind{flow.Object}, Rest: &text}},
		flow.Property{Name: "body", Required: true})
}
