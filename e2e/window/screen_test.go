package window

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
)

// screen is an X server of its own with a window manager.
type screen struct {
	server, manager *exec.Cmd
}

// openScreen starts Xvfb on a free display and points the environment to it.
func openScreen(width, height int) (*screen, error) {
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer read.Close()
	s := &screen{}
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
		s.close()
		return nil, fmt.Errorf("wait for Xvfb: %w", err)
	}
	for k, v := range map[string]string{
		"DISPLAY": ":" + strings.TrimSpace(number), "WAYLAND_DISPLAY": "", "LIBGL_ALWAYS_SOFTWARE": "1", "FYNE_SCALE": "1", "LANG": "C.UTF-8",
	} {
		if err := os.Setenv(k, v); err != nil {
			return nil, err
		}
	}
	s.manager = exec.Command("openbox")
	s.manager.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := s.manager.Start(); err != nil {
		s.close()
		return nil, fmt.Errorf("start openbox: %w", err)
	}
	return s, nil
}

func (s *screen) close() {
	for _, cmd := range []*exec.Cmd{s.manager, s.server} {
		if cmd != nil && cmd.Process != nil {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
	}
}

// xdo performs one xdotool command line.
func xdo(args ...string) (string, error) {
	out, err := exec.Command("xdotool", args...).Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		err = fmt.Errorf("xdotool %s: %w: %s", strings.Join(args, " "), err, exit.Stderr)
	}
	return strings.TrimSpace(string(out)), err
}
