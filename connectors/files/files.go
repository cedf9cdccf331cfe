// Package files reads, writes, lists and watches files.
//
// Its rules: a file is written whole or not at all; the path in a record is absolute,
// so that a later step finds it from wherever it works; names that begin with a dot
// are hidden, and found only by a pattern that begins with one. A pattern parts at
// slashes on every system; * and ? stay within a name, ** goes through folders.
package files

import (
	"io/fs"
	"path/filepath"
	"time"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// New declares the connector.
func New() kit.Connector {
	return kit.Connector{
		ID: "files", Title: "Files", Icon: "files", Tint: "cyan",
		Summary: "Read, write, list and watch files of this machine.",
		Ops:     []kit.Op{watchOp(), listOp(), readOp(), writeOp()},
	}
}

// about describes a file, as all records of this connector do.
func about(path string, info fs.FileInfo) map[string]any {
	return map[string]any{
		"path":     path,
		"name":     filepath.Base(path),
		"folder":   filepath.Dir(path),
		"size":     int(info.Size()),
		"modified": info.ModTime().UTC().Format(time.RFC3339Nano),
	}
}

// aboutSchema is the shape of about, and of what stands beside.
func aboutSchema(beside ...flow.Property) flow.Schema {
	text := flow.Of(flow.String)
	modified := text
	modified.Format = "date-time"
	return flow.ObjectOf(append([]flow.Property{
		{Name: "path", Required: true, Schema: text},
		{Name: "name", Required: true, Schema: text},
		{Name: "folder", Required: true, Schema: text},
		{Name: "size", Required: true, Schema: flow.Of(flow.Integer)},
		{Name: "modified", Required: true, Schema: modified},
	}, beside...)...)
}
