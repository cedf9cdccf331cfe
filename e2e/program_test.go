package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// headless builds the program without a window and without cgo, once for all tests.
var headless = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "jackfield-e2e-")
	if err != nil {
		return "", err
	}
	bin := filepath.Join(dir, "jackfield")
	cmd := exec.Command("go", "build", "-tags", "headless", "-o", bin, "jackfield")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the headless program: %w\n%s", err, out)
	}
	return bin, nil
})

func TestMain(m *testing.M) {
	if from, to, ok := strings.Cut(os.Getenv(plainVariable), "\n"); ok {
		if err := plainPipeline(from, to); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	code := m.Run()
	printLedger(os.Stdout)
	if bin, err := headless(); err == nil {
		os.RemoveAll(filepath.Dir(bin))
	}
	os.Exit(code)
}

// program is the built program with a home folder of its own.
type program struct {
	t    *testing.T
	bin  string
	home string
	env  []string // beside this process's own
}

func newProgram(t *testing.T) *program {
	t.Helper()
	bin, err := headless()
	if err != nil {
		t.Fatal(err)
	}
	return &program{t: t, bin: bin, home: filepath.Join(t.TempDir(), "home")}
}

// result is how one call of the program ended.
type result struct {
	code     int
	out, err string
}

func (p *program) command(args ...string) *exec.Cmd {
	cmd := exec.Command(p.bin, append([]string{"--home", p.home}, args...)...)
	cmd.Env = append(os.Environ(), "DISPLAY=", "WAYLAND_DISPLAY=", "DBUS_SESSION_BUS_ADDRESS=", "JACKFIELD_PASSPHRASE_FILE=")
	cmd.Env = append(cmd.Env, p.env...)
	return cmd
}

// run calls the program and waits for its end.
func (p *program) run(args ...string) result {
	p.t.Helper()
	return p.finish(p.command(args...))
}

// finish runs a command that was made ready and waits for its end.
func (p *program) finish(cmd *exec.Cmd) result {
	p.t.Helper()
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		p.t.Fatalf("call %v: %v", cmd.Args, err)
	}
	return result{cmd.ProcessState.ExitCode(), out.String(), errs.String()}
}

// runFor calls the program and kills it after d, if it has not ended by then.
func (p *program) runFor(d time.Duration, args ...string) (r result, killed bool) {
	p.t.Helper()
	cmd := p.command(args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Start(); err != nil {
		p.t.Fatalf("call jackfield %v: %v", args, err)
	}
	bomb := time.AfterFunc(d, func() { _ = cmd.Process.Kill() })
	_ = cmd.Wait()
	killed = !bomb.Stop() && cmd.ProcessState.ExitCode() < 0
	return result{cmd.ProcessState.ExitCode(), out.String(), errs.String()}, killed
}

// want fails the test unless the call ended with the code.
func (r result) want(t *testing.T, code int) result {
	t.Helper()
	if r.code != code {
		t.Fatalf("exit code %d, want %d\nstdout: %s\nstderr: %s", r.code, code, r.out, r.err)
	}
	return r
}

// decode reads the JSON that the call printed.
func decode[T any](t *testing.T, r result) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(r.out), &v); err != nil {
		t.Fatalf("the output is not JSON: %v\nstdout: %s\nstderr: %s", err, r.out, r.err)
	}
	return v
}

// runSummary is the object that jackfield run --json prints.
type runSummary struct {
	Run    string                    `json:"run"`
	Flow   string                    `json:"flow"`
	State  string                    `json:"state"`
	TookMS *int64                    `json:"took_ms"`
	Steps  map[string]map[string]int `json:"steps"`
}
