package xmlrpc

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/web"
	"jackfield/flow/value"
)

// fault is a refusal of the service.
type fault struct {
	code int
	text string
}

func (f *fault) Error() string { return fmt.Sprintf("fault %d: %s", f.code, f.text) }

func asFault(err error) (*fault, bool) { return errors.AsType[*fault](err) }

// failure is the fault as a person sees it. Its code means something only to the service,
// but for those that all share (Specification for Fault Code Interoperability).
func (f *fault) failure(method string) *kit.Failure {
	text := strings.Join(strings.Fields(f.text), " ")
	if letters := []rune(text); len(letters) > 300 {
		text = string(letters[:300]) + "…"
	}
	out := kit.Fail(kit.Refused, "%s was refused: %s (%d)", method, text, f.code).Hint("mend what the service names, then retry")
	switch f.code {
	case -32601:
		out.Kind, out.Field = kit.Missing, "method"
	case -32602, -32600:
		out.Kind, out.Field = kit.Invalid, "params"
	case -32300, -32400, -32500:
		out.Uncertain = true
	}
	return out
}

// writeCall writes the request.
func writeCall(method string, params []any) []byte {
	var b bytes.Buffer
	b.WriteString(xml.Header + "<methodCall><methodName>")
	escape(&b, method)
	b.WriteString("</methodName><params>")
	for _, p := range params {
		b.WriteString("<param>")
		write(&b, p)
		b.WriteString("</param>")
	}
	b.WriteString("</params></methodCall>")
	return b.Bytes()
}

// escape writes a text; what XML cannot hold becomes the sign for that.
func escape(b *bytes.Buffer, text string) {
	_ = xml.EscapeText(b, []byte(text)) // a buffer takes everything
}

func write(b *bytes.Buffer, v any) {
	b.WriteString("<value>")
	switch v := v.(type) {
	case nil:
		b.WriteString("<nil/>")
	case bool:
		b.WriteString("<boolean>" + map[bool]string{true: "1", false: "0"}[v] + "</boolean>")
	case int:
		kind := "int"
		if v > math.MaxInt32 || v < math.MinInt32 {
			kind = "i8"
		}
		fmt.Fprintf(b, "<%s>%d</%s>", kind, v, kind)
	case *big.Int:
		b.WriteString("<string>" + v.String() + "</string>")
	case float64:
		b.WriteString("<double>" + strconv.FormatFloat(v, 'f', -1, 64) + "</double>")
	case string:
		b.WriteString("<string>")
		escape(b, v)
		b.WriteString("</string>")
	case []any:
		b.WriteString("<array><data>")
		for _, one := range v {
			write(b, one)
		}
		b.WriteString("</data></array>")
	case map[string]any:
		names := make([]string, 0, len(v))
		for name := range v {
			names = append(names, name)
		}
		slices.Sort(names)
		b.WriteString("<struct>")
		for _, name := range names {
			b.WriteString("<member><name>")
			escape(b, name)
			b.WriteString("</name>")
			write(b, v[name])
			b.WriteString("</member>")
		}
		b.WriteString("</struct>")
	}
	b.WriteString("</value>")
}

// node is an element of the reply.
type node struct {
	XMLName xml.Name
	Text    string `xml:",chardata"`
	Kids    []node `xml:",any"`
}

func (n *node) kid(name string) *node {
	for i := range n.Kids {
		if n.Kids[i].XMLName.Local == name {
			return &n.Kids[i]
		}
	}
	return nil
}

// deepest is how far values may lie in each other.
const deepest = 200

// readReply reads an answer: the value, or a fault.
func readReply(text []byte) (any, error) {
	d := xml.NewDecoder(bytes.NewReader(text))
	d.CharsetReader = func(label string, from io.Reader) (io.Reader, error) { return web.Charset(label, from) }
	var root node
	if err := d.Decode(&root); err != nil {
		return nil, err
	}
	if root.XMLName.Local != "methodResponse" {
		return nil, fmt.Errorf("it is a <%s>", root.XMLName.Local)
	}
	if f := root.kid("fault"); f != nil {
		v, err := readValue(f.kid("value"), 0)
		m, _ := v.(map[string]any)
		if err != nil || m == nil {
			return nil, errors.New("its fault does not read")
		}
		code, _ := m["faultCode"].(int)
		says, _ := m["faultString"].(string)
		return nil, &fault{code, says}
	}
	params := root.kid("params")
	if params == nil || params.kid("param") == nil {
		return nil, nil // some services answer so where there is nothing to say
	}
	return readValue(params.kid("param").kid("value"), 0)
}

func readValue(n *node, depth int) (any, error) {
	switch {
	case n == nil:
		return nil, errors.New("a value is missing")
	case depth > deepest:
		return nil, errors.New("its values lie too deep in each other")
	case len(n.Kids) == 0:
		return n.Text, nil
	}
	kid := &n.Kids[0]
	text := strings.TrimSpace(kid.Text)
	switch kind := kid.XMLName.Local; kind {
	case "int", "i4", "i8", "i1", "i2", "biginteger":
		i, ok := new(big.Int).SetString(strings.TrimPrefix(text, "+"), 10)
		if !ok {
			return nil, fmt.Errorf("%q is no number", text)
		}
		return value.Normal(i)
	case "double", "float", "bigdecimal":
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, fmt.Errorf("%q is no number", text)
		}
		return value.Normal(f)
	case "boolean":
		return text == "1" || strings.EqualFold(text, "true"), nil
	case "string":
		return kid.Text, nil
	case "dateTime.iso8601", "dateTime":
		return date(text), nil
	case "base64":
		text = strings.Join(strings.Fields(text), "")
		if _, err := base64.StdEncoding.DecodeString(text); err != nil {
			return nil, errors.New("its bytes do not read")
		}
		return text, nil
	case "nil":
		return nil, nil
	case "array":
		list := []any{}
		if data := kid.kid("data"); data != nil {
			for i := range data.Kids {
				v, err := readValue(&data.Kids[i], depth+1)
				if err != nil {
					return nil, err
				}
				list = append(list, v)
			}
		}
		return list, nil
	case "struct":
		object := map[string]any{}
		for i := range kid.Kids {
			name := kid.Kids[i].kid("name")
			if name == nil {
				return nil, errors.New("a member has no name")
			}
			v, err := readValue(kid.Kids[i].kid("value"), depth+1)
			if err != nil {
				return nil, err
			}
			object[name.Text] = v
		}
		return object, nil
	default:
		return nil, fmt.Errorf("it holds a <%s>, which is nothing of XML-RPC", kind)
	}
}

// date writes 20260302T10:00:00 as others do, 2026-03-02T10:00:00.
func date(text string) string {
	if len(text) > 8 && text[8] == 'T' && !strings.Contains(text[:8], "-") {
		return text[:4] + "-" + text[4:6] + "-" + text[6:]
	}
	return text
}
