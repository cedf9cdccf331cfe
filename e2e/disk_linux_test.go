package e2e

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A disk is full in two ways: by a limit to the size of files, which every user can
// set, and as a small file system of its own, where that may be mounted.
type tight struct {
	name string
	says string // of a file that is written
	// open gives a folder and two ways of calling the program: short of room there
	// and with room enough.
	open func(t *testing.T, p *program) (dir string, short, roomy func(args ...string) result)
}

// ways are the ways in which room can be short after so many KB.
func ways(kb int) []tight {
	return []tight{
		{name: "limit to the size of files", says: ": file too large; the file has reached the largest size allowed here; write to several smaller ones", open: func(t *testing.T, p *program) (string, func(...string) result, func(...string) result) {
			short := func(args ...string) result {
				cmd := p.command(args...)
				limited := exec.Command("sh", append([]string{"-c", fmt.Sprintf(`ulimit -f %d && exec "$0" "$@"`, kb*2)}, cmd.Args...)...) // in half KB (POSIX)
				limited.Env = cmd.Env
				return p.finish(limited)
			}
			return t.TempDir(), short, p.run
		}},
		{name: "full file system", says: "/out.jsonl: no space left on device; make room on the disk, then retry", open: func(t *testing.T, p *program) (string, func(...string) result, func(...string) result) {
			dir := t.TempDir()
			if err := syscall.Mount("jackfield", dir, "tmpfs", 0, fmt.Sprintf("size=%dk", kb)); err != nil {
				t.Logf("no file system of its own can be mounted: %v", err)
				return "", nil, nil
			}
			t.Cleanup(func() {
				if err := syscall.Unmount(dir, 0); err != nil {
					t.Error(err)
				}
			})
			roomy := func(args ...string) result {
				if err := syscall.Mount("jackfield", dir, "tmpfs", syscall.MS_REMOUNT, "size=64m"); err != nil {
					t.Fatal(err)
				}
				return p.run(args...)
			}
			return dir, p.run, roomy
		}},
	}
}

// copyFlow writes lines that are so many times as long as those it reads.
func copyFlow(out string, times int) string {
	return fmt.Sprintf(`jackfield: 1
name: Copy
steps:
  - {id: read, uses: json.read, with: {path: in.jsonl, lines: true}}
  - {id: out, uses: json.write, with: {path: %q, lines: true}, map: '{value: {n, text: (.text * %d)}}'}
edges:
  - read -> out
`, out, times)
}

func someLines(n int) string {
	var lines strings.Builder
	for i := range n {
		fmt.Fprintf(&lines, `{"n":%d,"text":"a text that takes up some room on the disk"}`+"\n", i)
	}
	return lines.String()
}

// wantCopy compares what was written with what jq makes of the same lines.
func (f folder) wantCopy(out string, times int) {
	f.t.Helper()
	ask(f.t, "sh", "-c", `jq -c --argjson times "$0" '{n, text: (.text * $times)}' "$1" | cmp - "$2"`, fmt.Sprint(times), f.path("in.jsonl"), out)
}

func TestFullDiskOfAnOutputKeepsTheOldFileAndIsMadeUpFor(t *testing.T) {
	for _, way := range ways(400) {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			p, f := newProgram(t), newFolder(t)
			dir, short, roomy := way.open(t, p)
			if dir == "" {
				return
			}
			f.put("in.jsonl", someLines(500)) // 30 KB, which become 1.7 MB
			out := filepath.Join(dir, "out.jsonl")
			write(t, out, "{\"old\":true}\n")
			file := f.put("copy.flow.yaml", copyFlow(out, 80))
			r := short("run", file).want(t, 1)
			r.says(t, "✗ Copy: failed", `step "out"`, way.says, "to go on: jackfield runs resume ")
			equal(t, "the old file", ask(t, "cat", out), `{"old":true}`)
			left := ask(t, "ls", "-A", dir)
			equal(t, "what lies in the folder", left, "out.jsonl")
			done := decode[runSummary](t, roomy("runs", "resume", "last", "--json").want(t, 0))
			equal(t, "counts", done.counts(), "out.done=500 read.done=500")
			f.wantCopy(out, 80)
		})
	}
}

func TestFullDiskOfTheHomeFolderLosesNothing(t *testing.T) {
	for _, way := range ways(48) {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			p, f := newProgram(t), newFolder(t)
			dir, short, roomy := way.open(t, p)
			if dir == "" {
				return
			}
			p.home = filepath.Join(dir, "home")
			f.put("in.jsonl", someLines(20_000))
			file := f.put("copy.flow.yaml", copyFlow(f.path("out.jsonl"), 1))
			p.run("flows", "import", file).want(t, 0)
			r := short("run", file).want(t, 1)
			r.says(t, p.home, "make room on the disk, then retry")
			equal(t, "times it is said", strings.Count(r.out+r.err, "make room"), 1)
			p.run("doctor").want(t, 0)
			p.run("flows", "ls").want(t, 0).says(t, "Copy")

			roomy("doctor").want(t, 0)
			again := []string{"runs", "resume", "last", "--json"}
			if len(p.runs()) == 0 { // not even its row found room
				again = []string{"run", file, "--json"}
			}
			done := decode[runSummary](t, p.run(again...).want(t, 0))
			equal(t, "counts", done.counts(), "out.done=20000 read.done=20000")
			f.wantCopy(f.path("out.jsonl"), 1)
		})
	}
}

func TestHomeFolderThatHasNoRoomAtAllIsNamed(t *testing.T) {
	for _, way := range ways(8) {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			p := newProgram(t)
			dir, short, roomy := way.open(t, p)
			if dir == "" {
				return
			}
			p.home = filepath.Join(dir, "home")
			short("flows", "ls").want(t, 1).says(t, "jackfield: create the store "+p.home, "; make room on the disk, then retry")
			short("doctor").want(t, 1).says(t, "✗ store", "make room on the disk, then retry")
			roomy("flows", "ls").want(t, 0)
		})
	}
}
