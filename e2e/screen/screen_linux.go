package screen

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
)

// Screen is an X server that nobody else uses. Close ends it.
type Screen struct {
	display         string
	server, manager *exec.Cmd
}

// Open starts Xvfb on a free display and points the environment of this process, and
// of those that it starts, to it.
func Open(width, height int) (*Screen, error) {
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer read.Close()
	s := &Screen{}
	s.server = exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", fmt.Sprintf("%dx%dx24", width, height), "+extension", "GLX", "-noreset", "-nolisten", "tcp")
	s.server.ExtraFiles = []*os.File{write}
	s.server.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := s.server.Start(); err != nil {
		write.Close()
		return nil, fmt.Errorf("start Xvfb: %w", err)
	}
	write.Close()
	number, err := bufio.NewReader(read).ReadString('\n')
	if err != nil {
		s.Close()
		return nil, fmt.Errorf("wait for Xvfb: %w", err)
	}
	s.display = ":" + strings.TrimSpace(number)
	for k, v := range map[string]string{
		"DISPLAY": s.display, "WAYLAND_DISPLAY": "", "LIBGL_ALWAYS_SOFTWARE": "1", "FYNE_SCALE": "1", "LANG": "C.UTF-8",
	} {
		if err := os.Setenv(k, v); err != nil {
			s.Close()
			return nil, err
		}
	}
	s.manager = exec.Command("openbox")
	s.manager.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := s.manager.Start(); err != nil {
		s.Close()
		return nil, fmt.Errorf("start openbox: %w", err)
	}
	return s, nil
}

// Close ends the server and the window manager.
func (s *Screen) Close() {
	for _, cmd := range []*exec.Cmd{s.manager, s.server} {
		if cmd != nil && cmd.Process != nil {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
	}
}

// Do performs one xdotool command line.
func Do(args ...string) (string, error) {
	out, err := exec.Command("xdotool", args...).Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		err = fmt.Errorf("xdotool %s: %w: %s", strings.Join(args, " "), err, exit.Stderr)
	}
	return strings.TrimSpace(string(out)), err
}
