// Package depot is what connectors of remote files share: listing, reading, writing and
// waiting for files, once for all protocols.
//
// Its nouns: Settings are those of one account at one host, and open a Store; a
// Store does eight things with files as its protocol knows them; a site is an open store
// with the connection's base folder, and all that operations do goes through it. Its
// rules: nothing outside of the base folder is touched; whoever looks at a target sees
// the old file or the whole new one, never a part; a path in a record begins at the base
// folder and has slashes on every system; bytes of a name that are not text survive as
// ‛ and two hexadecimal digits.
package depot

import (
	"context"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"jackfield/connectors/kit"
)

// Store does what a protocol can do with files. Paths are absolute and clean, with
// slashes: "/" is the top. Errors are fs.ErrNotExist, fs.ErrExist, fs.ErrPermission,
// syscall.ENOSPC and the like where they mean that, or a Failure. Whatever waits ends
// with ctx.
type Store interface {
	// List gives what is in a folder in the order of Info.Key, from behind the key after
	// on, which need not be there. It gives about so many at once or, where the protocol
	// gives a folder whole, all; more says that there are others.
	List(ctx context.Context, dir, after string, most int) (entries []Info, more bool, err error)
	// Stat follows links.
	Stat(ctx context.Context, path string) (Info, error)
	// Open reads a file from an offset on.
	Open(ctx context.Context, path string, from int64) (io.ReadCloser, error)
	// Write puts a new file there. size is how long the content is.
	Write(ctx context.Context, path string, content io.Reader, size int64, only Only) error
	// Rename moves a file in one go, or refuses to.
	Rename(ctx context.Context, from, to string, only Only) error
	// Remove removes a file, or a folder that is empty.
	Remove(ctx context.Context, path string, dir bool) error
	// MakeDir makes one folder. One that is there already is fs.ErrExist or no error.
	MakeDir(ctx context.Context, path string) error
	// Close gives the store back. Who has opened it closes it once.
	Close() error
}

// Only is what has to hold of a target that is written to, as far as the protocol can
// see to that; what it cannot, a site looks up before. Its zero value wants nothing.
type Only struct {
	New     bool   // there is none; else fs.ErrExist
	Version string // it is still this one; else ErrChanged
}

// ErrChanged says that a target is not the version that was expected.
var ErrChanged = fmt.Errorf("it has another version by now")

// Whole is a store whose Write puts the whole file in place or nothing: no temporary
// name is needed.
type Whole interface{ Whole() bool }

// Flat is a store that knows no folders, only names with slashes in them.
type Flat interface {
	// ListBelow gives the files below a folder however deep, in the order of the bytes of
	// their paths, from behind the path after on.
	ListBelow(ctx context.Context, dir, after string, most int) (entries []Info, more bool, err error)
}

// Resolver is a store that can tell where a path leads in the end, links followed. The
// last part need not be there.
type Resolver interface {
	Resolve(ctx context.Context, path string) (string, error)
}

// Linker is a store that can tell of a link itself: neither file nor folder.
type Linker interface {
	Lstat(ctx context.Context, path string) (Info, error)
}

// Info is what a store tells of a file or folder.
type Info struct {
	Path     string
	Size     int64
	Modified time.Time // zero where the service does not tell
	Dir      bool
	Other    bool   // neither a file nor a folder: a link that leads nowhere, a pipe
	Version  string // another one where the content is; "" makes one of size and time
}

// Name is the last part of the path.
func (i Info) Name() string { return path.Base(i.Path) }

// Key is the name, with a slash behind that of a folder: what is in a folder comes in the
// order of the bytes of the keys, as stores without folders have it.
func (i Info) Key() string {
	if i.Dir {
		return i.Name() + "/"
	}
	return i.Name()
}

// Tag is the version, or what stands for it.
func (i Info) Tag() string {
	if i.Version != "" {
		return i.Version
	}
	return fmt.Sprintf("%x-%x", i.Size, i.Modified.UnixNano())
}

// Sorted brings the entries of a folder that a protocol gives whole into the form that
// List gives.
func Sorted(entries []Info, after string) []Info {
	entries = slices.DeleteFunc(entries, func(e Info) bool {
		name := e.Name()
		return after != "" && e.Key() <= after || name == "." || name == ".." || name == "/"
	})
	slices.SortFunc(entries, func(a, b Info) int { return strings.Compare(a.Key(), b.Key()) })
	return entries
}

// Settings are those of an account at a host. Every operation of the connector has
// them among its own, so that a connection's values are inputs like any other.
type Settings interface {
	Fields() kit.Fields
	// Service tells the engine whom it asks.
	Service() (host string, perSecond float64)
	// Open gives a store, and the absolute path of the base folder in it.
	Open(ctx context.Context, env kit.Env) (Store, string, error)
	// Try makes the checks of a connection's test up to being signed in.
	Try(ctx context.Context, env kit.Env, t *kit.Trial)
}
