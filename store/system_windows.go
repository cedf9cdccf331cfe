package store

import (
	"errors"
	"math"
	"os"
	"syscall"
	"unsafe"
)

// LockFileEx and its flags: learn.microsoft.com/windows/win32/api/fileapi.
const (
	lockExclusively = 2
	lockAtOnce      = 1
	lockViolation   = syscall.Errno(33)
	handleDiskFull  = syscall.Errno(39)
	diskFull        = syscall.Errno(112)
)

// tryLock locks one byte far behind the end, so that the number in front of it can
// still be read by others.
func tryLock(f *os.File) (taken bool, err error) {
	lockFileEx := syscall.NewLazyDLL("kernel32.dll").NewProc("LockFileEx")
	at := syscall.Overlapped{Offset: math.MaxUint32, OffsetHigh: math.MaxInt32}
	ok, _, err := lockFileEx.Call(f.Fd(), lockExclusively|lockAtOnce, 0, 1, 0, uintptr(unsafe.Pointer(&at)))
	if ok != 0 {
		return true, nil
	}
	if errors.Is(err, lockViolation) {
		return false, nil
	}
	return false, err
}

// syncFolder does nothing: NTFS keeps names in its own journal.
func syncFolder(string) error { return nil }

func noRoomErrnos() []syscall.Errno {
	return []syscall.Errno{diskFull, handleDiskFull, syscall.EFBIG}
}
