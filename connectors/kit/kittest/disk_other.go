//go:build unix && !linux

package kittest

import "testing"

func smallDisk(testing.TB) (dir string, ok bool) { return "", false }
