//go:build !unix

package process

import (
	"os"
	"os/exec"
	"strconv"
)

func alone(*exec.Cmd) {}

// askToEnd has no way to ask here; a tree of processes is ended by taskkill.
func askToEnd(cmd *exec.Cmd) {
	_ = exec.Command("taskkill", "/T", "/PID", strconv.Itoa(cmd.Process.Pid)).Run()
}

func kill(cmd *exec.Cmd) {
	_ = exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(cmd.Process.Pid)).Run()
	_ = cmd.Process.Kill()
}

func signalOf(*os.ProcessState) string { return "" }

func shell(line string, args []string) (string, []string) {
	return "cmd", append([]string{"/C", line}, args...)
}
