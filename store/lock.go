package store

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const lockName = "lock"

// How long Open waits for another process that is just closing, and how often it
// looks. Together with opening the file it stays below 0.7 s.
const (
	lockWait  = 400 * time.Millisecond
	lockAgain = 20 * time.Millisecond
)

// lock is the home folder's: held by the system for the one process that has it
// open, whose number the file tells. It goes with the process, however that ends, so
// a number that is left behind means nothing.
type lock struct{ file *os.File }

func acquire(home string) (*lock, error) {
	path := filepath.Join(home, lockName)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the store: %w", noRoom(err))
	}
	for end := time.Now().Add(lockWait); ; {
		taken, err := tryLock(f)
		if err != nil {
			_ = f.Close() // nothing was written to it
			return nil, fmt.Errorf("lock %s: %w", path, err)
		}
		if taken {
			break
		}
		if time.Now().After(end) {
			pid := holder(f)
			_ = f.Close()
			return nil, &OpenError{Home: home, PID: pid}
		}
		<-time.After(lockAgain)
	}
	l := &lock{file: f}
	if err := l.sign(); err != nil {
		_ = l.release()
		return nil, fmt.Errorf("write %s: %w", path, noRoom(err))
	}
	return l, nil
}

// sign writes the number of this process, for those who come later.
func (l *lock) sign() error {
	if err := l.file.Truncate(0); err != nil {
		return err
	}
	_, err := l.file.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}

func (l *lock) release() error { return l.file.Close() }

// holder reads who holds the lock; 0 where it has not signed yet.
func holder(f *os.File) int {
	text, err := io.ReadAll(io.NewSectionReader(f, 0, 32))
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0
	}
	return pid
}
