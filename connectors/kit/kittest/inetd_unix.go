//go:build unix

package kittest

import (
	"io"
	"net"
	"os/exec"
	"sync"
	"syscall"
	"testing"
)

// Inetd starts a program for each line that comes, with the line as its input and output,
// as inetd did: so no port has to be guessed, and nothing is left behind.
type Inetd struct {
	Address string
	t       testing.TB
	args    []string
	tasks   sync.WaitGroup
	mu      sync.Mutex
	running map[*exec.Cmd]bool
}

// NewInetd begins to listen. The program's processes end with the test.
func NewInetd(t testing.TB, args ...string) *Inetd {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d := &Inetd{Address: listener.Addr().String(), t: t, args: args, running: map[*exec.Cmd]bool{}}
	d.tasks.Go(func() {
		for {
			line, err := listener.Accept()
			if err != nil {
				return
			}
			d.serve(line.(*net.TCPConn))
		}
	})
	t.Cleanup(func() {
		listener.Close()
		d.Kill()
		d.tasks.Wait()
	})
	return d
}

// serve starts the program for one line.
func (d *Inetd) serve(line *net.TCPConn) {
	file, err := line.File()
	line.Close()
	if err != nil {
		return
	}
	cmd := exec.Command(d.args[0], d.args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = file, file, io.Discard
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	err = cmd.Start()
	file.Close()
	if err != nil {
		d.t.Errorf("start %s: %v; is its Debian package installed?", d.args[0], err)
		return
	}
	d.mu.Lock()
	d.running[cmd] = true
	d.mu.Unlock()
	d.tasks.Go(func() {
		_ = cmd.Wait() // how it ends is of no interest
		d.mu.Lock()
		defer d.mu.Unlock()
		delete(d.running, cmd)
	})
}

// Kill ends all that run with their process groups, as a power cut would.
func (d *Inetd) Kill() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for cmd := range d.running {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	}
}
