// Package soap makes connectors of WSDL 1.1 descriptions: each operation of a service,
// document style and literal, with what it takes and gives.
//
// Its nouns: a description is the WSDL with its schemas; a kind is a type of XML Schema as
// far as values need it; a call is one operation; a fault is a refusal in the service's
// words. Its rules: values are JSON, elements by their names without prefixes, attributes
// with an @ before, a text beside attributes as #text; what is sent is checked against the
// description first; schemas are read from the description's own folder and nowhere else.
package soap

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/web"
	"jackfield/flow"
)

// Loader makes connectors of descriptions in files.
func Loader() kit.Loader {
	return kit.Loader{
		Kind: "WSDL description", Ends: []string{".wsdl", ".xml"},
		Knows: func(text []byte) bool { return bytes.Contains(text, []byte(wsdlSpace)) },
		Load:  Load,
	}
}

// The namespaces (WSDL 1.1, 1.2; XML Schema; SOAP 1.1 and 1.2; WS-Security 1.0).
const (
	wsdlSpace   = "http://schemas.xmlsoap.org/wsdl/"
	schemaSpace = "http://www.w3.org/2001/XMLSchema"
	nilSpace    = "http://www.w3.org/2001/XMLSchema-instance"
	soap11Bind  = "http://schemas.xmlsoap.org/wsdl/soap/"
	soap12Bind  = "http://schemas.xmlsoap.org/wsdl/soap12/"
	soap11Space = "http://schemas.xmlsoap.org/soap/envelope/"
	soap12Space = "http://www.w3.org/2003/05/soap-envelope"
	wsseSpace   = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
	plainText   = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordText"
)

// Load makes the connector of a description, named by its file. It has no ID where the
// description cannot be used at all.
func Load(path string) (kit.Connector, []flow.Problem) {
	text, err := os.ReadFile(path)
	if err != nil {
		return kit.Connector{}, []flow.Problem{kit.AsFailure(err).Problem("", "")}
	}
	root, err := parse(text)
	if err != nil {
		return kit.Connector{}, []flow.Problem{unread(path, err)}
	}
	d := &description{file: path, root: root, client: web.NewClient(), kinds: map[name]*kind{}, inline: map[*node]*kind{}, groups: map[*node]bool{}, schemas: map[string]bool{}}
	d.read()
	if len(d.calls) == 0 {
		d.problems = append(d.problems, flow.Problem{File: path, Line: 1, Code: kit.Malformed, What: "the description has no operation that can be used", Fix: "its operations have to be document style and literal"})
		return kit.Connector{}, d.problems
	}
	id, _, _ := strings.Cut(filepath.Base(path), ".")
	if id = strings.TrimLeft(notID.ReplaceAllString(strings.ToLower(id), ""), "0123456789"); id == "" {
		id = "soap"
	}
	title := web.Titled(d.service, id)
	c := kit.Connector{
		ID: id, Title: title, Icon: "envelope", Tint: "slate", Summary: sentenceOr(d.says, "What the service "+title+" can do."),
		Connection: func() kit.Connection { return &connection{d.settings()} },
		Close:      func() error { d.client.Close(); return nil },
	}
	for _, one := range d.calls {
		c.Ops = append(c.Ops, one.op())
	}
	return c, d.problems
}

var notID = regexp.MustCompile(`[^a-z0-9]+`)

func sentenceOr(text, other string) string {
	if s := web.Sentence(text); s != "" {
		return s
	}
	return other
}
