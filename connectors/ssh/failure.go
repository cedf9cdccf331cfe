package ssh

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"jackfield/connectors/kit"
)

// told puts into words why a host cannot be reached.
func (s *settings) told(err error) error {
	f := kit.AsFailure(err)
	f.What = "connect to " + s.address() + ": " + f.What
	if f.Kind == kit.TimedOut {
		f.Uncertain = false // nothing was asked yet
		f.Fix = "check host and port, and whether a firewall is in between"
	}
	if f.Kind == kit.Unknown {
		f.Kind, f.Fix = kit.Unavailable, "check host and port, and the network"
	}
	return f
}

// refused puts into words why a host that was reached does not let in.
func (s *settings) refused(ctx context.Context, err error, pinned []ssh.PublicKey) error {
	var own *kit.Failure
	var algorithms *ssh.AlgorithmNegotiationError
	switch {
	case errors.As(err, &own):
		return own
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return kit.Fail(kit.TimedOut, "%s took longer than %s to let %s in", s.address(), s.Timeout, s.User).
			Hint("raise the time-out, or see why the host is slow")
	case ctx.Err() != nil:
		return ctx.Err()
	case strings.Contains(err.Error(), "unable to authenticate"):
		return s.denied()
	case errors.As(err, &algorithms):
		f := kit.AsFailure(s.noCommon(err, pinned))
		if f.Kind == kit.Unknown {
			f.Kind, f.Fix = kit.Refused, "the host speaks only old ways that are no longer safe; have it updated"
		}
		return f
	case strings.Contains(err.Error(), "overflow reading version string"), strings.Contains(err.Error(), "no SSH version"):
		return kit.Fail(kit.Invalid, "what answers at %s does not speak SSH", s.address()).On("port").Hint("check host and port")
	case hasHungUp(err):
		return kit.Fail(kit.Unavailable, "%s hung up before %s was let in: %w", s.address(), s.User, err).
			Hint("it may take no more connections for now, or refuse this address; retry, or look into its log")
	}
	return kit.Fail(kit.Unavailable, "sign in to %s: %w", s.address(), err).Hint("look into the log of the host")
}

// denied tells what the host did not take.
func (s *settings) denied() error {
	switch s.Auth {
	case byKey:
		return kit.Fail(kit.Denied, "%s does not take the key of %s", s.address(), s.User).On("key").
			Hint("have the public key added to authorized_keys there, or check the user")
	case byAgent:
		return kit.Fail(kit.Denied, "%s takes none of the agent's keys for %s", s.address(), s.User).On("auth").
			Hint("have one of the public keys that ssh-add -L lists added to authorized_keys there")
	}
	return kit.Fail(kit.Denied, "%s does not take the password of %s", s.address(), s.User).On("password").
		Hint("check user and password; or the host takes only keys")
}

// hasHungUp says whether the line is lost.
func hasHungUp(err error) bool {
	return errors.Is(err, sftp.ErrSSHFxConnectionLost) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, net.ErrClosed) || kit.AsFailure(err).Kind == kit.Unavailable ||
		strings.Contains(err.Error(), "connection lost") || strings.Contains(err.Error(), "connection reset")
}

// hungUp is the failure of a line that was lost.
func hungUp(err error) *kit.Failure {
	f := kit.Fail(kit.Unavailable, "the connection to the host was lost").Hint("retry; what was done so far is not visible at the target").Unsure()
	f.Cause = err
	return f
}

// lostOr tells a lost line apart from what the host said.
func lostOr(err error) error {
	if err != nil && hasHungUp(err) {
		return hungUp(err)
	}
	return err
}
