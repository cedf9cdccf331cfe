// Package s3test starts object stores for tests.
package s3test

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"jackfield/flow"
)

// Server is a service with one bucket, in memory.
type Server struct {
	Address string           // of the host
	Secure  *httptest.Server // the same over TLS
	back    gofakes3.Backend
	clock   *clock
	mu      sync.Mutex
	refuse  func(*http.Request) (status int, code string) // before the service is asked; 0 lets it through
}

// The names by which the service is used.
const (
	Bucket = "exchange"
	KeyID  = "AKIDEXAMPLE"
	Secret = "jackfield-canary-s3-secret"
)

// clock says when objects are written.
type clock struct {
	mu sync.Mutex
	at time.Time // the zero value is now
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.at.IsZero() {
		return time.Now().UTC()
	}
	return c.at
}

func (c *clock) Since(t time.Time) time.Duration { return c.Now().Sub(t) }

func (c *clock) set(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = at
}

// Start starts a service with an empty bucket.
func Start(t testing.TB) *Server {
	t.Helper()
	s := &Server{clock: &clock{}}
	s.back = s3mem.New(s3mem.WithTimeSource(s.clock))
	if err := s.back.CreateBucket(Bucket); err != nil {
		t.Fatal(err)
	}
	fake := gofakes3.New(s.back, gofakes3.WithHostBucket(false)).Server()
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		refuse := s.refuse
		s.mu.Unlock()
		if refuse != nil {
			if status, code := refuse(r); status != 0 {
				w.Header().Set("Content-Type", "application/xml")
				w.WriteHeader(status)
				_, _ = io.WriteString(w, "<Error><Code>"+code+"</Code><Message>it is "+code+"</Message></Error>")
				return
			}
		}
		if !strings.Contains(r.Header.Get("Authorization"), "Credential="+KeyID+"/") {
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, "<Error><Code>InvalidAccessKeyId</Code><Message>unknown</Message></Error>")
			return
		}
		fake.ServeHTTP(w, r)
	})
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	s.Secure = httptest.NewUnstartedServer(handler)
	s.Secure.Config.ErrorLog = log.New(io.Discard, "", 0) // clients that do not trust it are part of tests
	s.Secure.StartTLS()
	t.Cleanup(s.Secure.Close)
	s.Address = server.Listener.Addr().String()
	return s
}

// Refuse answers for the service. nil lets everything through.
func (s *Server) Refuse(how func(*http.Request) (status int, code string)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse = how
}

// With is the settings that reach an address, with a base folder.
func (s *Server) With(address, base string) flow.Values {
	return flow.Values{
		"endpoint": "http://" + address, "bucket": Bucket, "key_id": KeyID, "secret": Secret,
		"region": "us-east-1", "path_style": true, "base": base, "timeout": "20s",
	}
}

// Side is the objects below a base folder seen from beside.
type Side struct {
	*Server
	Base string
}

func (s Side) key(path string) string {
	if s.Base == "" {
		return path
	}
	return s.Base + "/" + path
}

// Put writes an object.
func (s Side) Put(t testing.TB, path, content string, modified time.Time) {
	t.Helper()
	s.clock.set(modified)
	defer s.clock.set(time.Time{})
	meta := map[string]string{"Last-Modified": modified.UTC().Format(http.TimeFormat)} // as the service sets it
	if _, err := s.back.PutObject(Bucket, s.key(path), meta, strings.NewReader(content), int64(len(content)), nil); err != nil {
		t.Fatal(err)
	}
}

// Get reads an object.
func (s Side) Get(t testing.TB, path string) (string, bool) {
	o, err := s.back.GetObject(Bucket, s.key(path), nil)
	if err != nil || o == nil {
		return "", false
	}
	defer o.Contents.Close()
	b, err := io.ReadAll(o.Contents)
	if err != nil {
		t.Fatal(err)
	}
	return string(b), true
}

// All lists the keys.
func (s Side) All(t testing.TB) []string {
	t.Helper()
	list, err := s.back.ListBucket(Bucket, &gofakes3.Prefix{}, gofakes3.ListBucketPage{})
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, o := range list.Contents {
		all = append(all, strings.TrimPrefix(o.Key, s.key("")))
	}
	slices.Sort(all)
	return all
}
