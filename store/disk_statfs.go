//go:build linux || darwin

package store

import "syscall"

// diskLeft is how many bytes of the disk under a folder this user may still write.
func diskLeft(folder string) (int64, error) {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(folder, &fs); err != nil {
		return 0, err
	}
	return int64(fs.Bavail) * int64(fs.Bsize), nil
}

// diskSize is how many bytes the disk under a folder has in all.
func diskSize(folder string) (int64, error) {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(folder, &fs); err != nil {
		return 0, err
	}
	return int64(fs.Blocks) * int64(fs.Bsize), nil
}
