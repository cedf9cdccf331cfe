package store

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"

	"jackfield/flow"
)

// ErrNotFound says that what was asked for is not in the store. It is
// fs.ErrNotExist too, for those who may not import this package.
var ErrNotFound error = notFound{}

type notFound struct{}

func (notFound) Error() string        { return "not found" }
func (notFound) Is(target error) bool { return target == fs.ErrNotExist }

// ErrClosed says that the store was closed before.
var ErrClosed = errors.New("the store is closed")

// ErrRunning says that a run cannot be removed, or a cursor not be moved, because the
// run, or one of the cursor's flow, has not ended.
var ErrRunning = errors.New("it is still running")

// ErrTrimmed says that of a run only samples are left, so that it cannot go on.
var ErrTrimmed error = flow.Problem{
	Code: "trimmed",
	What: "history was to be kept small, so of this run only the first records of each step are left",
	Fix:  "start a new run; jackfield history tells what is kept and how to keep more",
}

// OpenError says that somebody else has the home folder open.
type OpenError struct {
	Home string
	PID  int // 0 where it is not known
}

func (e *OpenError) Error() string { return e.problem().Error() }

// Unwrap gives the flow.Problem that a person sees.
func (e *OpenError) Unwrap() error { return e.problem() }

func (e *OpenError) problem() flow.Problem {
	who := fmt.Sprintf("process %d", e.PID)
	if e.PID == 0 {
		who = "another process"
	}
	return flow.Problem{
		Code: "busy",
		What: fmt.Sprintf("Jackfield is already open (%s)", who),
		Fix:  "use that one or end it first; or give another folder with --home",
	}
}

// DamagedError says that the store's file cannot be trusted. Rescue saves from it
// what can be read.
type DamagedError struct {
	Path   string
	Faults []string // what is wrong, in words; the first few
	Cause  error
}

func (e *DamagedError) Error() string { return e.problem().Error() }

// Unwrap gives the flow.Problem that a person sees, and the cause where there is one.
func (e *DamagedError) Unwrap() []error {
	if e.Cause == nil {
		return []error{e.problem()}
	}
	return []error{e.problem(), e.Cause}
}

func (e *DamagedError) problem() flow.Problem {
	what := strings.Join(e.Faults, "; ")
	if what == "" && e.Cause != nil {
		what = e.Cause.Error()
	}
	return flow.Problem{
		File: e.Path,
		Code: "damaged",
		What: "the store is damaged: " + what,
		Fix:  `run "jackfield doctor --rescue": it moves the file aside and saves what can be read into a new one`,
	}
}

// NewerError says that the file was written by a later Jackfield.
type NewerError struct {
	Path   string
	Layout int // of the file
	Known  int // the newest that this program knows
}

func (e *NewerError) Error() string { return e.problem().Error() }

// Unwrap gives the flow.Problem that a person sees.
func (e *NewerError) Unwrap() error { return e.problem() }

func (e *NewerError) problem() flow.Problem {
	return flow.Problem{
		File: e.Path,
		Code: "newer",
		What: fmt.Sprintf("the store was written by a later Jackfield, and this one has left it as it is (its layout is %d, known are those up to %d)", e.Layout, e.Known),
		Fix:  "open it with that later Jackfield, or give another folder with --home",
	}
}

// recovered makes a panic of bbolt into a *DamagedError. bbolt asserts what it reads
// and maps the file into memory, so a page that changes under it or cannot be read
// ends in a panic.
func recovered(path string, err *error) {
	if p := recover(); p != nil {
		*err = damagedBy(path, p)
	}
}

func damagedBy(path string, panicked any) *DamagedError {
	return &DamagedError{Path: path, Cause: fmt.Errorf("read %s: %v", filepath.Base(path), panicked)}
}

// fullError is an error for want of room that says so to errors.Is.
type fullError struct{ cause error }

func (e *fullError) Error() string        { return e.cause.Error() }
func (e *fullError) Unwrap() error        { return e.cause }
func (e *fullError) Is(target error) bool { return target == syscall.ENOSPC }

// noRoom makes every way of having no room into one that errors.Is knows as
// syscall.ENOSPC: a quota, a limit to the size of a file, what Windows says, and
// what bbolt has made into text (it formats causes with %s while it grows a file).
func noRoom(err error) error {
	if err == nil || errors.Is(err, syscall.ENOSPC) {
		return err
	}
	for _, one := range noRoomErrnos() {
		if errors.Is(err, one) || strings.HasSuffix(err.Error(), one.Error()) {
			return &fullError{cause: err}
		}
	}
	return err
}
