// Package s3 works with objects of services that speak as Amazon S3 does: Amazon's own,
// Cloudflare R2, Backblaze B2, Ceph, MinIO, Garage and others.
//
// Its rules: a slash in a key parts folders; an object appears whole or not at all, so
// nothing is written under another name first; a key that no path can name, such as one
// with two slashes in a row, is not listed.
package s3

import (
	"time"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/depot"
	"jackfield/flow"
)

// New declares the connector; formats read files that were brought here.
func New(formats ...kit.Connector) kit.Connector {
	lines := &depot.Lines[*service]{Shared: true, Linger: time.Minute}
	k := depot.Kind{
		Settings: func() depot.Settings { return newSettings(lines) },
		Formats:  formats,
		Example:  flow.Values{"bucket": "exchange"},
	}
	return kit.Connector{
		ID: "s3", Title: "S3 object store", Icon: "s3", Tint: "orange",
		Summary:    "List, read, send and wait for objects of Amazon S3 and of services that speak like it.",
		Connection: k.Connection,
		Close:      lines.Close,
		Ops:        k.Ops(),
	}
}
