package xmlrpc

import (
	"context"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
	"jackfield/flow/value"
)

func TestDeclaration(t *testing.T) {
	c := New()
	kittest.Connector(t, c)
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

// service answers calls: echo gives its parameters back as they came, add adds, and so on.
func service(t *testing.T) *httptest.Server {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var asked node
		if err := xml.Unmarshal(body, &asked); err != nil || r.Header.Get("Content-Type") != "text/xml; charset=utf-8" {
			t.Errorf("the call does not read: %s, %v", body, err)
		}
		if r.Header.Get("Authorization") == "Bearer wrong" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		reply := func(value string) {
			_, _ = io.WriteString(w, "<methodResponse><params><param><value>"+value+"</value></param></params></methodResponse>")
		}
		switch asked.kid("methodName").Text {
		case "echo":
			text := string(body)
			text = text[strings.Index(text, "<params>"):strings.Index(text, "</methodCall>")]
			reply("<array><data>" + strings.NewReplacer("<param>", "", "</param>", "", "<params>", "", "</params>", "").Replace(text) + "</data></array>")
		case "add":
			var numbers []int
			for _, p := range asked.kid("params").Kids {
				v, _ := readValue(p.kid("value"), 0)
				n, _ := v.(int)
				numbers = append(numbers, n)
			}
			if len(numbers) != 2 {
				_, _ = io.WriteString(w, "<methodResponse><fault><value><struct><member><name>faultCode</name><value><int>-32602</int></value></member><member><name>faultString</name><value>two numbers,\n please</value></member></struct></value></fault></methodResponse>")
				return
			}
			v := value.Append(nil, numbers[0]+numbers[1])
			reply("<int>" + string(v) + "</int>")
		case "odd":
			_, _ = io.WriteString(w, `<?xml version="1.0" encoding="ISO-8859-1"?><methodResponse><params><param><value><struct>
				<member><name>plain</name><value>Zo`+"\xeb"+`</value></member>
				<member><name>at</name><value><dateTime.iso8601>20260302T10:00:00</dateTime.iso8601></value></member>
				<member><name>bytes</name><value><base64>aGVs
				bG8=</base64></value></member>
				<member><name>big</name><value><i8>12345678901234567890</i8></value></member>
				<member><name>none</name><value><nil/></value></member>
				<member><name>empty</name><value></value></member>
				<member><name>rows</name><value><array><data><value><double>1.5</double></value><value><boolean>1</boolean></value></data></array></value></member>
			</struct></value></param></params></methodResponse>`)
		case "nothing":
			_, _ = io.WriteString(w, "<methodResponse><params/></methodResponse>")
		case "page":
			_, _ = io.WriteString(w, "<html><body>hello</body></html>")
		case "half":
			_, _ = io.WriteString(w, "<methodResponse><params><param><value><int>4")
		case "wrong":
			reply("<int>four</int>")
		case "down":
			w.WriteHeader(http.StatusServiceUnavailable)
		case "system.listMethods":
			reply("<array><data><value>add</value><value><string>echo</string></value></data></array>")
		default:
			_, _ = io.WriteString(w, "<methodResponse><fault><value><struct><member><name>faultCode</name><value><int>-32601</int></value></member><member><name>faultString</name><value>no such method</value></member></struct></value></fault></methodResponse>")
		}
	}))
	t.Cleanup(server.Close)
	return server
}

func perform(t *testing.T, url string, with flow.Values) (string, error) {
	t.Helper()
	c := New()
	defer c.Close()
	op, _ := c.Op("call")
	made := op.New()
	all := flow.Values{"url": url}
	for name, v := range with {
		all[name] = v
	}
	if p := made.Fields().Bind("s", all); p != nil {
		t.Fatal(p)
	}
	res, err := made.(kit.Action).Run(t.Context(), kit.Env{}, flow.Record{ID: "r"})
	var out []string
	for _, v := range res.Data {
		out = append(out, string(value.Append(nil, v)))
	}
	return strings.Join(out, "\n"), err
}

