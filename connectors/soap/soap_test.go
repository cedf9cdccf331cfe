package soap

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
	"jackfield/flow/value"
)

func load(t testing.TB) kit.Connector {
	t.Helper()
	c, problems := Load(filepath.Join("testdata", "shop.wsdl"))
	if problems != nil || c.ID == "" {
		t.Fatal(problems)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestDeclaration(t *testing.T) { kittest.Connector(t, load(t)) }

// shapeText writes a shape in one line.
func shapeText(s flow.Schema) string {
	var kinds []string
	for _, k := range s.Types {
		kinds = append(kinds, string(k))
	}
	text := strings.Join(kinds, "|")
	switch {
	case s.Items != nil:
		return "[" + shapeText(*s.Items) + "]"
	case len(s.Properties) > 0:
		var parts []string
		for _, p := range s.Properties {
			mark := ""
			if p.Required {
				mark = "!"
			}
			parts = append(parts, p.Name+mark+": "+shapeText(p.Schema))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case len(s.Enum) > 0:
		text += fmt.Sprint(s.Enum)
	}
	return text
}

func TestADescriptionBecomesAConnector(t *testing.T) {
	c := load(t)
	got := c.ID + ": " + c.Title + ": " + c.Summary + "\n"
	for _, o := range c.Ops {
		got += fmt.Sprintf("%s (%s) %s: %s\n  %s\n  %s\n", o.ID, o.EffectOf(o.New()), o.Title, o.Summary, shapeText(o.In), shapeText(o.Out))
	}
	const order = "{@id: string, note: string, number!: integer, status: string[open paid], price: {#text: number, @currency!: string}, line: [{article!: string, count: integer}], parts: {part!: [object]}}"
	want := `shop: Corner shop: Orders of a corner shop.
get_orders (reads) Get orders: Gives the orders since a day.
  {since: string, status: [string[open paid]]}
  ` + order + `
add_order (once) Add order: Calls AddOrder.
  {order!: ` + order + `, express: boolean, pickup: string}
  {id!: string, total!: number|null}
ping (once) Ping: Calls Ping.
  object
  string
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// service is the shop: it answers by the action, and remembers what it was sent.
type service struct {
	seen  string
	says  string // in place of an answer
	codes int
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.seen = r.Header.Get("SOAPAction") + " " + r.Header.Get("Content-Type") + " " + string(body)
	if s.codes != 0 {
		w.WriteHeader(s.codes)
	}
	if s.says != "" || s.codes != 0 {
		_, _ = io.WriteString(w, s.says)
		return
	}
	reply := map[string]string{
		`"urn:shop#GetOrders"`: `<GetOrdersResponse xmlns="urn:shop"><GetOrdersResult>
			<Order id="o1"><c:note xmlns:c="">first</c:note><number>1</number><status>open</status><price currency="EUR">2.50</price><line><article>cup</article><count>3</count></line></Order>
			<Order id="o2"><number>2</number></Order></GetOrdersResult></GetOrdersResponse>`,
		`"urn:shop#AddOrder"`: `<t:AddOrderResponse xmlns:t="urn:shop"><t:id>o7</t:id><t:total xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="true"/></t:AddOrderResponse>`,
		`""`:                  `<PingResponse xmlns="urn:shop">pong</PingResponse>`,
	}[r.Header.Get("SOAPAction")]
	_, _ = io.WriteString(w, `<?xml version="1.0"?><S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><S:Header/><S:Body>`+reply+`</S:Body></S:Envelope>`)
}

func perform(t *testing.T, c kit.Connector, s http.Handler, op string, with flow.Values) (string, error) {
	t.Helper()
	server := httptest.NewServer(s)
	defer server.Close()
	o, ok := c.Op(op)
	if !ok {
		t.Fatalf("there is no %s", op)
	}
	made := o.New()
	all := flow.Values{"url": server.URL}
	for called, v := range with {
		all[called] = v
	}
	fields := made.Fields()
	for _, p := range append(fields.Bind("s", all), fields.Missing("s", nil)...) {
		return "", p
	}
	res, err := made.(kit.Action).Run(t.Context(), kit.Env{}, flow.Record{ID: "r"})
	var out []string
	for _, v := range res.Data {
		out = append(out, string(value.Append(nil, v)))
	}
	return strings.Join(out, "\n"), err
}

func TestCallsSendWhatTheSchemaSaysAndReadIt(t *testing.T) {
	c := load(t)
	const head = `text/xml; charset=utf-8 <?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">`
	order := map[string]any{
		"number": 7, "line": []any{map[string]any{"article": "<tea> & more", "count": "2"}}, "price": map[string]any{"#text": 2.5, "@currency": "EUR"},
		"@id": `a"b`, "note": "x", "parts": map[string]any{"part": map[string]any{"number": 8}},
	}
	for _, tt := range []struct {
		name, op string
		with     flow.Values
		want     string
		sent     string
	}{
		{
			"a list, each a record", "get_orders",
			flow.Values{"body": map[string]any{"status": []any{"open", "paid"}, "since": "2026-03-01"}},
			`{"@id":"o1","line":[{"article":"cup","count":3}],"note":"first","number":1,"price":{"#text":2.5,"@currency":"EUR"},"status":"open"}` + "\n" + `{"@id":"o2","line":[],"number":2}`,
			`"urn:shop#GetOrders" ` + head + `<s:Body><GetOrders xmlns="urn:shop"><since>2026-03-01</since><status>open</status><status>paid</status></GetOrders></s:Body></s:Envelope>`,
		},
		{
			"in the order of the schema", "add_order",
			flow.Values{"body": map[string]any{"express": true, "order": order}},
			`{"id":"o7","total":null}`,
			`"urn:shop#AddOrder" ` + head + `<s:Body><AddOrder xmlns="urn:shop"><order id="a&#34;b"><note xmlns="">x</note><number>7</number><price currency="EUR">2.5</price><line><article>&lt;tea&gt; &amp; more</article><count>2</count></line><parts><part><number>8</number></part></parts></order><express>true</express></AddOrder></s:Body></s:Envelope>`,
		},
		{
			"nothing to say, with a user in the envelope", "ping",
			flow.Values{"wss_user": "ada", "wss_password": "p&w"},
			`"pong"`,
			`"" ` + head + `<s:Header><wsse:Security xmlns:wsse="` + wsseSpace + `" s:mustUnderstand="1"><wsse:UsernameToken><wsse:Username>ada</wsse:Username><wsse:Password Type="` + plainText + `">p&amp;w</wsse:Password></wsse:UsernameToken></wsse:Security></s:Header><s:Body><Ping xmlns="urn:shop"></Ping></s:Body></s:Envelope>`,
		},
		{"another part of the answer", "get_orders", flow.Values{"give": "GetOrdersResult.Order.0.number"}, "1", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := &service{}
			got, err := perform(t, c, s, tt.op, tt.with)
			if err != nil || got != tt.want {
				t.Errorf("got %s, %v\nwant %s", got, err, tt.want)
			}
			if tt.sent != "" && s.seen != tt.sent {
				t.Errorf("sent %s\nwant %s", s.seen, tt.sent)
			}
		})
	}
}

func TestWhatDoesNotFitIsNotSent(t *testing.T) {
	c := load(t)
	for _, tt := range []struct {
		name, op string
		body     any
		says     string
	}{
		{"a word that is none of them", "get_orders", map[string]any{"status": []any{"open", "lost"}}, `status.1 is "lost"; one of open, paid is wanted`},
		{"a member that is missing", "add_order", map[string]any{"order": map[string]any{}}, "order.number is missing"},
		{"a member that nobody knows", "add_order", map[string]any{"order": map[string]any{"number": 1, "stauts": "open"}}, `order.stauts is nothing that the service knows; did you mean "status"?`},
		{"a number that is none", "add_order", map[string]any{"order": map[string]any{"number": "one"}}, `order.number is "one"; a whole number is wanted`},
		{"a list too many", "add_order", map[string]any{"order": map[string]any{"number": []any{1, 2}}}, "order.number is a list; only one is taken"},
		{"no object", "add_order", map[string]any{"order": "o1"}, "order has to be an object"},
		{"an attribute that is missing", "add_order", map[string]any{"order": map[string]any{"number": 1, "price": 2.5}}, "order.price.@currency is missing"},
		{"nothing", "add_order", nil, "order is missing"},
		{"an object for a text", "add_order", map[string]any{"order": map[string]any{"number": 1}, "pickup": map[string]any{}}, "pickup has to be a text"},
		{"neither true nor false", "add_order", map[string]any{"order": map[string]any{"number": 1}, "express": "soon"}, `express is "soon"; true or false is wanted`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := &service{}
			_, err := perform(t, c, s, tt.op, flow.Values{"body": tt.body})
			if err == nil || s.seen != "" {
				t.Fatalf("sent %q, %v", s.seen, err)
			}
			if f := kit.AsFailure(err); f.Kind != kit.Invalid || f.Field != "body" || !strings.Contains(f.What, tt.says) || f.Fix == "" {
				t.Errorf("got %+v", f)
			}
		})
	}
}

func TestFaultsInWords(t *testing.T) {
	c := load(t)
	old := func(code, says, detail string) string {
		return `<e:Envelope xmlns:e="` + soap11Space + `"><e:Body><e:Fault><faultcode>` + code + `</faultcode><faultstring>` + says + `</faultstring>` + detail + `</e:Fault></e:Body></e:Envelope>`
	}
	for _, tt := range []struct {
		name      string
		op        string
		s         service
		kind      flow.Code
		says      string
		uncertain bool
	}{
		{"the caller's", "add_order", service{codes: 500, says: old("e:Client", "no such article", "<detail><f:Why xmlns:f='x'><f:code>17</f:code></f:Why></detail>")}, kit.Invalid, "Add order was refused: no such article (17)", false},
		{"the service's", "add_order", service{codes: 500, says: old("e:Server", "the till is open", "")}, kit.Refused, "the till is open", true},
		{"the service's, of one that looks", "get_orders", service{codes: 500, says: old("e:Server", "the till is open", "")}, kit.Refused, "the till is open", false},
		{"with a status of success", "add_order", service{says: old("Client.Data", "bad", "")}, kit.Invalid, "bad", false},
		{"of the sign-in", "add_order", service{codes: 500, says: old("wsse:FailedAuthentication", "who?", "")}, kit.Denied, "who?", false},
		{"of SOAP 1.2", "add_order", service{codes: 400, says: `<e:Envelope xmlns:e="` + soap12Space + `"><e:Body><e:Fault><e:Code><e:Value>e:Sender</e:Value></e:Code><e:Reason><e:Text xml:lang="en">no way</e:Text></e:Reason></e:Fault></e:Body></e:Envelope>`}, kit.Invalid, "no way", false},
		{"no answer of SOAP", "add_order", service{says: "<html>hello</html>"}, kit.Malformed, "it is a <html>", true},
		{"half an answer", "add_order", service{says: "<S:Envelope xmlns:S='" + soap11Space + "'><S:Body><a>"}, kit.Malformed, "no answer of SOAP", true},
		{"a fault of the server alone", "add_order", service{codes: 503, says: "<h1>down</h1>"}, kit.Unavailable, "503", false},
		{"who are you", "add_order", service{codes: 401}, kit.Denied, "401", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := perform(t, c, &tt.s, tt.op, flow.Values{"body": map[string]any{"add_order": map[string]any{"order": map[string]any{"number": 1}}}[tt.op]})
			if err == nil {
				t.Fatal("it does not fail")
			}
			if f := kit.AsFailure(err); f.Kind != tt.kind || !strings.Contains(f.What, tt.says) || f.Uncertain != tt.uncertain || f.Fix == "" {
				t.Errorf("got %+v", f)
			}
		})
	}
}

