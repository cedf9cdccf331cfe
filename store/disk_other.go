//go:build !linux && !darwin && !windows

package store

import "errors"

var errNoDisk = errors.New("this system does not tell how much room is left")

func diskLeft(string) (int64, error) { return 0, errNoDisk }
func diskSize(string) (int64, error) { return 0, errNoDisk }
