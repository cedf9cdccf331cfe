package http

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/flow/value"
)

// shownText writes values with their secrets.
func shownText(v flow.Values) string {
	plain := map[string]any{}
	for name, one := range v {
		if s, is := one.(kit.Secret); is {
			one = "secret " + s.Reveal()
		}
		plain[name] = one
	}
	return string(value.Append(nil, plain))
}

func TestPasteFillsTheForms(t *testing.T) {
	for _, tt := range []struct {
		name, text    string
		account, step string
	}{
		{
			"an address", "https://api.example.com/v1?x=1",
			`{"url":"https://api.example.com/v1?x=1"}`, `{"method":"GET","path":"/v1","query":{"x":"1"},"url":"https://api.example.com"}`,
		},
		{
			"an address with user and password", "https://ada:p%40ss@api.example.com/v1",
			`{"auth":"basic","password":"secret p@ss","url":"https://api.example.com/v1","user":"ada"}`, `{"method":"GET","path":"/v1","url":"https://api.example.com"}`,
		},
		{
			"an address with a key", "https://api.example.com/v1?api_key=k1&q=a",
			`{"auth":"api_key","key":"secret k1","key_in":"query","key_name":"api_key","url":"https://api.example.com/v1?q=a"}`, `{"method":"GET","path":"/v1","query":{"q":"a"},"url":"https://api.example.com"}`,
		},
		{
			"a file of the environment", "# the shop\nexport SHOP_URL=\"https://shop.example/v2\"\nSHOP_API_KEY='k2'\n",
			`{"auth":"api_key","key":"secret k2","url":"https://shop.example/v2"}`, `{"method":"GET","path":"/v2","url":"https://shop.example"}`,
		},
		{"the environment with a user", "API_USER=ada\nAPI_PASSWORD=pw\n", `{"auth":"basic","password":"secret pw","user":"ada"}`, ""},
		{
			"the simplest command", "curl https://api.example.com/orders",
			`{"url":"https://api.example.com"}`, `{"method":"GET","path":"/orders","url":"https://api.example.com"}`,
		},
		{
			"without a scheme", "curl api.example.com/orders -sSL",
			`{"url":"https://api.example.com"}`, `{"method":"GET","path":"/orders","url":"https://api.example.com"}`,
		},
		{
			"a manual's example", "curl -X POST https://api.example.com/orders \\\n  -H 'Authorization: Bearer tok' \\\n  -H 'Content-Type: application/json' \\\n  -d '{\"a\": \"it'\\''s\"}'",
			`{"auth":"bearer","token":"secret tok","url":"https://api.example.com"}`, `{"body":{"a":"it's"},"method":"POST","path":"/orders","url":"https://api.example.com"}`,
		},
		{
			"user and password", "curl -u 'ada:p w' https://api.example.com/ --max-time 7.5",
			`{"auth":"basic","password":"secret p w","timeout":"7.5s","url":"https://api.example.com","user":"ada"}`, `{"method":"GET","path":"/","url":"https://api.example.com"}`,
		},
		{
			"a form", "curl https://api.example.com/f -d a=1 -d 'b=x y' --data-urlencode 'c=ü&'",
			`{"url":"https://api.example.com"}`, `{"as":"form","body":{"a":"1","b":"x y","c":"ü&"},"method":"POST","path":"/f","url":"https://api.example.com"}`,
		},
		{
			"a form as parameters", "curl -G https://api.example.com/f -d a=1 -d b=2",
			`{"url":"https://api.example.com"}`, `{"method":"GET","path":"/f","query":{"a":"1","b":"2"},"url":"https://api.example.com"}`,
		},
		{
			"text", `curl https://api.example.com/x -H "Content-Type: text/xml" --data-raw "<a b=\"c\">\$5</a>" -XPUT`,
			`{"url":"https://api.example.com"}`, `{"as":"text","body":"<a b=\"c\">$5</a>","headers":{"Content-Type":"text/xml"},"method":"PUT","path":"/x","url":"https://api.example.com"}`,
		},
		{
			"as bash of a browser", "curl 'https://api.example.com/x?a=1&a=2' \\\n  -H 'accept: */*' \\\n  -H 'sec-ch-ua: \"x\"' \\\n  -H 'user-agent: Mozilla/5.0' \\\n  -b 'sid=s1; b=2' \\\n  --data-raw $'{\"t\":\"it\\'s \\u00fc\\\\n\"}' \\\n  --compressed",
			`{"auth":"custom","auth_headers":{"Cookie":"{key}"},"key":"secret sid=s1; b=2","url":"https://api.example.com"}`, `{"body":{"t":"it's ü\n"},"headers":{"accept":"*/*"},"method":"POST","path":"/x?a=1&a=2","url":"https://api.example.com"}`,
		},
		{
			"as the command prompt of a browser", "curl ^\"https://api.example.com/x?a=1^&b=2^\" ^\r\n  -H ^\"accept: */*^\" ^\r\n  -H ^\"X-API-Key: k^%3^\" ^\r\n  --data-raw ^\"^{^\\^\"a^\\^\":^\\^\"50^% ^& more^\\^\"^}^\"",
			`{"auth":"api_key","key":"secret k%3","key_in":"header","key_name":"X-API-Key","url":"https://api.example.com"}`, `{"body":{"a":"50% & more"},"headers":{"accept":"*/*"},"method":"POST","path":"/x","query":{"a":"1","b":"2"},"url":"https://api.example.com"}`,
		},
		{
			"as the command prompt", "curl.exe -X POST \"https://api.example.com/x\" ^\n -H \"Content-Type: application/json\" ^\n -d \"{\\\"a\\\": \\\"c:\\\\dir\\\\\\\\\\\"}\"",
			`{"url":"https://api.example.com"}`, "",
		},
		{
			"as PowerShell", "curl.exe -X DELETE 'https://api.example.com/x' `\r\n  -H 'api-token: t'",
			`{"auth":"api_key","key":"secret t","key_in":"header","key_name":"api-token","url":"https://api.example.com"}`, `{"method":"DELETE","path":"/x","url":"https://api.example.com"}`,
		},
		{
			"with a pipe behind", "curl -s https://api.example.com/x | jq '.[] | select(.a)'",
			`{"url":"https://api.example.com"}`, `{"method":"GET","path":"/x","url":"https://api.example.com"}`,
		},
		{
			"JSON in short", `curl --json '{"a": 12345678901234567890}' --url=https://api.example.com/x`,
			`{"url":"https://api.example.com"}`, `{"body":{"a":12345678901234567890},"method":"POST","path":"/x","url":"https://api.example.com"}`,
		},
		{
			"a certificate", "curl -E me.pem:pw --key me.key --cacert ca.pem https://api.example.com/",
			`{"auth":"mtls","tls_ca_file":"ca.pem","tls_cert_file":"me.pem","tls_key_file":"me.key","url":"https://api.example.com"}`, `{"method":"GET","path":"/","url":"https://api.example.com"}`,
		},
		{
			"a key by a name of the service's own", "curl https://api.example.com/ -H 'X-Shop-Key: k' -H 'X-Request-Token: r' -H 'Idempotency-Key: i'",
			`{"auth":"api_key","key":"secret k","key_in":"header","key_name":"X-Shop-Key","url":"https://api.example.com"}`, `{"headers":{"Idempotency-Key":"i","X-Request-Token":"r"},"method":"GET","path":"/","url":"https://api.example.com"}`,
		},
		{
			"basic as a header", "curl https://api.example.com/ -H 'Authorization: Basic YWRhOnB3'",
			`{"auth":"basic","password":"secret pw","url":"https://api.example.com","user":"ada"}`, `{"method":"GET","path":"/","url":"https://api.example.com"}`,
		},
		{
			"digest", "curl --digest -uada:pw https://api.example.com/",
			`{"auth":"digest","password":"secret pw","url":"https://api.example.com","user":"ada"}`, `{"method":"GET","path":"/","url":"https://api.example.com"}`,
		},
		{"a method that steps do not have", "curl -X PURGE https://api.example.com/", `{"url":"https://api.example.com"}`, ""},
		{"words", "hello, world", "", ""},
		{"no address", "curl -H 'a: b'", "", ""},
		{"another address", "ftp://example.com", "", ""},
		{"nothing", "", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := newRig(t)
			account := g.set.Connection()
			values, ok := account.(kit.Paster).Paste(tt.text)
			if got := shownText(values); ok != (tt.account != "") || ok && got != tt.account {
				t.Errorf("connection: %v\n got  %s\n want %s", ok, got, tt.account)
			}
			if p := account.Fields().Bind("", values); ok && p != nil {
				t.Errorf("its form does not take it: %v", p)
			}
			if tt.name == "as the command prompt" {
				tt.step = `{"body":{"a":"c:\\dir\\"},"method":"POST","path":"/x","url":"https://api.example.com"}`
			}
			op, _ := g.set.Op("request")
			step := op.New()
			values, ok = step.(kit.Paster).Paste(tt.text)
			if got := shownText(values); ok != (tt.step != "") || ok && got != tt.step {
				t.Errorf("step: %v\n got  %s\n want %s", ok, got, tt.step)
			}
			if p := step.Fields().Bind("s", values); ok && p != nil {
				t.Errorf("its form does not take it: %v", p)
			}
		})
	}
}

