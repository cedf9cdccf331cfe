// Package examples holds flows to begin with. Each is a file at the top, with its data
// in folders; what they write goes into the folder out beside them. They work without
// a network and without an account, and every one is run in a test. Those in the
// folder debian read files that Debian's packages iso-codes and unicode-data bring.
package examples

import "embed"

// Files are the flows with their data.
//
//go:embed *.flow.yaml data debian out/README.txt
var Files embed.FS
