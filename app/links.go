package app

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"jackfield/flow"
)

// links lets questions be answered from a browser on this machine. Each question has an
// address of its own, which nobody can guess; whoever has it may answer.
//
// It listens once a question is shown while the program serves. The port and the secret
// that the addresses are made of are kept, so that a link holds after a restart, unless
// the port was taken meanwhile.
type links struct {
	mu      sync.Mutex
	serving bool
	secret  []byte
	host    string // 127.0.0.1 and the port; "" while it does not listen
	server  *http.Server
	work    sync.WaitGroup
}

const (
	linkSecret  = "links/secret"
	linkAddress = "links/address"
)

// serveLinks lets questions have links from now on.
func (l *Local) serveLinks() {
	l.links.mu.Lock()
	defer l.links.mu.Unlock()
	l.links.serving = true
}

// link gives questions the addresses where they can be answered.
func (l *Local) link(all []flow.Question) {
	if len(all) == 0 {
		return
	}
	l.links.mu.Lock()
	defer l.links.mu.Unlock()
	if !l.links.serving {
		return
	}
	if err := l.listenForAnswers(); err != nil {
		l.watchers.tell(flow.Event{Kind: flow.Trouble, What: fmt.Sprintf("questions have no links: %v", err)})
		return
	}
	for i := range all {
		all[i].Link = "http://" + l.links.host + l.links.path(all[i].ID)
	}
}

func (k *links) path(question string) string {
	return "/answer/" + url.PathEscape(question) + "/" + k.token(question)
}

// token is what nobody can guess of a question's address.
func (k *links) token(question string) string {
	mac := hmac.New(sha256.New, k.secret)
	mac.Write([]byte(question))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:24])
}

// listenForAnswers opens the port. links.mu is held.
func (l *Local) listenForAnswers() error {
	k := &l.links
	if k.host != "" {
		return nil
	}
	if err := l.findSecret(); err != nil {
		return err
	}
	last, _ := l.store.Pref(linkAddress)
	port, err := listenAt(last)
	if err != nil {
		return err
	}
	k.host = port.Addr().String()
	if k.host != last {
		if err := l.store.SetPref(linkAddress, k.host); err != nil {
			return errors.Join(fmt.Errorf("keep the address: %w", err), port.Close())
		}
	}
	server := &http.Server{
		Handler: l.answerPages(), ReadTimeout: 30 * time.Second, WriteTimeout: 30 * time.Second, MaxHeaderBytes: 16 << 10,
	}
	k.server = server
	k.work.Go(func() {
		if err := server.Serve(port); !errors.Is(err, http.ErrServerClosed) {
			l.watchers.tell(flow.Event{Kind: flow.Trouble, What: fmt.Sprintf("questions cannot be answered by their links: %v", err)})
		}
	})
	return nil
}

// listenAt takes the port of the last time, or another one where that is taken.
func listenAt(last string) (net.Listener, error) {
	if strings.HasPrefix(last, "127.0.0.1:") {
		if port, err := net.Listen("tcp", last); err == nil {
			return port, nil
		}
	}
	return net.Listen("tcp", "127.0.0.1:0")
}

func (l *Local) findSecret() error {
	if len(l.links.secret) > 0 {
		return nil
	}
	if text, kept := l.store.Pref(linkSecret); kept {
		if secret, err := base64.RawURLEncoding.DecodeString(text); err == nil && len(secret) == 32 {
			l.links.secret = secret
			return nil
		}
	}
	secret := make([]byte, 32)
	rand.Read(secret) // it never fails
	if err := l.store.SetPref(linkSecret, base64.RawURLEncoding.EncodeToString(secret)); err != nil {
		return fmt.Errorf("keep the secret: %w", err)
	}
	l.links.secret = secret
	return nil
}

// closeLinks ends listening.
func (l *Local) closeLinks(ctx context.Context) error {
	l.links.mu.Lock()
	l.links.serving = false
	server := l.links.server
	l.links.server, l.links.host = nil, ""
	l.links.mu.Unlock()
	if server == nil {
		return nil
	}
	err := server.Shutdown(ctx)
	l.links.work.Wait()
	return err
}

// questionAt finds the question of an address, if the token is its own.
func (l *Local) questionAt(question, token string) bool {
	l.links.mu.Lock()
	defer l.links.mu.Unlock()
	return hmac.Equal([]byte(token), []byte(l.links.token(question)))
}
