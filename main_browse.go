package main

import (
	"os/exec"
	"runtime"
)

// browse opens an address in this machine's browser.
func browse(url string) error {
	switch runtime.GOOS {
	case "windows":
		return exec.Command("rundll32", "url.dll,FileProtocolHandler", url).Run()
	case "darwin":
		return exec.Command("open", url).Run()
	}
	return exec.Command("xdg-open", url).Run()
}
