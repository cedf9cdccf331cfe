package s3

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"jackfield/connectors/csv"
	"jackfield/connectors/json"
	"jackfield/connectors/kit"
	"jackfield/connectors/kit/auth"
	"jackfield/connectors/kit/depot"
	"jackfield/connectors/kit/depot/depottest"
	"jackfield/connectors/kit/kittest"
	"jackfield/connectors/s3/s3test"
	"jackfield/flow"
	"jackfield/transforms"
)

func eval(src string, in any) ([]any, error) {
	p, err := transforms.Compile(src)
	if err != nil {
		return nil, err
	}
	v, err := p.One(context.Background(), in, transforms.Vars{})
	return []any{v}, err
}

func TestDeclaration(t *testing.T) {
	kittest.Connector(t, New(csv.New(), json.New()), kittest.Eval(eval))
}

func TestObjectsAsFiles(t *testing.T) {
	depottest.Run(t, func(t testing.TB) *depottest.Place {
		server := s3test.Start(t)
		proxy := kittest.NewProxy(t, server.Address)
		return &depottest.Place{
			Connector: New(csv.New(), json.New()), With: server.With(proxy.Address, "partners/acme"), Proxy: proxy,
			Side: s3test.Side{Server: server, Base: "partners/acme"}, Flat: true, NoPart: true, Plain: true, Canary: s3test.Secret,
		}
	})
}

func TestWhatTheServiceRefusesIsToldInWords(t *testing.T) {
	server := s3test.Start(t)
	with := server.With(server.Address, "")
	c := New()
	defer c.Close()
	for _, tt := range []struct {
		code   string
		status int
		kind   flow.Code
		field  string
	}{
		{"SignatureDoesNotMatch", 403, kit.Denied, "secret"},
		{"AccessDenied", 403, kit.Denied, "folder"},
		{"ExpiredToken", 400, kit.Denied, "token"},
		{"NoSuchBucket", 404, kit.Missing, "bucket"},
		{"AuthorizationHeaderMalformed", 400, kit.Invalid, "region"},
		{"RequestTimeTooSkewed", 403, kit.Refused, "folder"},
		{"SlowDown", 503, kit.Throttled, "folder"},
		{"ServiceUnavailable", 503, kit.Throttled, "folder"},
		{"InternalError", 500, kit.Unavailable, "folder"},
		{"QuotaExceeded", 403, kit.Full, "folder"},
		{"SomethingNew", 400, kit.Refused, "folder"},
	} {
		server.Refuse(func(*http.Request) (int, string) { return tt.status, tt.code })
		f := kit.AsFailure(depottest.Listing(t, c, with))
		if f.Kind != tt.kind || f.Field != tt.field || f.Fix == "" || strings.Contains(f.What+f.Fix, s3test.Secret) {
			t.Errorf("%s is %s on %q: %s; %s", tt.code, f.Kind, f.Field, f.What, f.Fix)
		}
	}
	server.Refuse(nil)
	if f := kit.AsFailure(depottest.Listing(t, c, depottest.Set(with, "key_id", "nobody"))); f.Kind != kit.Denied || f.Field != "key_id" {
		t.Errorf("a wrong key is %s on %q: %s", f.Kind, f.Field, f.What)
	}
	if f := kit.AsFailure(depottest.Listing(t, c, depottest.Set(with, "bucket", "another"))); f.Kind != kit.Missing || f.Field != "bucket" {
		t.Errorf("a bucket that is not there is %s on %q: %s", f.Kind, f.Field, f.What)
	}
	if err := depottest.Listing(t, c, depottest.Set(with, "region", "")); err != nil {
		t.Errorf("the service is asked for the region: %v", err)
	}
}

func TestAddresses(t *testing.T) {
	for text, ok := range map[string]bool{
		"https://s3.amazonaws.com": true, "s3.example.com:9000": true, "http://127.0.0.1:9000/": true,
		"": false, "ftp://x": false, "https://": false, "https://host/bucket": false,
	} {
		s := newSettings(nil)
		s.Endpoint = text
		if err := s.checkEndpoint(); (err == nil) != ok {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestKeysThatNoPathNamesAreNotListed(t *testing.T) {
	for key, ok := range map[string]bool{"a": true, "a/b": true, "a//b": false, "a/../b": false, "./a": false, "a/": false, "": false, "..a": true} {
		if nameable(key) != ok {
			t.Errorf("%q", key)
		}
	}
}

// opened is the bucket behind settings.
func opened(t testing.TB, with flow.Values) depot.Store {
	t.Helper()
	lines := &depot.Lines[*service]{Shared: true}
	t.Cleanup(func() { lines.Close() })
	s := newSettings(lines)
	if problems := s.Fields().Bind("s", with); len(problems) > 0 {
		t.Fatal(problems)
	}
	store, _, err := s.Open(t.Context(), kit.Env{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return store
}

func TestTheServiceItselfHoldsToConditions(t *testing.T) {
	server := s3test.Start(t)
	store := opened(t, server.With(server.Address, ""))
	put := func(text string, only depot.Only) error {
		return store.Write(t.Context(), "/a", strings.NewReader(text), int64(len(text)), only)
	}
	if err := put("one", depot.Only{New: true}); err != nil {
		t.Fatal(err)
	}
	if err := put("two", depot.Only{New: true}); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a second new one: %v", err)
	}
	info, err := store.Stat(t.Context(), "/a")
	if err != nil {
		t.Fatal(err)
	}
	if err := put("three", depot.Only{Version: info.Version}); err != nil {
		t.Errorf("in place of the right version: %v", err)
	}
	if err := put("four", depot.Only{Version: info.Version}); !errors.Is(err, depot.ErrChanged) {
		t.Errorf("in place of one that is gone: %v", err)
	}
}

func TestALargeObjectGoesInParts(t *testing.T) {
	server := s3test.Start(t)
	with := server.With(server.Address, "")
	with["endpoint"], with["tls_pin"] = server.Secure.URL, auth.Fingerprint(server.Secure.Certificate())
	store := opened(t, with)
	var parts atomic.Int32
	server.Refuse(func(r *http.Request) (int, string) {
		if r.URL.Query().Has("partNumber") {
			parts.Add(1)
		}
		return 0, ""
	})
	content := strings.Repeat("0123456789abcdef", 20<<16)
	if err := store.Write(t.Context(), "/big", strings.NewReader(content), int64(len(content)), depot.Only{}); err != nil {
		t.Fatal(err)
	}
	if got, _ := (s3test.Side{Server: server}).Get(t, "big"); got != content {
		t.Errorf("%d bytes came, or other ones", len(got))
	}
	if parts.Load() < 2 {
		t.Errorf("it went in %d parts", parts.Load())
	}
}

func TestACertificateThatNobodyKnowsIsTold(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	with := flow.Values{"endpoint": server.URL, "bucket": "exchange", "region": "eu", "path_style": true}
	c := New()
	defer c.Close()
	if f := kit.AsFailure(depottest.Listing(t, c, with)); f.Kind != kit.Denied || f.Fix == "" || !strings.Contains(f.What, "certificate") {
		t.Errorf("%s: %s; %s", f.Kind, f.What, f.Fix)
	}
	pin := auth.Fingerprint(server.Certificate())
	if f := kit.AsFailure(depottest.Listing(t, c, depottest.Set(with, "tls_pin", pin))); f.Kind == kit.Denied {
		t.Errorf("the certificate was accepted, and yet: %s", f.What)
	}
}
