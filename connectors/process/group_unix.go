//go:build unix

package process

import (
	"os"
	"os/exec"
	"syscall"
)

// alone gives the program a process group, so that what it starts can be ended with it.
func alone(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func askToEnd(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }

func kill(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }

// signalOf names the signal that ended a program, "" for none.
func signalOf(state *os.ProcessState) string {
	if s, ok := state.Sys().(syscall.WaitStatus); ok && s.Signaled() {
		return s.Signal().String()
	}
	return ""
}

// shell is POSIX's: what follows the line are $0, $1 and so on.
func shell(line string, args []string) (string, []string) {
	return "sh", append([]string{"-c", line, "sh"}, args...)
}
