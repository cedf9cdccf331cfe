// Package ssh works with files and commands of hosts that speak SSH (RFC 4251, and the
// file transfer protocol in the version of OpenSSH).
//
// Its nouns: settings are what a connection knows of a host; a host is a client that is
// signed in, shared by all steps with the same settings and made anew when it is lost; a
// pin is the key that a host showed first. Its rules: a host that shows another key than
// its pin gets nothing, not even a password; no value of a record is ever read by a
// shell as anything but a word; a command that is given up is killed with all that it
// started.
package ssh

import (
	"path/filepath"
	"time"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/depot"
	"jackfield/flow"
)

// New declares the connector. home is where the keys of hosts are kept, "" for nowhere;
// formats read files that were brought here.
func New(home string, formats ...kit.Connector) kit.Connector {
	w := &world{hosts: depot.Lines[*host]{Shared: true, Linger: 30 * time.Second}}
	if home != "" {
		w.pins.file = filepath.Join(home, "known_hosts")
	}
	k := depot.Kind{
		Settings: func() depot.Settings { return newSettings(w) },
		Formats:  formats,
		Example:  flow.Values{"host": "files.example.com", "user": "jackfield"},
	}
	return kit.Connector{
		ID: "ssh", Title: "SSH and SFTP", Icon: "ssh", Tint: "slate",
		Summary:    "List, read, send and wait for files of hosts over SFTP, and run commands there.",
		Connection: k.Connection,
		Close:      w.hosts.Close,
		Ops:        append(k.Ops(), runOp(w)),
	}
}

// world is what all operations share.
type world struct {
	hosts depot.Lines[*host]
	pins  pins
}
