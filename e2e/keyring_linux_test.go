package e2e

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// session starts a bus and a keyring of its own, as a desktop session has them, and gives
// the address of the bus. Without a password the keyring stays as it is: nobody can open it.
func session(t *testing.T, password string) string {
	t.Helper()
	dir := t.TempDir()
	env := append(os.Environ(), "HOME="+dir, "XDG_DATA_HOME="+filepath.Join(dir, "data"), "XDG_RUNTIME_DIR="+dir, "XDG_CACHE_HOME="+filepath.Join(dir, "cache"), "DISPLAY=", "WAYLAND_DISPLAY=")
	bus := exec.Command("dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address", "--address=unix:dir="+dir)
	bus.Env = env
	out := begun(t, bus)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the bus ended with %q, %v", line, err)
	}
	address := strings.TrimSpace(line)
	if password == "" {
		return address
	}
	env = append(env, "DBUS_SESSION_BUS_ADDRESS="+address)
	ring := exec.Command("gnome-keyring-daemon", "--foreground", "--components=secrets", "--unlock")
	ring.Env, ring.Stdin = env, strings.NewReader(password)
	begun(t, ring)
	for late := time.Now().Add(patience); ; { // its name on the bus is all that tells that it is there
		look := exec.Command("dbus-send", "--session", "--print-reply=literal", "--dest=org.freedesktop.DBus", "/", "org.freedesktop.DBus.NameHasOwner", "string:org.freedesktop.secrets")
		look.Env = env
		said, err := look.CombinedOutput()
		if strings.Contains(string(said), "true") {
			return address
		}
		if err != nil || time.Now().After(late) {
			t.Fatalf("the keyring is not there: %v, %s", err, said)
		}
	}
}

// begun starts a server that lives as long as the test.
func begun(t *testing.T, cmd *exec.Cmd) io.Reader {
	t.Helper()
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatalf("start %s: %v", cmd.Path, err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		_ = cmd.Wait()
	})
	return out
}

func TestTheKeyLiesInTheKeyringOfTheSession(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.env = []string{"DBUS_SESSION_BUS_ADDRESS=" + session(t, "of the login")}
	p.feed(secret+"\n", "connections", "add", "acme", "http", "url=http://127.0.0.1:1", "auth=bearer", "token=-").want(t, 0)
	p.run("secrets", "status").want(t, 0).says(t, "the key is in the system's keyring")
	p.run("secrets", "rotate").want(t, 0).says(t, "1 secret is sealed anew")
	p.run("secrets", "check").want(t, 0).says(t, "1 open, 0 do not")
	p.noKeyFile()

	inside := p.env
	p.env = nil
	p.run("secrets", "check").want(t, 1).says(t, "there is no desktop session", "jackfield secrets protect file")
	p.env = inside
	p.run("secrets", "protect", "file").want(t, 0).says(t, "which its owner alone can read")
	p.env = nil
	p.run("secrets", "check").want(t, 0).says(t, "1 open, 0 do not")
	p.env = inside
	p.run("secrets", "protect", "keyring").want(t, 0)
	p.noKeyFile()
	p.run("secrets", "check").want(t, 0).says(t, "1 open, 0 do not")
	p.hidesInFiles(secret)
}

// A bus without a keyring is no place for the key.
func TestASessionWithoutAKeyringKeepsTheKeyInAFile(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.env = []string{"DBUS_SESSION_BUS_ADDRESS=" + session(t, "")}
	p.feed(secret+"\n", "connections", "add", "acme", "http", "url=http://127.0.0.1:1", "auth=bearer", "token=-").want(t, 0)
	p.run("secrets", "status", "--json").want(t, 0).says(t, `"by": "file"`)
	p.run("secrets", "protect", "keyring").want(t, 1).says(t, "the system's keyring does not serve")
	p.run("secrets", "check").want(t, 0)
}

func (p *program) noKeyFile() {
	p.t.Helper()
	if left, _ := filepath.Glob(filepath.Join(p.home, "vault.*")); len(left) > 0 {
		p.t.Errorf("there are the files %v", left)
	}
}
