package ssh

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/depot/depottest"
	"jackfield/connectors/kit/kittest"
	"jackfield/connectors/ssh/sshtest"
	"jackfield/flow"
)

// BenchmarkList10000 lists ten thousand files of a real sshd.
func BenchmarkList10000(b *testing.B) {
	server := sshtest.Start(b, "")
	base := b.TempDir()
	for i := range 10_000 {
		if err := os.WriteFile(filepath.Join(base, fmt.Sprintf("f%05d", i)), nil, 0o666); err != nil {
			b.Fatal(err)
		}
	}
	c := New("")
	defer c.Close()
	op, _ := c.Op("list")
	env := kittest.Env(b)
	for b.Loop() {
		var after flow.Cursor
		n := 0
		for more := true; more; {
			o := op.New()
			if problems := o.Fields().Bind("s", server.With(server.Address, base)); len(problems) > 0 {
				b.Fatal(problems)
			}
			page, err := o.(kit.Source).Read(b.Context(), env, after)
			if err != nil {
				b.Fatal(err)
			}
			n, after, more = n+len(page.Data), page.Next, page.More
		}
		if n != 10_000 {
			b.Fatal(n)
		}
	}
}

// BenchmarkTransfer sends and fetches 64 MB through a real sshd.
func BenchmarkTransfer(b *testing.B) {
	server := sshtest.Start(b, "")
	base, here := b.TempDir(), b.TempDir()
	const size = 64 << 20
	if err := os.WriteFile(filepath.Join(here, "big"), make([]byte, size), 0o666); err != nil {
		b.Fatal(err)
	}
	c := New("")
	defer c.Close()
	with := server.With(server.Address, base)
	for name, more := range map[string][]any{
		"upload":   {"path", "big", "from", filepath.Join(here, "big")},
		"download": {"path", "big", "to", filepath.Join(here, "back")},
	} {
		b.Run(name, func(b *testing.B) {
			if _, err := depottest.Perform(b, c, "upload", depottest.Set(with, "path", "big", "from", filepath.Join(here, "big"))); err != nil {
				b.Fatal(err)
			}
			b.SetBytes(size)
			for b.Loop() {
				if _, err := depottest.Perform(b, c, name, depottest.Set(with, more...)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
