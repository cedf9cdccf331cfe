//go:build !linux

package store_test

import "errors"

func fillTheDisk(string) error { return errors.New("the disk is filled on Linux only") }
