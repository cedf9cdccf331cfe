package webdav

import (
	"context"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"jackfield/connectors/csv"
	"jackfield/connectors/json"
	"jackfield/connectors/kit"
	"jackfield/connectors/kit/auth"
	"jackfield/connectors/kit/depot"
	"jackfield/connectors/kit/depot/depottest"
	"jackfield/connectors/kit/kittest"
	"jackfield/connectors/webdav/webdavtest"
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

func TestFilesOfAServer(t *testing.T) {
	depottest.Run(t, func(t testing.TB) *depottest.Place {
		root := t.TempDir()
		base := filepath.Join(root, "base folder")
		if err := os.Mkdir(base, 0o777); err != nil {
			t.Fatal(err)
		}
		server := webdavtest.Start(t, root)
		proxy := kittest.NewProxy(t, server.Address)
		return &depottest.Place{
			Connector: New(csv.New(), json.New()), With: webdavtest.With(proxy.Address, "base folder"), Proxy: proxy,
			Side: depottest.Disk(base), Plain: true, Canary: webdavtest.Password,
		}
	})
}

func TestWhatTheServerRefusesIsToldInWords(t *testing.T) {
	server := webdavtest.Start(t, t.TempDir())
	with := webdavtest.With(server.Address, "")
	c := New()
	defer c.Close()
	for _, tt := range []struct {
		status int
		kind   flow.Code
		field  string
	}{
		{http.StatusUnauthorized, kit.Denied, "password"},
		{http.StatusForbidden, kit.Denied, "folder"},
		{http.StatusNotFound, kit.Missing, "folder"},
		{http.StatusMethodNotAllowed, kit.Invalid, "url"},
		{http.StatusOK, kit.Invalid, "url"},
		{http.StatusLocked, kit.Busy, "folder"},
		{http.StatusTooManyRequests, kit.Throttled, "folder"},
		{http.StatusServiceUnavailable, kit.Unavailable, "folder"},
		{http.StatusInsufficientStorage, kit.Full, "folder"},
		{http.StatusInternalServerError, kit.Unavailable, "folder"},
		{http.StatusMovedPermanently, kit.Refused, "url"},
		{http.StatusTeapot, kit.Refused, "folder"},
	} {
		server.Answer(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "https://elsewhere.example.com/?token=x")
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(tt.status)
		})
		f := kit.AsFailure(depottest.Listing(t, c, with))
		if f.Kind != tt.kind || f.Field != tt.field || f.Fix == "" || strings.Contains(f.What+f.Fix, webdavtest.Password) {
			t.Errorf("%d is %s on %q: %s; %s", tt.status, f.Kind, f.Field, f.What, f.Fix)
		}
		if tt.status == http.StatusTooManyRequests && f.After.Seconds() != 7 {
			t.Errorf("it asked to wait 7s, and it is %s", f.After)
		}
	}
	server.Answer(nil)
	if f := kit.AsFailure(depottest.Listing(t, c, depottest.Set(with, "password", "xyzzy"))); f.Kind != kit.Denied || f.Field != "password" || strings.Contains(f.What, "xyzzy") {
		t.Errorf("a wrong password is %s on %q: %s", f.Kind, f.Field, f.What)
	}
}

func TestAPasswordIsNotTakenAlongToAnotherHost(t *testing.T) {
	asked := false
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	defer other.Close()
	server := webdavtest.Start(t, t.TempDir())
	server.Answer(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL+r.URL.Path, http.StatusTemporaryRedirect)
	})
	c := New()
	defer c.Close()
	if f := kit.AsFailure(depottest.Listing(t, c, webdavtest.With(server.Address, ""))); f.Kind != kit.Refused || !strings.Contains(f.What, other.URL) {
		t.Errorf("%s: %s", f.Kind, f.What)
	}
	if asked {
		t.Error("the other host was asked")
	}
}

