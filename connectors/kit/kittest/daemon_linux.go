package kittest

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// Daemon is a server from a system package that tests have started for themselves, in a
// folder of its own and on the loopback address. It ends with Stop, and with the test
// program whatever ends that.
type Daemon struct {
	Dir  string
	Port int

	owner *syscall.Credential // nil is this user
	stop  chan syscall.Signal
	ended chan struct{}
	mu    sync.Mutex
	log   bytes.Buffer
}

// newDaemon makes a folder that the server's user may work in. Servers refuse to run as
// root, who then becomes this one.
func newDaemon(name string) (*Daemon, error) {
	dir, err := os.MkdirTemp("", "jackfield-"+name+"-")
	if err != nil {
		return nil, err
	}
	d := &Daemon{Dir: dir}
	if err := os.Chmod(dir, 0o755); err != nil {
		return nil, err
	}
	if os.Getuid() != 0 {
		return d, nil
	}
	u, err := user.Lookup("nobody")
	if err != nil {
		return nil, err
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return nil, err
	}
	d.owner = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return d, os.Chown(dir, uid, gid)
}

// write puts a file that the server may read into its folder.
func (d *Daemon) write(name string, content []byte) (path string, err error) {
	path = filepath.Join(d.Dir, name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		return "", err
	}
	if d.owner != nil {
		err = os.Chown(path, int(d.owner.Uid), int(d.owner.Gid))
	}
	return path, err
}

func (d *Daemon) command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(program, args...)
	cmd.Dir = d.Dir
	cmd.Env = append(os.Environ(), "HOME="+d.Dir, "LC_ALL=C.UTF-8", "TZ=UTC")
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: d.owner, Setpgid: true}
	return cmd
}

// prepare performs a program that makes what the server needs.
func (d *Daemon) prepare(program string, args ...string) error {
	if out, err := d.command(program, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", filepath.Base(program), err, out)
	}
	return nil
}

// start starts the server and waits until its log says that it is ready.
func (d *Daemon) start(dying syscall.Signal, ready, program string, args ...string) error {
	cmd := d.command(program, args...)
	cmd.SysProcAttr.Pdeathsig = dying
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return err
	}
	cmd.Stdout = io.Discard
	stop, ended := make(chan syscall.Signal, 1), make(chan struct{})
	d.stop, d.ended = stop, ended
	started, up := make(chan error), make(chan bool, 1)
	go func() {
		defer close(ended)
		// The server dies with the thread that has started it.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err != nil {
			return
		}
		read := make(chan struct{})
		go func() { d.follow(stderr, ready, up); close(read) }()
		go func() {
			select {
			case signal := <-stop:
				syscall.Kill(-cmd.Process.Pid, signal)
			case <-read:
			}
		}()
		<-read
		cmd.Wait()
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // whoever is left of its group
	}()
	if err := <-started; err != nil {
		return err
	}
	if !<-up {
		<-ended
		return fmt.Errorf("%s did not start: %s", filepath.Base(program), d.Log())
	}
	return nil
}

// follow reads the log; up hears once whether the server came up.
func (d *Daemon) follow(log io.Reader, ready string, up chan<- bool) {
	lines := bufio.NewScanner(log)
	lines.Buffer(nil, 1<<20)
	told := false
	for lines.Scan() {
		d.mu.Lock()
		d.log.Write(append(lines.Bytes(), '\n'))
		d.mu.Unlock()
		if !told && strings.Contains(lines.Text(), ready) {
			told = true
			up <- true
		}
	}
	io.Copy(io.Discard, log)
	if !told {
		up <- false
	}
}

// Log is what the server has said.
func (d *Daemon) Log() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.log.String()
}

// halt ends the server and waits for its end; its folder stays.
func (d *Daemon) halt(signal syscall.Signal) {
	if d.stop == nil {
		return
	}
	select {
	case d.stop <- signal:
	default:
	}
	<-d.ended
	d.stop = nil
}

func (d *Daemon) remove() error { return os.RemoveAll(d.Dir) }

// freePort is a port that nobody has at the moment.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}

// found is the first of these programs that is installed.
func found(patterns ...string) (string, error) {
	for _, p := range patterns {
		if path, err := exec.LookPath(p); err == nil {
			return path, nil
		}
		if all, _ := filepath.Glob(p); len(all) > 0 {
			return all[len(all)-1], nil
		}
	}
	return "", errors.New("none of these is installed: " + strings.Join(patterns, ", "))
}