func TestDescriptionsWithProblems(t *testing.T) {
	text, err := os.ReadFile("testdata/shop.wsdl")
	if err != nil {
		t.Fatal(err)
	}
	good := string(text)
	for _, tt := range []struct {
		name string
		old  string
		now  string
		ops  int
		says string
	}{
		{"a schema outside its folder", `schemaLocation="common.xsd"`, `schemaLocation="../secret.xsd"`, 3, "outside the description's folder"},
		{"a schema on the network", `schemaLocation="common.xsd"`, `schemaLocation="http://169.254.169.254/x.xsd"`, 3, "put the file beside"},
		{"a schema that is not there", `schemaLocation="common.xsd"`, `schemaLocation="none.xsd"`, 3, "none.xsd"},
		{"an operation of the style rpc", `<soap:operation soapAction=""/>`, `<soap:operation soapAction="" style="rpc"/>`, 2, "Ping is left out: it is of the style rpc"},
		{"an element that is not there", `element="t:Ping"`, `element="t:Pong"`, 2, "there is no element Pong"},
		{"a message that is not there", `message="t:PingIn"`, `message="t:Gone"`, 2, "the message Gone is not there"},
		{"an encoded message", `<soap:operation soapAction=""/><wsdl:input><soap:body use="literal"/>`, `<soap:operation soapAction=""/><wsdl:input><soap:body use="encoded"/>`, 2, "its messages are encoded"},
		{"half of it", "</wsdl:definitions>", "", 0, "unexpected EOF"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			folder := t.TempDir()
			xsd, err := os.ReadFile("testdata/common.xsd")
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(folder, "shop.wsdl")
			if err := errors.Join(os.WriteFile(path, []byte(strings.Replace(good, tt.old, tt.now, 1)), 0o600), os.WriteFile(filepath.Join(folder, "common.xsd"), xsd, 0o600)); err != nil {
				t.Fatal(err)
			}
			c, problems := Load(path)
			if len(c.Ops) != tt.ops || len(problems) != 1 || !strings.Contains(problems[0].What, tt.says) || problems[0].Line == 0 || problems[0].Fix == "" {
				t.Errorf("%d operations, %+v", len(c.Ops), problems)
			}
		})
	}
}

