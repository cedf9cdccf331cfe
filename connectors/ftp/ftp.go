// Package ftp works with files of FTP servers (RFC 959; RFC 3659 for lists that programs
// can read; RFC 4217 for TLS).
//
// Its nouns: a line is a control connection that is signed in, with the data connections
// that it opens; one operation has it at a time, and it is kept for the next one. Its
// rules: with TLS on, nothing is ever sent without; a path with a line break is refused,
// since the protocol would take what follows for a command.
package ftp

import (
	"context"
	"net"
	"time"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/depot"
	"jackfield/flow"
)

// New declares the connector; formats read files that were brought here.
func New(formats ...kit.Connector) kit.Connector { return newConnector(dialNet, formats) }

func newConnector(dial dialer, formats []kit.Connector) kit.Connector {
	w := &world{dial: dial, lines: depot.Lines[*line]{Linger: 15 * time.Second, Idle: 2}}
	k := depot.Kind{
		Settings: func() depot.Settings { return newSettings(w) },
		Formats:  formats,
		Example:  flow.Values{"host": "ftp.example.com", "user": "jackfield"},
	}
	return kit.Connector{
		ID: "ftp", Title: "FTP", Icon: "ftp", Tint: "blue",
		Summary:    "List, read, send and wait for files of FTP servers, with TLS or without.",
		Connection: k.Connection,
		Close:      w.lines.Close,
		Ops:        k.Ops(),
	}
}

// world is what all operations share.
type world struct {
	dial  dialer
	lines depot.Lines[*line]
}

// dialer connects to an address.
type dialer func(ctx context.Context, network, address string) (net.Conn, error)

func dialNet(ctx context.Context, network, address string) (net.Conn, error) {
	var d net.Dialer
	return d.DialContext(ctx, network, address)
}