// What was pasted, put together again, is the request that cURL would have sent.
func TestAPastedRequestIsSentAsItWas(t *testing.T) {
	var seen string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = r.Header.Get("Authorization") + " " + r.Header.Get("X-Own")
		mirror(w, r)
	}))
	defer server.Close()
	text := "curl '" + server.URL + "/a/b?x=1' -u ada:pw -H 'X-Own: o' --json '{\"n\": [1, 2]}'"
	g := newRig(t)
	account, _ := g.set.Connection().(kit.Paster).Paste(text)
	op, _ := g.set.Op("request")
	step, ok := op.New().(kit.Paster).Paste(text)
	if !ok {
		t.Fatal("it is not taken")
	}
	for name, v := range account {
		step[name] = v
	}
	got, err := g.ask(step)
	if want := `{"at":"POST /a/b?x=1","body":"{\"n\":[1,2]}"`; err != nil || !strings.HasPrefix(got, want) || seen != "Basic YWRhOnB3 o" {
		t.Errorf("got %s, %s, %v", got, seen, err)
	}
}

func FuzzPaste(f *testing.F) {
	f.Add("curl -X POST 'https://a.example' -d \"a\\\"\" $'x\\u00'")
	f.Add("curl ^\"https://a.example^\" ^\n^\n")
	f.Fuzz(func(t *testing.T, text string) {
		c := New()
		account := c.Connection()
		values, ok := account.(kit.Paster).Paste(text)
		if !ok {
			return
		}
		for name := range values {
			if _, known := account.Fields().Field(name); !known {
				t.Errorf("%q fills %q, which the form does not have", text, name)
			}
		}
	})
}
