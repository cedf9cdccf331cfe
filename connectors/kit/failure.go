package kit

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"syscall"
	"time"

	"jackfield/flow"
)

// Failure is an error that a person can act on. Operations return one where they
// know more than the bare error says.
type Failure struct {
	Kind  flow.Code
	What  string
	Fix   string
	Field string        // which setting is to blame
	After time.Duration // the service asked to wait this long
	Cause error
	// Uncertain says that nobody knows whether what was wanted happened all the same: the
	// request was sent and no answer came. Where each time counts, the engine does not
	// try again unasked; a failure without it says that nothing happened.
	Uncertain bool
}

// The kinds of failure. Throttled, Unavailable, TimedOut and Busy pass by
// themselves, so a retry is worth while.
const (
	Invalid     flow.Code = "invalid"     // the settings or the input are wrong
	Missing     flow.Code = "missing"     // what was asked for is not there
	Denied      flow.Code = "denied"      // not signed in, or not allowed
	Refused     flow.Code = "refused"     // the service understood and said no
	Throttled   flow.Code = "throttled"   // too many requests
	Unavailable flow.Code = "unavailable" // nobody answers, or with a fault of its own
	TimedOut    flow.Code = "timed-out"
	Busy        flow.Code = "busy"      // locked by somebody else
	Full        flow.Code = "disk-full" // no space left
	Malformed   flow.Code = "malformed" // the data is not what it should be
	Stopped     flow.Code = "stopped"   // the run was stopped
	Unknown     flow.Code = "unknown"
	Resting     flow.Code = "resting" // the service failed too often and is not asked for a while
	Hung        flow.Code = "hung"    // the operation did not end when it was told to
)

// Kinds lists the kinds of failure, those that pass by themselves first.
func Kinds() []flow.Code {
	return []flow.Code{
		Throttled, Unavailable, TimedOut, Busy,
		Invalid, Missing, Denied, Refused, Full, Malformed, Unknown, Stopped, Resting, Hung,
	}
}

// Fail makes a Failure.
func Fail(kind flow.Code, format string, args ...any) *Failure {
	err := fmt.Errorf(format, args...)
	return &Failure{Kind: kind, What: err.Error(), Cause: errors.Unwrap(err)}
}

// Hint adds what to do about it.
func (f *Failure) Hint(format string, args ...any) *Failure {
	f.Fix = fmt.Sprintf(format, args...)
	return f
}

// On names the setting that is to blame.
func (f *Failure) On(field string) *Failure { f.Field = field; return f }

// Wait says how long the service asked to wait.
func (f *Failure) Wait(d time.Duration) *Failure { f.After = d; return f }

// Unsure says that nobody knows whether what was wanted happened all the same.
func (f *Failure) Unsure() *Failure { f.Uncertain = true; return f }

func (f *Failure) Error() string { return f.What }
func (f *Failure) Unwrap() error { return f.Cause }

// Passing says whether trying again may help.
func (f *Failure) Passing() bool {
	switch f.Kind {
	case Throttled, Unavailable, TimedOut, Busy:
		return true
	}
	return false
}

// AsFailure finds the Failure in err, or makes one that names what the system said.
func AsFailure(err error) *Failure {
	if f, ok := errors.AsType[*Failure](err); ok {
		return f
	}
	if p, ok := errors.AsType[flow.Problem](err); ok {
		return &Failure{Kind: p.Code, What: p.What, Fix: p.Fix, Field: p.Field, Cause: err}
	}
	f := &Failure{Kind: Unknown, What: err.Error(), Cause: err}
	var dns *net.DNSError
	var timeout interface{ Timeout() bool }
	switch {
	case errors.Is(err, context.Canceled):
		f.Kind = Stopped
		f.Fix = "start it again"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		f.Kind, f.Uncertain = TimedOut, true
		f.Fix = "raise the time-out, or see why the other side is slow"
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		f.Kind = Full
		f.Fix = "make room on the disk, then retry"
	case errors.Is(err, syscall.ECONNREFUSED):
		f.Kind = Unavailable
		f.Fix = "check that the service runs and that address and port are right"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		f.Kind, f.Uncertain = Unavailable, true
		f.Fix = "the other side hung up; retry, or look into its log"
	case errors.As(err, &dns):
		f.Kind = Unavailable
		f.Fix = "check the name of the host and the network"
	case errors.Is(err, fs.ErrNotExist):
		f.Kind = Missing
		f.Fix = "check the path; relative paths start at the flow file's folder"
	case errors.Is(err, fs.ErrPermission):
		f.Kind = Denied
		f.Fix = "allow this user to read and write there"
	}
	return f
}

// Problem is the failure as a person sees it.
func (f *Failure) Problem(step flow.StepID, rec flow.RecordID) flow.Problem {
	return flow.Problem{Step: step, Field: f.Field, Record: rec, Code: f.Kind, What: f.What, Fix: f.Fix}
}
