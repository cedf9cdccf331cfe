package remote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"jackfield/app"
)

// Server opens the door of a home folder to other processes.
type Server struct {
	svc     app.Service
	version string
	http    http.Server
	work    sync.WaitGroup

	mu       sync.Mutex
	commands int
	empty    chan struct{} // closed when the last command has gone; nil where none is there
	closed   chan struct{} // closed when nobody comes in any more
	over     bool
}

// Listen opens the door. Only the process that has the home folder open may, so what
// an earlier one left in its place is nobody's.
func Listen(home, version string, svc app.Service) (*Server, error) {
	path := Address(home)
	folder := filepath.Dir(path)
	if err := private(folder); err != nil {
		return nil, fmt.Errorf("open the door %s: %w", path, err)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("open the door %s: %w", path, err)
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("open the door: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		_ = l.Close()
		return nil, fmt.Errorf("open the door %s: %w", path, err)
	}
	s := &Server{svc: svc, version: version, closed: make(chan struct{})}
	s.http.Handler = s.routes()
	s.work.Go(func() { _ = s.http.Serve(l) }) // ends with Close
	return s, nil
}

// private makes a folder that only its owner may enter.
func private(folder string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	info, err := os.Lstat(folder)
	if err != nil {
		return err
	}
	if !info.IsDir() || !ownedByMe(info) {
		return fmt.Errorf("%s belongs to somebody else", folder)
	}
	return os.Chmod(folder, 0o700)
}

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /session", s.session)
	mux.HandleFunc("GET /watch", s.watch)
	mux.HandleFunc("POST /call/{method}", s.call)
	mux.HandleFunc("POST /test", s.test)
	return mux
}

// session lasts until its client goes or the server closes.
func (s *Server) session(w http.ResponseWriter, r *http.Request) {
	role := Role(r.URL.Query().Get("role"))
	if !s.enter(role) {
		http.Error(w, "closed", http.StatusServiceUnavailable)
		return
	}
	defer s.leave(role)
	if !say(w, hello{PID: os.Getpid(), Version: s.version, Protocol: protocol()}) {
		return
	}
	select {
	case <-r.Context().Done():
	case <-s.closed:
	}
}

func (s *Server) enter(role Role) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.over && role == Command {
		s.commands++
		if s.empty == nil {
			s.empty = make(chan struct{})
		}
	}
	return !s.over
}

func (s *Server) leave(role Role) {
	if role != Command {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.commands--; s.commands == 0 {
		close(s.empty)
		s.empty = nil
	}
}

// say writes one line at once.
func say(w http.ResponseWriter, v any) bool {
	line, err := json.Marshal(v)
	if err != nil {
		return false
	}
	if _, err := w.Write(append(line, '\n')); err != nil {
		return false
	}
	return http.NewResponseController(w).Flush() == nil
}

// watch tells what changes until the client goes or the server closes.
func (s *Server) watch(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	go func() {
		select {
		case <-s.closed:
			cancel()
		case <-ctx.Done():
		}
	}()
	events := s.svc.Watch(ctx)
	if !say(w, struct{}{}) { // from here on nothing is missed
		return
	}
	for e := range events {
		if !say(w, e) {
			return
		}
	}
}

// Commands is how many commands are attached.
func (s *Server) Commands() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.commands
}

// Close closes the door once no command is attached any more, or when ctx ends. Who is
// attached as a window then takes leave.
func (s *Server) Close(ctx context.Context) error {
	for s.shut(ctx.Err() != nil) {
		s.mu.Lock()
		empty := s.empty
		s.mu.Unlock()
		if empty == nil {
			continue
		}
		select {
		case <-empty:
		case <-ctx.Done():
		}
	}
	// Answers on their way are let out; whoever still waits is cut off.
	brief, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	err := s.http.Shutdown(brief)
	if err != nil {
		err = s.http.Close()
	}
	s.work.Wait()
	return err
}

// shut lets nobody in any more, unless commands are there that must not be cut off.
func (s *Server) shut(anyway bool) (waits bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.commands > 0 && !anyway {
		return true
	}
	if !s.over {
		s.over = true
		close(s.closed)
	}
	return false
}
