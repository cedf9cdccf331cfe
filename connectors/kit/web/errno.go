package web

import (
	"errors"
	"slices"
	"syscall"
)

// Windows has numbers of its own for what goes wrong with a socket; package syscall
// does not name them (Winsock error codes).
const (
	winReset   syscall.Errno = 10054
	winRefused syscall.Errno = 10061
)

// Errno says whether the system gave err one of these numbers.
func Errno(err error, numbers ...syscall.Errno) bool {
	number, ok := errors.AsType[syscall.Errno](err)
	return ok && slices.Contains(numbers, number)
}