func TestCallsGiveWhatTheMethodReturns(t *testing.T) {
	url := service(t).URL
	for _, tt := range []struct {
		name   string
		method string
		params any
		give   string
		want   string
	}{
		{"a number", "add", []any{2, 3}, "", "5"},
		{
			"every kind of value there and back", "echo",
			[]any{1, -5000000000, 1.5, true, false, nil, "<ü> &", []any{"a", []any{}}, map[string]any{"b": 1, "a&": "x"}},
			"",
			"1\n-5000000000\n1.5\ntrue\nfalse\nnull\n\"<ü> &\"\n[\"a\",[]]\n{\"a&\":\"x\",\"b\":1}",
		},
		{"one parameter that is no list", "echo", "alone", "", `"alone"`},
		{"no parameters", "echo", nil, "", ""},
		{"odd values", "odd", nil, "", `{"at":"2026-03-02T10:00:00","big":12345678901234567890,"bytes":"aGVsbG8=","empty":"","none":null,"plain":"Zoë","rows":[1.5,true]}`},
		{"a list inside", "odd", nil, "rows", "1.5\ntrue"},
		{"no value at all", "nothing", nil, "", "null"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := perform(t, url, flow.Values{"method": tt.method, "params": tt.params, "give": tt.give})
			if err != nil || got != tt.want {
				t.Errorf("got %s, %v\nwant %s", got, err, tt.want)
			}
		})
	}
}

func TestFaultsInWords(t *testing.T) {
	url := service(t).URL
	for _, tt := range []struct {
		name      string
		with      flow.Values
		kind      flow.Code
		field     string
		says      string
		uncertain bool
	}{
		{"wrong parameters", flow.Values{"method": "add", "params": []any{1}}, kit.Invalid, "params", "add was refused: two numbers, please (-32602)", false},
		{"no such method", flow.Values{"method": "sub"}, kit.Missing, "method", "no such method", false},
		{"a page", flow.Values{"method": "page"}, kit.Malformed, "url", "it is a <html>", true},
		{"half an answer", flow.Values{"method": "half"}, kit.Malformed, "url", "unexpected EOF", true},
		{"half an answer of a method that looks", flow.Values{"method": "half", "does": "reads"}, kit.Malformed, "url", "unexpected EOF", false},
		{"a value that is none", flow.Values{"method": "wrong"}, kit.Malformed, "url", `"four" is no number`, true},
		{"nothing of that path", flow.Values{"method": "odd", "give": "lines"}, kit.Malformed, "give", `no "lines"`, true},
		{"down", flow.Values{"method": "down"}, kit.Unavailable, "", "503", false},
		{"not signed in", flow.Values{"method": "add", "auth": "bearer", "token": "wrong"}, kit.Denied, "", "401", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := perform(t, url, tt.with)
			if err == nil {
				t.Fatal("it does not fail")
			}
			if f := kit.AsFailure(err); f.Kind != tt.kind || f.Field != tt.field || !strings.Contains(f.What, tt.says) || f.Uncertain != tt.uncertain || f.Fix == "" {
				t.Errorf("got %+v", f)
			}
		})
	}
}

func TestConnectionTellsTheMethods(t *testing.T) {
	server := service(t)
	c := New()
	defer c.Close()
	account := c.Connection()
	if p := account.Fields().Bind("", flow.Values{"url": server.URL}); p != nil {
		t.Fatal(p)
	}
	checks := account.Test(t.Context(), kit.Env{})
	if last := checks[len(checks)-1]; !last.OK || last.What != "it has 2 methods" {
		t.Errorf("%+v", checks)
	}
	op, _ := c.Op("call")
	made := op.New()
	if p := made.Fields().Bind("s", flow.Values{"url": server.URL}); p != nil {
		t.Fatal(p)
	}
	f, _ := made.Fields().Field("method")
	if choices, err := f.Live(t.Context(), kit.Env{}); err != nil || len(choices) != 2 || choices[1].Value != "echo" {
		t.Errorf("%v, %v", choices, err)
	}
	for does, want := range map[string]kit.Effect{"once": kit.Once, "reads": kit.Reads, "repeatable": kit.Repeatable} {
		made := op.New()
		if p := made.Fields().Bind("s", flow.Values{"does": does}); p != nil || made.(kit.Effector).Effect() != want {
			t.Errorf("%s: %v", does, p)
		}
	}
}

func TestAStopEndsACallAtOnce(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		stop()
		<-r.Context().Done()
	}))
	defer server.Close()
	c := New()
	defer c.Close()
	op, _ := c.Op("call")
	made := op.New()
	if p := made.Fields().Bind("s", flow.Values{"url": server.URL, "method": "x"}); p != nil {
		t.Fatal(p)
	}
	if _, err := made.(kit.Action).Run(ctx, kit.Env{}, flow.Record{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func FuzzReadReply(f *testing.F) {
	f.Add("<methodResponse><params><param><value><struct><member><name>a</name><value><int>1</int></value></member></struct></value></param></params></methodResponse>")
	f.Add("<methodResponse><fault><value/></fault></methodResponse>")
	f.Fuzz(func(t *testing.T, text string) {
		v, err := readReply([]byte(text))
		if err == nil {
			if _, err := value.Normal(v); err != nil {
				t.Errorf("%q gives what JSON does not know: %v", text, err)
			}
		}
	})
}
