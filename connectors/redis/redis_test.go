package redis

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
)

func TestDeclaration(t *testing.T) {
	c := New()
	kittest.Connector(t, c)
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

// want compares what an action gives.
func want(t *testing.T, d *kittest.Desk, op string, with flow.Values, text string) {
	t.Helper()
	got, err := d.Run(op, with)
	if err != nil {
		t.Fatal(err)
	}
	if kittest.JSON(got) != text {
		t.Errorf("%s gives %s, want %s", op, kittest.JSON(got), text)
	}
}

func TestAValueComesBackAsItWasSet(t *testing.T) {
	d := newRig(t)
	for _, tt := range []struct {
		name string
		set  any
		as   string
		want string
	}{
		{"text", "ärger", asAuto, `"ärger"`},
		{"text of digits", "007", asAuto, `"007"`},
		{"object", map[string]any{"a": []any{1, "x"}}, asAuto, `{"a":[1,"x"]}`},
		{"object as text", map[string]any{"a": 1}, asText, `"{\"a\":1}"`},
		{"number", 7.5, asJSON, `7.5`},
		{"bytes", map[string]any{"base64": "/wA="}, asAuto, `{"base64":"/wA="}`},
		{"bytes as base64", map[string]any{"base64": "/wA="}, asBase64, `"/wA="`},
		{"empty", "", asAuto, `""`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := d.Run("set", flow.Values{"key": "k", "value": tt.set}); err != nil {
				t.Fatal(err)
			}
			want(t, d, "get", flow.Values{"key": "k", "values_as": tt.as}, `[{"key":"k","type":"string","value":`+tt.want+`}]`)
		})
	}
}

func TestEachTypeOfKeyIsRead(t *testing.T) {
	d := newRig(t)
	l, ctx := lineOf(t, d), t.Context()
	l.RPush(ctx, "list", "b", "a")
	l.SAdd(ctx, "set", "z", "a")
	l.Do(ctx, "ZADD", "zset", "2", "x")
	if _, err := d.Run("set_fields", flow.Values{"key": "hash", "fields": map[string]any{"id": 7, "tags": []any{"a"}, "name": "Ada"}}); err != nil {
		t.Fatal(err)
	}
	for key, text := range map[string]string{"list": `["b","a"]`, "set": `["a","z"]`, "zset": `[{"member":"x","score":2}]`, "hash": `{"id":"7","name":"Ada","tags":["a"]}`} {
		want(t, d, "get", flow.Values{"key": key}, `[{"key":"`+key+`","type":"`+key+`","value":`+text+`}]`)
	}
	if _, err := d.Run("delete", flow.Values{"key": "hash", "fields": []any{"id", "tags"}}); err != nil {
		t.Fatal(err)
	}
	want(t, d, "get", flow.Values{"key": "hash"}, `[{"key":"hash","type":"hash","value":{"name":"Ada"}}]`)
	_, err := d.Run("set_fields", flow.Values{"key": "list", "fields": map[string]any{"a": 1}})
	kittest.WantFailure(t, err, kit.Refused, "", "something else", "TYPE")
}

func outlet(t *testing.T, d *kittest.Desk, op string, with flow.Values) flow.Outlet {
	t.Helper()
	r, err := d.Bind(op, with).(kit.Action).Run(t.Context(), d.Env, flow.Record{ID: "a"})
	if err != nil {
		t.Fatal(err)
	}
	return r.Outlet
}

func TestAConditionKeepsWhatIsThere(t *testing.T) {
	d := newRig(t)
	steps := []struct {
		op   string
		with flow.Values
		want flow.Outlet
	}{
		{"get", flow.Values{"key": "k"}, missing},
		{"set", flow.Values{"key": "k", "value": "1", "when": ifExists}, kept},
		{"set", flow.Values{"key": "k", "value": "2", "when": ifNew, "expires": "1h"}, flow.Done},
		{"set", flow.Values{"key": "k", "value": "3", "when": ifNew}, kept},
	}
	for i, s := range steps {
		if got := outlet(t, d, s.op, s.with); got != s.want {
			t.Errorf("step %d leaves by %q, want %q", i, got, s.want)
		}
	}
	got, err := d.Run("get", flow.Values{"key": "k"})
	if err != nil {
		t.Fatal(err)
	}
	one := got[0].(map[string]any)
	if left, _ := one["expires_in"].(float64); one["value"] != "2" || left <= 0 || left > 3600 {
		t.Errorf("there is %v", one)
	}
	if _, err := d.Run("delete", flow.Values{"key": "k"}); err != nil {
		t.Fatal(err)
	}
	if got := outlet(t, d, "get", flow.Values{"key": "k"}); got != missing {
		t.Errorf("a deleted key leaves by %q", got)
	}
}

