package store

import (
	"syscall"
	"unsafe"
)

// diskLeft is how many bytes of the disk under a folder this user may still write.
func diskLeft(folder string) (int64, error) {
	left, _, err := disk(folder)
	return left, err
}

// diskSize is how many bytes the disk under a folder has in all.
func diskSize(folder string) (int64, error) {
	_, size, err := disk(folder)
	return size, err
}

// disk asks GetDiskFreeSpaceExW: learn.microsoft.com/windows/win32/api/fileapi.
func disk(folder string) (left, size int64, err error) {
	path, err := syscall.UTF16PtrFromString(folder)
	if err != nil {
		return 0, 0, err
	}
	ask := syscall.NewLazyDLL("kernel32.dll").NewProc("GetDiskFreeSpaceExW")
	ok, _, err := ask.Call(uintptr(unsafe.Pointer(path)), uintptr(unsafe.Pointer(&left)), uintptr(unsafe.Pointer(&size)), 0)
	if ok == 0 {
		return 0, 0, err
	}
	return left, size, nil
}
