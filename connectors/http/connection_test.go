package http

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

func TestConnectionTestGoesAsFarAsItCan(t *testing.T) {
	secure := httptest.NewUnstartedServer(http.HandlerFunc(mirror))
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	defer secure.Close()
	fussy := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer right" {
			w.WriteHeader(http.StatusUnauthorized)
		}
	})
	tests := []struct {
		name  string
		with  flow.Values
		holds string // the checks that hold
		fails string // the one that does not
	}{
		{"demo", flow.Values{"url": "demo:"}, "Address Proxy Name Connection Request", ""},
		{"the right token", flow.Values{"url": fussy.URL, "auth": "bearer", "token": "right"}, "Address Proxy Name Connection Request", ""},
		{"the wrong token", flow.Values{"url": fussy.URL, "auth": "bearer", "token": "wrong"}, "Address Proxy Name Connection", "Request"},
		{"an unknown certificate", flow.Values{"url": secure.URL}, "Address Proxy Name Connection", "Certificate"},
		{"nobody there", flow.Values{"url": "http://" + closedPort(t)}, "Address Proxy Name", "Connection"},
		{"no such name", flow.Values{"url": "http://" + noHost}, "Address Proxy", "Name"},
		{"no address", flow.Values{}, "", "Address"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := newRig(t)
			c := g.set.Connection()
			if p := c.Fields().Bind("", tt.with); p != nil {
				t.Fatal(p)
			}
			var holds, fails []string
			for _, check := range c.Test(t.Context(), g.env) {
				switch {
				case check.OK:
					holds = append(holds, check.Name)
				case check.What == "" || check.Fix == "":
					t.Errorf("%s fails and does not say what to do: %+v", check.Name, check)
					fallthrough
				default:
					fails = append(fails, check.Name)
				}
				if strings.Contains(fmt.Sprint(check), "wrong") {
					t.Errorf("the token shows: %+v", check)
				}
			}
			if strings.Join(holds, " ") != tt.holds || strings.Join(fails, " ") != tt.fails {
				t.Errorf("holds %v, fails %v; want %s and %s", holds, fails, tt.holds, tt.fails)
			}
		})
	}
}

func TestEveryConnectionFieldIsAnInputOfEveryOperation(t *testing.T) {
	c := New()
	for _, op := range c.Ops {
		fields := op.New().Fields()
		seen := map[string]bool{}
		for _, f := range fields {
			if seen[f.Name] {
				t.Errorf("%s has %q twice", op.ID, f.Name)
			}
			seen[f.Name] = true
		}
		for _, f := range c.Connection().Fields() {
			if !seen[f.Name] {
				t.Errorf("%s lacks %q", op.ID, f.Name)
			}
		}
	}
	if _, ok := any(newRequest(newShared())).(kit.Connection); ok {
		t.Error("a request is no connection")
	}
}
