// Package webdavtest starts WebDAV servers for tests.
package webdavtest

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"golang.org/x/net/webdav"

	"jackfield/flow"
)

// The names by which the server is used.
const (
	User     = "ada"
	Password = "jackfield-canary-webdav-password"
)

// Server shows a folder under /dav.
type Server struct {
	*httptest.Server
	Address string // of the host

	mu     sync.Mutex
	answer http.HandlerFunc
}

// Start starts a server.
func Start(t testing.TB, root string) *Server {
	t.Helper()
	files := &webdav.Handler{Prefix: "/dav", FileSystem: webdav.Dir(root), LockSystem: webdav.NewMemLS()}
	s := &Server{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		answer := s.answer
		s.mu.Unlock()
		if answer != nil {
			answer(w, r)
			return
		}
		if user, password, _ := r.BasicAuth(); user != User || password != Password {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		files.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	s.Address = s.Listener.Addr().String()
	return s
}

// Answer answers in place of the files. nil shows them again.
func (s *Server) Answer(how http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = how
}

// With is the settings that reach an address.
func With(address, base string) flow.Values {
	return flow.Values{"url": "http://" + address + "/dav/", "user": User, "password": Password, "base": base, "timeout": "20s"}
}