// Kinds, elements and groups that hold themselves are read, and written as deep as values go.
func TestAKindThatHoldsItself(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tree.wsdl")
	text := `<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:x="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:t" targetNamespace="urn:t">
	<types><x:schema targetNamespace="urn:t">
		<x:element name="tree"><x:complexType><x:sequence><x:element ref="t:tree" minOccurs="0" maxOccurs="unbounded"/><x:group ref="t:g"/></x:sequence></x:complexType></x:element>
		<x:group name="g"><x:sequence><x:element name="leaf" type="x:string" minOccurs="0"/><x:group ref="t:g"/></x:sequence></x:group>
	</x:schema></types>
	<message name="m"><part name="p" element="t:tree"/></message>
	<portType name="p"><operation name="GetTree"><input message="t:m"/><output message="t:m"/></operation></portType>
	<binding name="b" type="t:p"><s:binding style="document"/><operation name="GetTree"><s:operation soapAction="x"/></operation></binding>
	<service name="S"><port name="p" binding="t:b"><s:address location="http://x.example"/></port></service></definitions>`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, problems := Load(path)
	if len(c.Ops) != 1 || problems != nil {
		t.Fatal(problems)
	}
	echo := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) })
	body := map[string]any{"leaf": "a", "tree": []any{map[string]any{"leaf": "b", "tree": []any{map[string]any{}}}}}
	got, err := perform(t, c, echo, "get_tree", flow.Values{"body": body, "give": ""})
	if want := `{"leaf":"a","tree":[{"leaf":"b","tree":[{"tree":[]}]}]}`; err != nil || got != want {
		t.Errorf("got %s, %v", got, err)
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
	o, _ := load(t).Op("ping")
	made := o.New()
	if p := made.Fields().Bind("s", flow.Values{"url": server.URL}); p != nil {
		t.Fatal(p)
	}
	if _, err := made.(kit.Action).Run(ctx, kit.Env{}, flow.Record{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func FuzzLoad(f *testing.F) {
	text, err := os.ReadFile("testdata/shop.wsdl")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Fuzz(func(t *testing.T, text []byte) {
		path := filepath.Join(t.TempDir(), "a.wsdl")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		if c, problems := Load(path); c.ID == "" && len(problems) == 0 {
			t.Error("it cannot be used, and nobody says why")
		}
	})
}

func TestAServiceOfSOAP12IsSpokenToAsSuch(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new.wsdl")
	text := `<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap12/" xmlns:x="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:t" targetNamespace="urn:t">
	<types><x:schema targetNamespace="urn:t"><x:element name="word" type="x:string"/></x:schema></types>
	<message name="m"><part name="p" element="t:word"/></message>
	<portType name="p"><operation name="Say"><input message="t:m"/><output message="t:m"/></operation></portType>
	<binding name="b" type="t:p"><s:binding style="document"/><operation name="Say"><s:operation soapAction="urn:say"/></operation></binding>
	<service name="S"><port name="p" binding="t:b"><s:address location="http://x.example"/></port></service></definitions>`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, problems := Load(path)
	if len(c.Ops) != 1 || problems != nil {
		t.Fatal(problems)
	}
	s := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if kind := r.Header.Get("Content-Type"); kind != `application/soap+xml; charset=utf-8; action="urn:say"` || r.Header.Get("SOAPAction") != "" {
			t.Errorf("sent as %s", kind)
		}
		body, _ := io.ReadAll(r.Body)
		if !strings.Contains(string(body), `<s:Envelope xmlns:s="`+soap12Space+`"><s:Body><word xmlns="urn:t">hello</word>`) {
			t.Errorf("sent %s", body)
		}
		_, _ = w.Write(body)
	})
	if got, err := perform(t, c, s, "say", flow.Values{"body": "hello"}); err != nil || got != `"hello"` {
		t.Errorf("got %s, %v", got, err)
	}
}