func TestEveryKeyThatFitsIsListed(t *testing.T) {
	d := newRig(t)
	l, ctx := lineOf(t, d), t.Context()
	for i := range 1300 {
		l.Set(ctx, fmt.Sprintf("n:%d", i), i, 0)
	}
	l.HSet(ctx, "n:hash", "a", "b")
	l.Set(ctx, "other", "x", 0)
	count := func(with flow.Values) int {
		records, mark := d.Read("scan", with, nil)
		if mark != nil {
			t.Errorf("it leaves the cursor %s", mark)
		}
		different := map[any]bool{}
		for _, key := range kittest.Column(records, "key") {
			different[key] = true
		}
		return len(different)
	}
	if n := count(flow.Values{"pattern": "n:*"}); n != 1301 {
		t.Errorf("%d keys fit, want 1301", n)
	}
	if n := count(flow.Values{"pattern": "n:*", "type": "hash", "values": true}); n != 1 {
		t.Errorf("%d hashes fit, want 1", n)
	}
	if n := count(flow.Values{"values": true}); n != 1302 {
		t.Errorf("there are %d keys, want 1302", n)
	}
	c := d.Set.Connection()
	for _, p := range c.Fields().Bind("s", d.All) {
		t.Fatal(p)
	}
	kinds := map[string]int{}
	for page := ""; ; {
		list, err := c.(kit.Catalog).Entities(ctx, d.Env, "", page)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range list.Entities {
			kinds[e.Kind]++
		}
		if page = list.Next; page == "" {
			break
		}
	}
	if kinds["hash"] != 1 || kinds["string"] < 1301 {
		t.Errorf("the catalogue has %v", kinds)
	}
	_, err := c.(kit.Catalog).Entity(ctx, d.Env, "nowhere")
	kittest.WantFailure(t, err, kit.Missing, "", "nowhere")
}

func TestFailuresSayWhatToDo(t *testing.T) {
	d := newRig(t)
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := closed.Addr().(*net.TCPAddr).Port
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name  string
		with  flow.Values
		kind  flow.Code
		field string
		word  string
	}{
		{"wrong password", flow.Values{"password": "wrong"}, kit.Denied, "password", "password"},
		{"no password", flow.Values{"auth": "none"}, kit.Denied, "password", "basic"},
		{"no such database", flow.Values{"database": 99}, kit.Invalid, "database", "no such database"},
		{"nobody there", flow.Values{"port": port}, kit.Unavailable, "", "connect to"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.with["key"] = "k"
			_, err := d.Run("get", tt.with)
			kittest.WantFailure(t, err, tt.kind, tt.field, tt.word)
		})
	}
}

func TestALostAnswerIsUncertainWhereEachTimeCounts(t *testing.T) {
	d := newRig(t)
	p := kittest.NewProxy(t, net.JoinHostPort("127.0.0.1", fmt.Sprint(shared.Port)))
	_, port, err := net.SplitHostPort(p.Address)
	if err != nil {
		t.Fatal(err)
	}
	with := flow.Values{"port": atoi(t, port), "stream": "s", "entry": map[string]any{"a": 1}}
	if _, err := d.Run("add", with); err != nil {
		t.Fatal(err)
	}
	p.Mute()
	lost := make(chan error, 1)
	go func() {
		_, err := d.Bind("add", with).(kit.Action).Run(t.Context(), d.Env, flow.Record{ID: "a"})
		lost <- err
	}()
	p.Swallowed()
	p.Cut()
	err = <-lost
	var f *kit.Failure
	if !errors.As(err, &f) || !f.Uncertain {
		t.Errorf("it fails with %v", err)
	}
}

func TestTheTestOfAConnectionGoesTheWholeWay(t *testing.T) {
	d := newRig(t)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, shared.CA, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		with flow.Values
		want string
	}{
		{"plain", nil, "Name Connection Sign in Permission Sample"},
		{"sealed", flow.Values{"port": shared.Sealed, "secure": "implicit", "tls_ca_file": ca}, "Name Connection Certificate Sign in Permission Sample"},
		{"unknown authority", flow.Values{"port": shared.Sealed, "secure": "implicit"}, "Name Connection !Certificate"},
		{"wrong password", flow.Values{"password": "wrong"}, "Name Connection !Sign in"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := d.Set.Connection()
			for _, p := range append(c.Fields().Bind("s", d.All), c.Fields().Bind("s", tt.with)...) {
				t.Fatal(p)
			}
			var names []string
			for _, check := range c.Test(t.Context(), d.Env) {
				name := check.Name
				if !check.OK {
					name = "!" + name
				}
				names = append(names, name)
			}
			if got := strings.Join(names, " "); got != tt.want {
				t.Errorf("the checks are %s, want %s", got, tt.want)
			}
		})
	}
}

func TestAnAddressIsPasted(t *testing.T) {
	c := New().Connection()
	for text, want := range map[string]string{
		"redis://127.0.0.1:6390/2":                       `{"database":2,"host":"127.0.0.1","port":6390,"secure":"none"}`,
		`REDIS_URL="rediss://ada:s%40crt@r.example.com"`: `{"auth":"basic","host":"r.example.com","password":"s@crt","secure":"implicit","user":"ada"}`,
		"valkey://:pw@r.example.com":                     `{"auth":"basic","host":"r.example.com","password":"pw","secure":"none","user":"default"}`,
		"https://example.com":                            `null`,
	} {
		v, _ := kit.Paste(c, text)
		if s, ok := v["password"].(kit.Secret); ok {
			v["password"] = s.Reveal()
		}
		var got any
		if v != nil {
			got = map[string]any(v)
		}
		if want == "null" {
			_, took := c.(kit.Paster).Paste(text)
			if took {
				t.Errorf("%s is taken", text)
			}
			continue
		}
		if kittest.JSON(got) != want {
			t.Errorf("%s gives %s, want %s", text, kittest.JSON(got), want)
		}
	}
}
