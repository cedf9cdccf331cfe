//go:build !unix

package remote

import "io/fs"

// ownedByMe trusts the folder of the user's own data, where the system keeps others out.
func ownedByMe(fs.FileInfo) bool { return true }
