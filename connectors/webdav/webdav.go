// Package webdav works with files of web servers that speak WebDAV (RFC 4918): Nextcloud,
// ownCloud, Apache, SharePoint and others.
//
// Its rules: redirections are not followed, since they would take the password along; a
// server that puts uploads in place whole, as Nextcloud does, gets them directly, so that
// a file keeps its shares and its history there, and any other gets them under another
// name first.
package webdav

import (
	"time"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/depot"
	"jackfield/flow"
)

// New declares the connector; formats read files that were brought here.
func New(formats ...kit.Connector) kit.Connector {
	lines := &depot.Lines[*client]{Shared: true, Linger: time.Minute}
	k := depot.Kind{
		Settings: func() depot.Settings { return newSettings(lines) },
		Formats:  formats,
		Example:  flow.Values{"url": "https://cloud.example.com/remote.php/dav/files/ada", "user": "ada"},
	}
	return kit.Connector{
		ID: "webdav", Title: "WebDAV", Icon: "webdav", Tint: "cyan",
		Summary:    "List, read, send and wait for files of Nextcloud and of other servers that speak WebDAV.",
		Connection: k.Connection,
		Close:      lines.Close,
		Ops:        k.Ops(),
	}
}
