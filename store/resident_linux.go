package store

import "syscall"

// release tells the system that these bytes, which are mapped from a file and only
// read, are not needed now. Where it does not listen nothing is lost.
func release(begin, size uintptr) {
	_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, begin, size, syscall.MADV_DONTNEED)
}
