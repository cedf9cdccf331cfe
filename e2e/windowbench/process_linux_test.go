package windowbench

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"jackfield/e2e/screen"
)

// actAs tells the test's own binary, started again, to be a window.
const actAs = "JACKFIELD_BENCH_ACT_AS"

// TestMain is a window where it is told to be one.
func TestMain(m *testing.M) {
	if as := os.Getenv(actAs); as != "" {
		act(as)
		return
	}
	code := m.Run()
	if bin, err := window(); err == nil {
		os.RemoveAll(filepath.Dir(bin))
	}
	os.Exit(code)
}

// window builds the program with its window, once for all benchmarks.
var window = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "jackfield-windowbench-")
	if err != nil {
		return "", err
	}
	bin := filepath.Join(dir, "jackfield")
	cmd := exec.Command("go", "build", "-tags", "migrated_fynedo,x11", "-trimpath", "-ldflags", "-s -w", "-o", bin, "jackfield")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the program: %w\n%s", err, out)
	}
	return bin, nil
})

// The size of the screen.
const width, height = 1440, 900

// stage is a screen with a camera.
type stage struct {
	b      *testing.B
	camera *screen.Camera
}

func newStage(b *testing.B) *stage {
	b.Helper()
	s, err := screen.Open(width, height)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(s.Close)
	c, err := s.Camera()
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { c.Close() })
	return &stage{b: b, camera: c}
}

// command is a program that finds everything of its user's in the folder home.
func command(home, name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Env = os.Environ()
	for _, v := range []string{"HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"} {
		cmd.Env = append(cmd.Env, v+"="+home)
	}
	return cmd
}

// jackfield is the program on a flow file.
func (s *stage) jackfield(home, file string) *exec.Cmd {
	s.b.Helper()
	bin, err := window()
	if err != nil {
		s.b.Fatal(err)
	}
	return command(home, bin, file)
}

// self is this binary as a window of some kind.
func (s *stage) self(home, as string) *exec.Cmd {
	cmd := command(home, os.Args[0])
	cmd.Env = append(cmd.Env, actAs+"="+as)
	return cmd
}

// start starts a window and gives the time until something is painted in the middle
// of the screen.
func (s *stage) start(cmd *exec.Cmd) time.Duration {
	s.b.Helper()
	s.await("an empty screen", func(colours int) bool { return colours == 1 })
	began := time.Now()
	if err := cmd.Start(); err != nil {
		s.b.Fatal(err)
	}
	s.b.Cleanup(func() { s.end(cmd) })
	s.await("a painted window", func(colours int) bool { return colours > 8 })
	return time.Since(began)
}

func (s *stage) end(cmd *exec.Cmd) {
	if cmd.ProcessState == nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
}

// look is how long to wait between two looks at the screen.
const look = 4 * time.Millisecond

// await looks at a strip through the middle of the screen until it is so.
func (s *stage) await(what string, so func(colours int) bool) {
	s.b.Helper()
	for end := time.Now().Add(time.Minute); ; <-time.After(look) {
		colours, err := s.camera.Colours(0, height/2-20, width, 40)
		if err != nil {
			s.b.Fatal(err)
		}
		if so(colours) {
			return
		}
		if time.Now().After(end) {
			s.b.Fatalf("%s did not come", what)
		}
	}
}

// use is what a process has used.
type use struct {
	resident, anonymous int           // in kilobytes
	cpu                 time.Duration // of all its threads
}

// useOf reads it from the system (proc_pid_stat(5), proc_pid_status(5)).
func useOf(b *testing.B, pid int) (u use) {
	b.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		b.Fatal(err)
	}
	_, behind, _ := strings.Cut(string(stat), ") ") // the name may hold spaces
	fields := strings.Fields(behind)
	for _, ticks := range fields[11:13] { // of a hundredth of a second: user and system
		n, err := strconv.Atoi(ticks)
		if err != nil {
			b.Fatal(err)
		}
		u.cpu += time.Duration(n) * 10 * time.Millisecond
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		name, value, _ := strings.Cut(line, ":")
		n, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(value), " kB"))
		switch name {
		case "VmRSS":
			u.resident = n
		case "RssAnon":
			u.anonymous = n
		}
	}
	return u
}
