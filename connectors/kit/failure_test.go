package kit_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

func TestFailureNamesWhatTheSystemSaid(t *testing.T) {
	expired, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	<-expired.Done()
	for _, tt := range []struct {
		name    string
		err     error
		want    flow.Code
		passing bool
	}{
		{"canceled", fmt.Errorf("read: %w", context.Canceled), kit.Stopped, false},
		{"deadline", expired.Err(), kit.TimedOut, true},
		{"time-out of a file", os.ErrDeadlineExceeded, kit.TimedOut, true},
		{"no space", &fs.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}, kit.Full, false},
		{"quota", syscall.EDQUOT, kit.Full, false},
		{"refused", &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}, kit.Unavailable, true},
		{"reset", syscall.ECONNRESET, kit.Unavailable, true},
		{"no such host", &net.DNSError{Err: "no such host", Name: "x.invalid", IsNotFound: true}, kit.Unavailable, true},
		{"no such file", fs.ErrNotExist, kit.Missing, false},
		{"not allowed", fs.ErrPermission, kit.Denied, false},
		{"anything", errors.New("boom"), kit.Unknown, false},
		{"a failure", fmt.Errorf("x: %w", kit.Fail(kit.Busy, "locked")), kit.Busy, true},
		{"a problem", flow.Problem{Code: "needed", What: "x"}, "needed", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := kit.AsFailure(tt.err)
			if f.Kind != tt.want || f.Passing() != tt.passing || f.What == "" {
				t.Errorf("%+v, want kind %s, passing %v", f, tt.want, tt.passing)
			}
		})
	}
}

func TestFailureBecomesProblem(t *testing.T) {
	cause := errors.New("429")
	f := kit.Fail(kit.Throttled, "send to %s: %w", "crm", cause).Hint("wait %d s", 5).On("url").Wait(5 * time.Second)
	if !errors.Is(f, cause) || f.After != 5*time.Second {
		t.Errorf("%+v", f)
	}
	p := f.Problem("send", "r1")
	if want := `step "send", field "url", record r1: send to crm: 429; wait 5 s`; p.Error() != want || p.Code != kit.Throttled {
		t.Errorf("%s\nwant %s", p.Error(), want)
	}
}
