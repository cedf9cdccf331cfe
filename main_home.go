package main

import (
	"os"
	"path/filepath"
	"runtime"
)

// dataFolder is the system's folder for a user's data: XDG_DATA_HOME or
// ~/.local/share, ~/Library/Application Support, %LocalAppData%.
func dataFolder() (string, error) {
	switch runtime.GOOS {
	case "windows":
		if dir := os.Getenv("LocalAppData"); dir != "" {
			return dir, nil
		}
		return os.UserConfigDir()
	case "darwin":
		return os.UserConfigDir()
	}
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return dir, nil
	}
	home, err := os.UserHomeDir()
	return filepath.Join(home, ".local", "share"), err
}
