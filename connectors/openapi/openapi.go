// Package openapi makes connectors of OpenAPI documents: version 3 and, converted, 2.
//
// Its nouns: a document is the text of one API; an overlay is a small file beside it that
// says what a document cannot: how lists are divided, what grows, how things are called;
// a call is one operation of the API, as an action or, where it gives a list, a source.
// Its rules: whatever of a document can be used is used, and what cannot is told with its
// place; inputs are checked before anything is sent; a document reads no file beside its
// own folder and nothing over the network.
package openapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi2"
	"github.com/getkin/kin-openapi/openapi2conv"
	"github.com/getkin/kin-openapi/openapi3"
	"go.yaml.in/yaml/v3"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// Loader makes connectors of documents in files.
func Loader() kit.Loader {
	return kit.Loader{
		Kind: "OpenAPI document", Ends: []string{".yaml", ".yml", ".json"},
		Knows: func(text []byte) bool { return version.Match(text[:min(len(text), 1<<20)]) },
		Load:  Load,
	}
}

// version is how a document says what it is: at the top, or within the first members of
// one that is written in one line.
var version = regexp.MustCompile(`(?m)(^|[{,])\s*["']?(openapi|swagger)["']?\s*:\s*["']?[0-9]`)

// Load makes the connector that a document describes, by the name of its file. It has no
// ID where the document cannot be used at all.
func Load(path string) (kit.Connector, []flow.Problem) {
	text, err := os.ReadFile(path)
	if err != nil {
		return kit.Connector{}, []flow.Problem{kit.AsFailure(err).Problem("", "")}
	}
	doc, problem := read(path, text)
	if problem != nil {
		return kit.Connector{}, []flow.Problem{*problem}
	}
	over, problems := overlayOf(path)
	a := &api{file: path, id: idOf(path), doc: doc, over: over}
	c := a.connector()
	problems = append(problems, a.problems...)
	problems = append(problems, over.unknown(a)...)
	if len(c.Ops) == 0 {
		problems = append(problems, flow.Problem{File: path, Code: kit.Malformed, What: "the document describes no operation that can be used", Fix: "check its paths"})
		return kit.Connector{}, problems
	}
	return c, problems
}

// idOf is the name of the file up to its first dot, as far as it serves as an id.
func idOf(path string) string {
	name, _, _ := strings.Cut(filepath.Base(path), ".")
	id := strings.TrimLeft(notID.ReplaceAllString(strings.ToLower(name), ""), "0123456789")
	if id == "" {
		return "api"
	}
	return id
}

var notID = regexp.MustCompile(`[^a-z0-9]+`)

// read parses a document of either version.
func read(path string, text []byte) (*openapi3.T, *flow.Problem) {
	if p := syntax(path, text); p != nil {
		return nil, p
	}
	text = bytes.TrimPrefix(text, []byte("\xEF\xBB\xBF"))
	loader := &openapi3.Loader{IncludeOrigin: true, ReadFromURIFunc: beside(path)}
	if regexp.MustCompile(`(?m)(^|[{,])\s*["']?swagger["']?\s*:\s*["']?2`).Match(text[:min(len(text), 1<<20)]) {
		return readOld(path, text, loader)
	}
	doc, err := loader.LoadFromDataWithPath(text, &url.URL{Path: filepath.ToSlash(path)})
	if err != nil {
		return nil, malformed(path, text, err)
	}
	if doc.Paths == nil {
		return nil, malformed(path, text, errors.New("the document has no paths"))
	}
	return doc, nil
}

// readOld converts a document of version 2.
func readOld(path string, text []byte, loader *openapi3.Loader) (*openapi3.T, *flow.Problem) {
	var old openapi2.T
	plain, err := asJSON(text)
	if err == nil {
		err = json.Unmarshal(plain, &old)
	}
	if err != nil {
		return nil, malformed(path, text, err)
	}
	doc, err := openapi2conv.ToV3WithLoader(&old, loader, &url.URL{Path: filepath.ToSlash(path)})
	if err != nil {
		return nil, malformed(path, text, err)
	}
	return doc, nil
}

// asJSON writes YAML as JSON.
func asJSON(text []byte) ([]byte, error) {
	if json.Valid(text) {
		return text, nil
	}
	var v any
	if err := yaml.Unmarshal(text, &v); err != nil {
		return nil, err
	}
	return json.Marshal(textKeys(v))
}

// textKeys makes the keys of objects texts: a status such as 200 is a number in YAML.
func textKeys(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, member := range v {
			v[k] = textKeys(member)
		}
	case map[any]any:
		out := make(map[string]any, len(v))
		for k, member := range v {
			out[fmt.Sprint(k)] = textKeys(member)
		}
		return out
	case []any:
		for i, member := range v {
			v[i] = textKeys(member)
		}
	}
	return v
}

