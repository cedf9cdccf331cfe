package ftp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/textproto"
	"strings"
	"syscall"

	"github.com/jlaffaye/ftp"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/auth"
)

// unreached puts into words why the server cannot be reached.
func (s *settings) unreached(err error) error {
	host, _, _ := net.SplitHostPort(s.address())
	if f := auth.Distrust(host, err); f != nil {
		return f
	}
	if errors.Is(err, io.EOF) {
		err = fmt.Errorf("the server hung up: %w", err)
	}
	f := kit.AsFailure(err)
	if f.Kind == kit.Unknown {
		f.Kind, f.Fix = kit.Unavailable, "check host, port and the kind of TLS, and the network"
	}
	if f.Kind == kit.TimedOut {
		f.Uncertain, f.Fix = false, "check host and port, and whether a firewall is in between; or raise the time-out"
	}
	f.What = "connect to " + s.address() + ": " + f.What
	return f
}

// refused puts into words why a server does not let in (RFC 959, 4.2).
func (s *settings) refused(ctx context.Context, err error) error {
	var said *textproto.Error
	switch {
	case errors.Is(context.Cause(ctx), errSlow):
		return kit.Fail(kit.TimedOut, "%s took longer than %s to let %s in", s.address(), s.Timeout, s.user()).
			Hint("raise the time-out, or see why the server is slow; the kind of TLS may be another one, too")
	case ctx.Err() != nil:
		return ctx.Err()
	case !errors.As(err, &said) && s.Secure == plain && wantsTLS(err.Error()):
		said = &textproto.Error{Code: ftp.StatusNotLoggedIn, Msg: err.Error()}
	case !errors.As(err, &said):
		return s.unreached(err)
	}
	text := strings.ToLower(said.Msg)
	switch said.Code {
	case ftp.StatusNotLoggedIn, ftp.StatusLoginNeedAccount, ftp.StatusInvalidCredentials:
		if s.Secure == plain && wantsTLS(text) {
			return kit.Fail(kit.Denied, "%s wants TLS: %s", s.address(), said.Msg).On("secure").Hint("turn TLS on, mostly explicit")
		}
		return kit.Fail(kit.Denied, "%s does not take the password of %s: %s", s.address(), s.user(), said.Msg).On("password").Hint("check user and password")
	case ftp.StatusNotAvailable:
		return kit.Fail(kit.Busy, "%s takes nobody more for now: %s", s.address(), said.Msg).Hint("retry later; let fewer steps use it at a time")
	}
	return kit.Fail(kit.Refused, "%s refuses: %d %s", s.address(), said.Code, said.Msg).Hint("look into the log of the server")
}

// wantsTLS says whether a server's words are about TLS that is missing.
func wantsTLS(text string) bool {
	text = strings.ToLower(text)
	return strings.Contains(text, "encrypt") || strings.Contains(text, "tls") || strings.Contains(text, "ssl")
}

// noTLS is why a server refused before anybody signed in: it was asked for TLS only.
func (s *settings) noTLS(told, err error) error {
	var said *textproto.Error
	if s.Secure != explicit || !errors.As(err, &said) || kit.AsFailure(told).Kind != kit.Refused {
		return told
	}
	return kit.Fail(kit.Refused, "%s has no TLS: %s", s.address(), said.Msg).On("secure").
		Hint("ask who runs it for TLS; without it, everybody on the way can read the password")
}

// told puts into words what a server says to a command. Most servers say 550 to
// everything, so their words count too; doubt is what is meant where they say nothing.
func (f *files) told(ctx context.Context, err, doubt error) error {
	var said *textproto.Error
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, ftp.ErrInvalidCommand):
		return kit.Fail(kit.Invalid, "the path holds a line break, which FTP cannot send").On("path").Hint("have the file given another name")
	case !errors.As(err, &said):
		return f.lost(err)
	}
	text := strings.ToLower(said.Msg)
	has := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(text, w) {
				return true
			}
		}
		return false
	}
	switch {
	case said.Code == 452 || said.Code == 552 || has("no space", "disk full", "quota", "storage"):
		return syscall.ENOSPC
	case said.Code == ftp.StatusNotAvailable, said.Code == ftp.StatusTransfertAborted, said.Code == ftp.StatusCanNotOpenDataConnection:
		return kit.Fail(kit.Unavailable, "the server broke off: %s", said.Msg).Hint("retry; where it stays so, let the data connections be opened in the other way").Unsure()
	case said.Code == 522 || said.Code == 534 || said.Code == 536 || has("session reuse"):
		return kit.Fail(kit.Refused, "the server does not take the data connection: %s", said.Msg).On("secure").Hint("choose another kind of TLS, or ask who runs it")
	case has("no such", "not found", "does not exist", "not exist", "can't find", "cannot find"):
		return fs.ErrNotExist
	case has("already exists", "file exists"):
		return fs.ErrExist
	case has("denied", "not permitted", "not allowed", "read-only"), said.Code == ftp.StatusNotLoggedIn:
		return fs.ErrPermission
	case doubt != nil && (said.Code == ftp.StatusFileUnavailable || said.Code == ftp.StatusBadFileName || said.Code == 450):
		return doubt
	}
	return kit.Fail(kit.Refused, "the server says %d %s", said.Code, said.Msg).Hint("look into the log of the server")
}

// lost puts into words why no answer came.
func (f *files) lost(err error) error {
	var timeout net.Error
	if own, ok := errors.AsType[*kit.Failure](err); ok {
		return own
	}
	if errors.As(err, &timeout) && timeout.Timeout() {
		return kit.Fail(kit.TimedOut, "the server is silent for longer than %s", f.Timeout).Hint("retry; raise the time-out, or see why the server is slow").Unsure()
	}
	told := kit.Fail(kit.Unavailable, "the connection to the server was lost: %w", err).Hint("retry; what was done so far is not visible at the target").Unsure()
	if d := auth.Distrust(f.Host, err); d != nil {
		return d
	}
	return told
}
