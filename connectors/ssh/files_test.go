package ssh

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/depot/depottest"
	"jackfield/connectors/kit/kittest"
	"jackfield/connectors/ssh/sshtest"
)

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
		_, err := depottest.Perform(t, c, name, depottest.Set(with, more...))
		if f := kit.AsFailure(err); err == nil || f.Kind != kit.Invalid || !strings.Contains(f.What, "leads out of") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := depottest.Listing(t, c, depottest.Set(with, "folder", "way")); err == nil {
		t.Error("a folder outside is listed")
	}
	if _, err := depottest.Perform(t, c, "download", depottest.Set(with, "path", "inside", "to", filepath.Join(t.TempDir(), "x"))); err != nil {
		t.Errorf("a link within the folder: %v", err)
	}
	if _, err := depottest.Perform(t, c, "delete", depottest.Set(with, "path", "way", "all", true)); err != nil {
		t.Errorf("the link itself can be deleted: %v", err)
	}
	if _, err := os.Stat(filepath.Join(out, "secret")); err != nil {
		t.Error("what the link led to is gone")
	}
	op, _ := c.Op("list")
	o := op.New()
	o.Fields().Bind("s", depottest.Set(with, "recursive", true))
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
	_, err := depottest.Perform(t, c, "upload", depottest.Set(with, "path", "big", "text", strings.Repeat("x", 2<<20)))
	kittest.WantFailure(t, err, kit.Full, "", "big", "space")
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
	_, err := depottest.Perform(t, c, "upload", depottest.Set(server.With(server.Address, base), "path", "a", "text", "x"))
	kittest.WantFailure(t, err, kit.Denied, "", "a", "permission")
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
	with := depottest.Set(server.With(proxy.Address, base), "path", "big", "to", filepath.Join(here, "big"))
	if err := depottest.Listing(t, c, server.With(proxy.Address, base)); err != nil {
		t.Fatal(err)
	}
	proxy.CutAfter(int64(len(content)) / 2)
	_, err := depottest.Perform(t, c, "download", with)
	kittest.WantFailure(t, err, kit.Unavailable, "", "lost")
	server.Kill()
	proxy.Mend()
	err = depottest.Retried(func() error { _, err := depottest.Perform(t, c, "download", with); return err })
	if err != nil {
		t.Fatal(err)
	}
	if got := readFile(t, filepath.Join(here, "big")); got != content {
		t.Errorf("%d bytes came, or other ones", len(got))
	}
}