func TestAListThatBreaksOffIsNotAShortOne(t *testing.T) {
	server := webdavtest.Start(t, t.TempDir())
	server.Answer(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusMultiStatus)
		_, _ = w.Write([]byte(`<d:multistatus xmlns:d="DAV:"><d:response><d:href>/dav/</d:href><d:propstat><d:status>HTTP/1.1 200 OK</d:status><d:prop><d:resourcetype><d:collection/></d:resourcetype></d:prop></d:propstat></d:response>`))
	})
	c := New()
	defer c.Close()
	if f := kit.AsFailure(depottest.Listing(t, c, webdavtest.With(server.Address, ""))); f.Kind != kit.Unavailable {
		t.Errorf("%s: %s", f.Kind, f.What)
	}
}

// TestNextcloudGetsFilesDirectly stands in for a server that knows conditions.
func TestNextcloudGetsFilesDirectlyAndHoldsToVersions(t *testing.T) {
	content, tag := "old", `"1"`
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method+" "+r.URL.Path)
		switch r.Method {
		case "PROPFIND":
			w.WriteHeader(http.StatusMultiStatus)
			_, _ = w.Write([]byte(`<d:multistatus xmlns:d="DAV:"><d:response><d:href>` + r.URL.Path + `</d:href><d:propstat><d:status>HTTP/1.1 200 OK</d:status><d:prop><d:getcontentlength>` +
				"3" + `</d:getcontentlength><d:getetag>` + tag + `</d:getetag></d:prop></d:propstat></d:response></d:multistatus>`))
		case http.MethodPut:
			if want := r.Header.Get("If-Match"); want != tag {
				w.WriteHeader(http.StatusPreconditionFailed)
				return
			}
			b := make([]byte, r.ContentLength)
			_, _ = r.Body.Read(b)
			content, tag = string(b), `"2"`
			w.WriteHeader(http.StatusNoContent)
		}
	}))
	defer server.Close()
	lines := &depot.Lines[*client]{Shared: true}
	defer lines.Close()
	s := newSettings(lines)
	if problems := s.Fields().Bind("s", flow.Values{"url": server.URL + "/remote.php/dav/files/ada", "user": "ada", "password": "x"}); len(problems) > 0 {
		t.Fatal(problems)
	}
	store, _, err := s.Open(t.Context(), kit.Env{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if !store.(depot.Whole).Whole() {
		t.Error("a Nextcloud gets files under another name first")
	}
	if err := store.Write(t.Context(), "/a b.txt", strings.NewReader("new"), 3, depot.Only{Version: `"1"`}); err != nil || content != "new" {
		t.Errorf("%q, %v", content, err)
	}
	if err := store.Write(t.Context(), "/a b.txt", strings.NewReader("odd"), 3, depot.Only{Version: `"1"`}); err != depot.ErrChanged || content != "new" {
		t.Errorf("%q, %v", content, err)
	}
	if asked[0] != "PUT /remote.php/dav/files/ada/a b.txt" {
		t.Errorf("asked %q", asked)
	}
}

func TestACertificateThatNobodyKnowsIsTold(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	c := New()
	defer c.Close()
	with := flow.Values{"url": server.URL, "user": "ada", "password": "x"}
	pin := auth.Fingerprint(server.Certificate())
	if f := kit.AsFailure(depottest.Listing(t, c, with)); f.Kind != kit.Denied || !strings.Contains(f.Fix, pin) {
		t.Errorf("%s: %s; %s", f.Kind, f.What, f.Fix)
	}
	if f := kit.AsFailure(depottest.Listing(t, c, depottest.Set(with, "tls_pin", pin))); f.Kind == kit.Denied {
		t.Errorf("the certificate was accepted, and yet: %s", f.What)
	}
}

func TestAddresses(t *testing.T) {
	for text, want := range map[string]string{
		"https://c.example.com":              "https://c.example.com",
		"https://c.example.com/":             "https://c.example.com",
		"https://c.example.com/dav/x/?a=b#c": "https://c.example.com/dav/x",
		"https://c.example.com/a%20b":        "https://c.example.com/a%20b",
		"c.example.com":                      "",
		"ftp://c.example.com":                "",
		"https://ada:secret@c.example.com/":  "",
	} {
		s := newSettings(nil)
		s.URL = text
		u, err := s.root()
		if (err == nil) != (want != "") || err == nil && u.String() != want {
			t.Errorf("%q is %v, %v; want %q", text, u, err, want)
		}
	}
}
