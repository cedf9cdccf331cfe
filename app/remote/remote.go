// Package remote is the door over a local socket: what stands before app.Service in
// one process can be asked from another. The process that has the home folder open
// serves it, every other one is a Client, and neither a command nor a window need
// know which they talk to.
//
// Its rules: the socket lies in a folder that only its owner may enter. A session is
// a connection that lasts as long as its client does; a server that closes lets
// commands finish first. A call whose answer was lost is repeated only where that
// changes nothing; for the others the caller is told that nobody knows.
//
// The protocol is HTTP/1.1: POST /call/METHOD with the arguments as a JSON list; GET
// /watch for events, POST /test for the test of a connection and GET /session for the
// session, all three as lines of JSON.
package remote

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strconv"

	"jackfield/app"
)

// Role says what a client is, so that a server that closes knows for whom to wait.
type Role string

// The roles of clients.
const (
	Command Role = "command" // it ends by itself; the server waits for it
	Face    Role = "window"  // it stays; it takes the home folder over when the server closes
	Heir    Role = "heir"    // it only waits to take over
)

// hello is the first line of a session.
type hello struct {
	PID      int    `json:"pid"`
	Version  string `json:"version"`
	Protocol string `json:"protocol"`
}

// protocol names the shape of the door. Programs with different doors do not talk to
// each other.
func protocol() string {
	h := sha256.New()
	door := reflect.TypeFor[app.Service]()
	for i := range door.NumMethod() {
		m := door.Method(i)
		fmt.Fprintln(h, m.Name, m.Type)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// longestAddress is how long the path of a Unix socket may be; the least of the
// systems allows 104 bytes, with the zero at the end.
const longestAddress = 100

// Address is where the door of a home folder is, an absolute path. A home folder whose
// path is too long for a socket has its door in the system's folder for such things.
func Address(home string) string {
	path := filepath.Join(home, "door", "socket")
	if len(path) <= longestAddress {
		return path
	}
	folder := os.Getenv("XDG_RUNTIME_DIR")
	if folder == "" {
		folder = os.TempDir()
	}
	sum := sha256.Sum256([]byte(home))
	return filepath.Join(folder, "jackfield-"+strconv.Itoa(os.Getuid())+"-"+hex.EncodeToString(sum[:6]), "socket")
}
