package e2e

import (
	"encoding/csv"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"jackfield/examples"
)

// folder is a place with flow files and what they read and write.
type folder struct {
	t   *testing.T
	dir string
}

func newFolder(t *testing.T) folder {
	t.Helper()
	return folder{t, t.TempDir()}
}

// copyExamples gives the examples with their data in a folder of their own.
func copyExamples(t *testing.T) folder {
	t.Helper()
	f := newFolder(t)
	if err := os.CopyFS(f.dir, examples.Files); err != nil {
		t.Fatal(err)
	}
	return f
}

func (f folder) path(name string) string { return filepath.Join(f.dir, filepath.FromSlash(name)) }

// put writes a file and gives its path.
func (f folder) put(name, text string) string {
	f.t.Helper()
	path := f.path(name)
	write(f.t, path, text)
	return path
}

func (f folder) read(name string) string {
	f.t.Helper()
	text, err := os.ReadFile(f.path(name))
	if err != nil {
		f.t.Fatal(err)
	}
	return string(text)
}

// sql asks SQLite's own program, which shares no code with ours.
func (f folder) sql(database, query string) string {
	f.t.Helper()
	return ask(f.t, "sqlite3", "-readonly", f.path(database), query)
}

// lines counts the lines of a file.
func (f folder) lines(name string) int { return strings.Count(f.read(name), "\n") }

// rows reads a CSV file, the row of names first.
func (f folder) rows(name string) [][]string {
	f.t.Helper()
	rows, err := csv.NewReader(strings.NewReader(f.read(name))).ReadAll()
	if err != nil {
		f.t.Fatalf("%s: %v", name, err)
	}
	return rows
}

// counts are the records that left each step as one text: "keep.done=31 …".
func (s runSummary) counts() string {
	var parts []string
	for step, outlets := range s.Steps {
		for outlet, n := range outlets {
			parts = append(parts, fmt.Sprintf("%s.%s=%d", step, outlet, n))
		}
	}
	slices.Sort(parts)
	return strings.Join(parts, " ")
}

// says fails the test unless each text stands in what the call printed.
func (r result) says(t *testing.T, texts ...string) result {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(r.out+r.err, text) {
			t.Errorf("nothing says %q\nstdout: %s\nstderr: %s", text, r.out, r.err)
		}
	}
	return r
}

// hides fails the test where one of the texts stands in what the call printed.
func (r result) hides(t *testing.T, texts ...string) result {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(r.out+r.err, text) {
			t.Errorf("it says %q\nstdout: %s\nstderr: %s", text, r.out, r.err)
		}
	}
	return r
}

// feed calls the program with a text on standard input.
func (p *program) feed(in string, args ...string) result {
	p.t.Helper()
	cmd := p.command(args...)
	cmd.Stdin = strings.NewReader(in)
	return p.finish(cmd)
}

// runs lists the program's runs as JSON, newest first.
func (p *program) runs() []runRow {
	p.t.Helper()
	return decode[[]runRow](p.t, p.run("runs", "ls", "--json").want(p.t, 0))
}

type runRow struct {
	Run, Flow, State, Cause string
	Failures, Resumed       int
}

// freePort is a port of this machine that nobody listens on just now.
func freePort(t testing.TB) int {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer free.Close()
	return free.Addr().(*net.TCPAddr).Port
}

func listen(t *testing.T, address string) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s:\n got %v\nwant %v", what, got, want)
	}
}

// body reads all of a request or reply.
func body(t *testing.T, r io.Reader) string {
	t.Helper()
	text, err := io.ReadAll(r)
	if err != nil {
		t.Error(err)
	}
	return string(text)
}
