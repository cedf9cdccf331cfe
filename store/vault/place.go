package vault

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"filippo.io/age"

	"jackfield/flow"
)

// The names of the key's files in the home folder.
const (
	KeyFile    = "vault.key" // the key as it is, for its owner alone
	LockedFile = "vault.age" // the key under a passphrase, as the program age writes it
)

// place is where a key may lie. While a key takes the place of another one, both are
// there.
type place interface {
	// write puts a key beside what is there.
	write(id string, key []byte, passphrase string) error
	// read gives the key with this id, or else the one that is there; an error that is
	// fs.ErrNotExist where there is none.
	read(id, passphrase string) ([]byte, error)
	settle(id string) error // leaves this key alone, as it was read last
	drop(id string) error   // removes it
	name(id string) string  // in a sentence
	where(id string) string
	mend() string // what a person does who has lost it
}

// file is a place with one file, and beside it, under its id, a key that is to take its
// place.
type file struct {
	path string
	word string
	loss string
	wrap func(key []byte, passphrase string) ([]byte, error)
	open func(text []byte, path, passphrase string) ([]byte, error)
	from string // the file that was read last
	at   func() // is called before whatever lasts, in tests
}

func newKeyFile(home string, at func()) *file {
	return &file{
		at:   at,
		path: filepath.Join(home, KeyFile), word: "the key file " + KeyFile,
		loss: "put the key file back that was there when the secret was kept, or enter the secret again",
		wrap: func(key []byte, _ string) ([]byte, error) { return key, nil },
		open: func(text []byte, path, _ string) ([]byte, error) { return text, sized(text, path) },
	}
}

// newLockedFile takes the work of scrypt as a power of two; 0 is age's own.
func newLockedFile(home string, work int, at func()) *file {
	return &file{
		at:   at,
		path: filepath.Join(home, LockedFile), word: "the key file " + LockedFile,
		loss: "put the key file back; or begin anew with jackfield secrets protect passphrase --forget, and enter the secrets again",
		wrap: func(key []byte, passphrase string) ([]byte, error) { return wrapped(key, passphrase, work) },
		open: unwrapped,
	}
}

func (f *file) name(string) string  { return f.word }
func (f *file) where(string) string { return f.path }
func (f *file) mend() string        { return f.loss }

// The mark of files that are to take the place of another one.
const coming = ".new-"

func (f *file) next(id string) string { return f.path + coming + id }

func (f *file) write(id string, key []byte, passphrase string) error {
	text, err := f.wrap(key, passphrase)
	if err == nil {
		f.at()
		err = writeWhole(f.next(id), f.path+coming, text)
	}
	if err != nil {
		return fmt.Errorf("write the key of the vault: %w", err)
	}
	return nil
}

// read looks first at what is to take the place. Where that has a passphrase that is not
// this one, the change to it was cut off, and the old one counts.
func (f *file) read(id, passphrase string) ([]byte, error) {
	if id != "" {
		if key, err := f.readOne(f.next(id), passphrase); err == nil && idOf(key) == id {
			f.from = f.next(id)
			return key, nil
		}
	}
	key, err := f.readOne(f.path, passphrase)
	if errors.Is(err, fs.ErrNotExist) && id != "" {
		if _, there := os.Lstat(f.next(id)); there == nil { // alone, so its error is the one
			return f.readOne(f.next(id), passphrase)
		}
	}
	f.from = f.path
	return key, err
}

func (f *file) readOne(path, passphrase string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the key of the vault: %w", err)
	}
	key, err := f.open(text, path, passphrase)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, fmt.Errorf("close the key of the vault to others: %w", err)
	}
	return key, nil
}

func (f *file) settle(id string) error {
	if f.from == f.next(id) {
		f.at()
		if err := os.Rename(f.from, f.path); err != nil {
			return fmt.Errorf("put the key of the vault in its place: %w", err)
		}
		f.from = f.path
	}
	return errors.Join(f.removeComing(), syncFolder(f.path))
}

// removeComing removes what was to take the place and does not.
func (f *file) removeComing() error {
	left, err := filepath.Glob(globbed(f.path+coming) + "*")
	for _, path := range left {
		f.at()
		err = errors.Join(err, os.Remove(path))
	}
	return err
}

// globbed takes a path as it is.
func globbed(path string) string {
	if runtime.GOOS == "windows" {
		return path // it knows no escapes, and * and ? stand in no name there
	}
	var b strings.Builder
	for _, r := range path {
		if strings.ContainsRune(`*?[\`, r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

func (f *file) drop(string) error {
	f.at()
	if err := os.Remove(f.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove the key of the vault from where it was: %w", err)
	}
	return f.removeComing()
}

func sized(key []byte, path string) error {
	if len(key) == keySize {
		return nil
	}
	return flow.Problem{
		File: path, Code: Sealed,
		What: fmt.Sprintf("the key of the vault has %d bytes instead of %d", len(key), keySize),
		Fix:  "put the right key file back; or move this one away and enter the secrets again",
	}
}

func wrapped(key []byte, passphrase string, work int) ([]byte, error) {
	to, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return nil, err
	}
	if work > 0 {
		to.SetWorkFactor(work)
	}
	var text bytes.Buffer
	w, err := age.Encrypt(&text, to)
	if err != nil {
		return nil, err
	}
	_, err = w.Write(key)
	err = errors.Join(err, w.Close())
	return text.Bytes(), err
}

func unwrapped(text []byte, path, passphrase string) ([]byte, error) {
	by, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return nil, err
	}
	r, err := age.Decrypt(bytes.NewReader(text), by)
	if _, wrong := errors.AsType[*age.NoIdentityMatchError](err); wrong {
		return nil, flow.Problem{Field: "passphrase", Code: Locked, What: "the passphrase does not open the vault", Fix: "check upper and lower case and the layout of the keyboard; a forgotten one cannot be found again: jackfield secrets protect passphrase --forget begins anew"}
	}
	if err != nil {
		return nil, flow.Problem{File: path, Code: Sealed, What: fmt.Sprintf("the key of the vault cannot be read: %v", err), Fix: "put the right file back"}
	}
	key, err := io.ReadAll(io.LimitReader(r, keySize+1))
	if err != nil {
		return nil, flow.Problem{File: path, Code: Sealed, What: fmt.Sprintf("the key of the vault cannot be read: %v", err), Fix: "put the right file back"}
	}
	return key, sized(key, path)
}

// writeWhole writes a file for its owner alone, whole or not at all. What it writes
// before has a name that begins with draft.
func writeWhole(path, draft string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(draft), filepath.Base(draft)+"*") // has mode 0600
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return syncFolder(path)
}

// syncFolder makes the names in the folder of a file last.
func syncFolder(path string) error {
	if runtime.GOOS == "windows" {
		return nil // NTFS keeps names in its own journal
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