// mostRef is how long a file that a document refers to may be.
const mostRef = 16 << 20

// beside reads files that a document refers to: in its own folder, or below.
func beside(path string) openapi3.ReadFromURIFunc {
	folder := filepath.Dir(path)
	return func(_ *openapi3.Loader, at *url.URL) ([]byte, error) {
		if at.Host != "" || at.Scheme != "" && at.Scheme != "file" {
			return nil, fmt.Errorf("it refers to %s; put that file beside it", at)
		}
		root, err := os.OpenRoot(folder)
		if err != nil {
			return nil, err
		}
		defer root.Close()
		name, err := filepath.Rel(folder, filepath.FromSlash(at.Path))
		if err != nil || !filepath.IsLocal(name) {
			return nil, fmt.Errorf("it refers to %s, which is outside its folder", at.Path)
		}
		info, err := root.Stat(name)
		if err != nil {
			return nil, err
		}
		if info.Size() > mostRef {
			return nil, fmt.Errorf("%s is longer than 16 MB", at.Path)
		}
		return root.ReadFile(name)
	}
}

// syntax looks whether the text is JSON or YAML at all, and where it is not.
func syntax(path string, text []byte) *flow.Problem {
	if strings.HasPrefix(strings.TrimSpace(string(text[:min(len(text), 1000)])), "{") {
		err := json.Unmarshal(text, new(json.RawMessage))
		var at *json.SyntaxError
		if !errors.As(err, &at) {
			return nil
		}
		before := text[:min(len(text), int(max(at.Offset-1, 0)))]
		p := &flow.Problem{File: path, Code: kit.Malformed, What: "this is no JSON: " + at.Error(), Fix: "mend it there"}
		p.Line = 1 + bytes.Count(before, []byte("\n"))
		p.Column = 1 + utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])
		return p
	}
	return nil // the parser of YAML says it with its line
}

// malformed puts what the parser says into a problem with its place, as far as it tells.
func malformed(path string, text []byte, err error) *flow.Problem {
	says := err.Error()
	if i := strings.LastIndex(says, "yaml: "); i >= 0 {
		says = says[i+len("yaml: "):]
	}
	p := &flow.Problem{File: path, Code: kit.Malformed, What: "the document cannot be used: " + tidy(says), Fix: "mend the document"}
	if m := lineOf.FindStringSubmatch(says); m != nil {
		p.Line, _ = strconv.Atoi(m[1])
		p.Column = 1 + indent(text, p.Line)
	} else if ref, line, column := dangling(text); ref != "" {
		p.What, p.Line, p.Column = "the document refers to "+ref+", which is not there", line, column
	}
	return p
}

var (
	lineOf = regexp.MustCompile(`line (\d+)`)
	refOf  = regexp.MustCompile(`["']?\$ref["']?\s*:\s*["']?(#/[^"'\s,}]+)`)
)

// dangling is the first reference of a document that leads nowhere in it.
func dangling(text []byte) (ref string, line, column int) {
	plain, err := asJSON(text)
	var all any
	if err != nil || json.Unmarshal(plain, &all) != nil {
		return "", 0, 0
	}
	for _, m := range refOf.FindAllSubmatchIndex(text, -1) {
		ref := string(text[m[2]:m[3]])
		if !leads(all, ref) {
			before := text[:m[2]]
			return ref, 1 + bytes.Count(before, []byte("\n")), 1 + utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])
		}
	}
	return "", 0, 0
}

// leads follows a JSON pointer (RFC 6901).
func leads(v any, ref string) bool {
	unescape := strings.NewReplacer("~1", "/", "~0", "~").Replace
	for part := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
		if plain, err := url.PathUnescape(part); err == nil {
			part = plain
		}
		switch in := v.(type) {
		case map[string]any:
			member, ok := in[unescape(part)]
			if !ok {
				return false
			}
			v = member
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i < 0 || i >= len(in) {
				return false
			}
			v = in[i]
		default:
			return false
		}
	}
	return true
}

func tidy(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if letters := []rune(text); len(letters) > 300 {
		return string(letters[:300]) + "…"
	}
	return text
}

// indent counts the spaces at the beginning of a line.
func indent(text []byte, line int) int {
	lines := bytes.SplitN(text, []byte("\n"), line+1)
	if line < 1 || len(lines) < line {
		return 0
	}
	one := lines[line-1]
	return len(one) - len(bytes.TrimLeft(one, " "))
}
