package ssh

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/kittest"
	"jackfield/connectors/ssh/sshtest"
	"jackfield/flow"
)

// perform performs an action of the connector.
func perform(t testing.TB, c kit.Connector, name string, with flow.Values) (any, error) {
	t.Helper()
	op, _ := c.Op(name)
	o := op.New()
	if problems := o.Fields().Bind("s", with); len(problems) > 0 {
		t.Fatal(problems)
	}
	res, err := o.(kit.Action).Run(t.Context(), kittest.Env(t), flow.Record{ID: "rec1"})
	if err != nil {
		return nil, err
	}
	return res.Data[0], nil
}

func TestLinksDoNotLeadOutOfTheBaseFolder(t *testing.T) {
	server := sshtest.Start(t, "")
	base, out := t.TempDir(), t.TempDir()
	for _, err := range []error{
		os.WriteFile(filepath.Join(out, "secret"), []byte("x"), 0o666),
		os.Symlink(out, filepath.Join(base, "way")),
		os.Symlink(filepath.Join(out, "secret"), filepath.Join(base, "file")),
		os.WriteFile(filepath.Join(base, "real"), []byte("real"), 0o666),
		os.Symlink("real", filepath.Join(base, "inside")),
		os.Symlink("nothing", filepath.Join(base, "dangling")),
		os.Symlink(".", filepath.Join(base, "circle")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	c := New("")
	defer c.Close()
	with := server.With(server.Address, base)
	for name, more := range map[string][]any{
		"download": {"path", "file", "to", "x"},
		"upload":   {"path", "way/new", "text", "x"},
		"delete":   {"path", "way/secret"},
		"move":     {"path", "real", "to", "way/real"},
	} {
		_, err := perform(t, c, name, set(with, more...))
		if f := kit.AsFailure(err); err == nil || f.Kind != kit.Invalid || !strings.Contains(f.What, "leads out of") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := listing(t, c, set(with, "folder", "way")); err == nil {
		t.Error("a folder outside is listed")
	}
	if _, err := perform(t, c, "download", set(with, "path", "inside", "to", filepath.Join(t.TempDir(), "x"))); err != nil {
		t.Errorf("a link within the folder: %v", err)
	}
	if _, err := perform(t, c, "delete", set(with, "path", "way", "all", true)); err != nil {
		t.Errorf("the link itself can be deleted: %v", err)
	}
	if _, err := os.Stat(filepath.Join(out, "secret")); err != nil {
		t.Error("what the link led to is gone")
	}
	op, _ := c.Op("list")
	o := op.New()
	o.Fields().Bind("s", set(with, "recursive", true))
	page, err := o.(kit.Source).Read(t.Context(), kittest.Env(t), nil)
	if err != nil || len(page.Data) != 3 { // file, inside, real
		t.Errorf("%d files are listed, %v", len(page.Data), err)
	}
}

func TestAFullDiskIsTold(t *testing.T) {
	server := sshtest.Start(t, "")
	base := kittest.SmallDisk(t)
	c := New("")
	t.Cleanup(func() { c.Close() })
	t.Cleanup(server.Kill) // it keeps the disk busy
	with := server.With(server.Address, base)
	_, err := perform(t, c, "upload", set(with, "path", "big", "text", strings.Repeat("x", 2<<20)))
	wantFailure(t, err, kit.Full, "", "big", "space")
	entries, err := os.ReadDir(base)
	if err != nil || len(entries) > 0 {
		t.Errorf("left on the disk: %v, %v", entries, err)
	}
}

func TestWhatTheUserMayNotIsTold(t *testing.T) {
	server := sshtest.Start(t, "ForceCommand internal-sftp -R") // only reading
	base := t.TempDir()
	c := New("")
	defer c.Close()
	_, err := perform(t, c, "upload", set(server.With(server.Address, base), "path", "a", "text", "x"))
	wantFailure(t, err, kit.Denied, "", "a", "permission")
}

func TestAHostKilledInTheMiddleLosesNothing(t *testing.T) {
	server := sshtest.Start(t, "")
	base, here := t.TempDir(), t.TempDir()
	content := strings.Repeat("0123456789abcdef", 1<<16)
	if err := os.WriteFile(filepath.Join(base, "big"), []byte(content), 0o666); err != nil {
		t.Fatal(err)
	}
	proxy := kittest.NewProxy(t, server.Address)
	c := New("")
	defer c.Close()
	with := set(server.With(proxy.Address, base), "path", "big", "to", filepath.Join(here, "big"))
	if err := listing(t, c, server.With(proxy.Address, base)); err != nil {
		t.Fatal(err)
	}
	proxy.CutAfter(int64(len(content)) / 2)
	_, err := perform(t, c, "download", with)
	wantFailure(t, err, kit.Unavailable, "", "lost")
	server.Kill()
	proxy.Mend()
	if _, err := perform(t, c, "download", with); err != nil {
		t.Fatal(err)
	}
	if got := readFile(t, filepath.Join(here, "big")); got != content {
		t.Errorf("%d bytes came, or other ones", len(got))
	}
}
