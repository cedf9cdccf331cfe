package remote

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"runtime/debug"
	"strings"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// tried is one line of a connection's test: a check, or how it ended.
type tried struct {
	Check *kit.Check `json:"check,omitempty"`
	Error *fault     `json:"error,omitempty"`
	Over  bool       `json:"over,omitempty"` // the last line
}

// test makes the checks of a connection and tells each at once. It ends when the client
// goes.
func (s *Server) test(w http.ResponseWriter, r *http.Request) {
	var conn flow.Connection
	text, err := io.ReadAll(r.Body)
	if err == nil {
		err = decode(text, &conn)
	}
	if err != nil {
		http.Error(w, "the connection cannot be read: "+err.Error(), http.StatusBadRequest)
		return
	}
	defer func() {
		if bad := recover(); bad != nil {
			say(w, tried{Error: faultOf(fmt.Errorf("TestConnection broke down: %v\n%s", bad, debug.Stack())), Over: true})
		}
	}()
	for check, err := range s.svc.TestConnection(r.Context(), conn) {
		line := tried{Check: &check}
		if err != nil {
			line = tried{Error: faultOf(err)}
		}
		if !say(w, line) {
			return
		}
	}
	say(w, tried{Over: true})
}

// TestConnection tries a connection out over there.
func (c *Client) TestConnection(ctx context.Context, conn flow.Connection) iter.Seq2[kit.Check, error] {
	return func(yield func(kit.Check, error) bool) {
		for {
			here, l := c.way()
			if here != nil {
				here.TestConnection(ctx, conn)(yield)
				return
			}
			err := l.test(ctx, revealed(conn), yield)
			var lost *errLost
			if errors.As(err, &lost) && !lost.asked && ctx.Err() == nil {
				if err = c.again(ctx, l); err == nil {
					continue // nobody was asked yet
				}
			}
			if err != nil {
				yield(kit.Check{}, err)
			}
			return
		}
	}
}

// test gives what the server finds. The error is nil where yield has heard of it, or has
// enough.
func (l *link) test(ctx context.Context, conn flow.Connection, yield func(kit.Check, error) bool) error {
	text, err := json.Marshal(conn)
	if err != nil {
		return fmt.Errorf("ask for a test: %w", err)
	}
	ctx, enough := context.WithCancel(ctx)
	defer enough()
	got, err := l.send(ctx, "/test", text)
	if err != nil {
		return err
	}
	defer got.Body.Close()
	lines := bufio.NewReader(got.Body)
	if got.StatusCode != http.StatusOK {
		why, _ := io.ReadAll(lines)
		return fmt.Errorf("ask for a test: %s", strings.TrimSpace(string(why)))
	}
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return l.cut(ctx, err)
		}
		var one tried
		if err := json.NewDecoder(bytes.NewReader(line)).Decode(&one); err != nil {
			return fmt.Errorf("read a check: %w", err)
		}
		switch {
		case one.Error != nil:
			return one.Error.err()
		case one.Over:
			return nil
		case one.Check != nil && !yield(*one.Check, nil):
			return nil
		}
	}
}
