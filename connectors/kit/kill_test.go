package kit_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"jackfield/connectors/kit"
)

const (
	killedDir = "JACKFIELD_TEST_KILLED_DIR" // makes this program the one that is killed
	killed    = 40                          // batches in one run
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(killedDir); dir != "" {
		if err := writeRun(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func killedEnv(dir string) kit.Env {
	return kit.Env{Run: "run", Step: "step", Dir: dir, Scratch: filepath.Join(dir, "scratch")}
}

func batchText(i int) []byte {
	return bytes.Repeat(fmt.Appendf(nil, "row of batch %d\n", i), 1+i*37%500)
}

// writeRun goes on with a run as the engine does: a batch that was noted as done is
// never performed again, one that was not is. It says each thing that it did.
func writeRun(dir string) error {
	env := killedEnv(dir)
	appends := strings.HasSuffix(dir, "appended")
	notes := filepath.Join(dir, "notes")
	noted, _ := os.ReadFile(notes)
	done := bytes.Count(noted, []byte{'\n'})
	note, err := os.OpenFile(notes, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	for i := done; i < killed; i++ {
		f, err := kit.OpenRunFile(env, "out")
		if err != nil {
			return err
		}
		if !f.Begun() {
			if err := f.Begin(appends, nil, nil); err != nil {
				return err
			}
		}
		for range 1 + i%2 {
			if err := f.Add(strconv.Itoa(i), batchText(i)); err != nil {
				return err
			}
		}
		if i == killed/2 { // the run ended here once, and was resumed
			if err := f.Publish(context.Background(), kit.Ending{}); err != nil {
				return err
			}
		}
		fmt.Println("added", i)
		if _, err := fmt.Fprintln(note, i); err != nil {
			return err
		}
	}
	files, err := kit.RunFiles(env)
	if err != nil {
		return err
	}
	for _, f := range files {
		fmt.Println("publish")
		if err := f.Publish(context.Background(), kit.Ending{}); err != nil {
			return err
		}
		fmt.Println("published")
	}
	return nil
}

// TestKilledRunEndsWithTheWholeFile kills the writing program after a random number
// of the things that it says it did, and starts it again, until it comes to its end.
func TestKilledRunEndsWithTheWholeFile(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	kills := 0
	for round := range 16 {
		name, old := "whole", ""
		if round%2 == 1 {
			name, old = "appended", "old\n"
		}
		t.Run(fmt.Sprint(round, " ", name), func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), name)
			if err := os.Mkdir(dir, 0o777); err != nil {
				t.Fatal(err)
			}
			if old != "" {
				write(t, filepath.Join(dir, "out"), old)
			}
			var first, all bytes.Buffer
			first.WriteString(old)
			for i := range killed {
				if i <= killed/2 {
					first.Write(batchText(i))
				}
			}
			all.WriteString(old)
			for i := range killed {
				all.Write(batchText(i))
			}
			for !runAndKill(t, dir, rnd.IntN(12)) {
				kills++
				got, _ := os.ReadFile(filepath.Join(dir, "out"))
				if s := string(got); s != old && s != first.String() && s != all.String() {
					t.Fatalf("after a kill the file has %d bytes: neither the old nor a whole one", len(s))
				}
			}
			if got := read(t, filepath.Join(dir, "out")); got != all.String() {
				t.Errorf("it ends with %d bytes, want %d", len(got), all.Len())
			}
		})
	}
	t.Logf("%d kills", kills)
	if kills < 60 {
		t.Errorf("only %d kills", kills)
	}
}

// runAndKill lets the program say so many lines and kills it. It tells whether the
// program came to its end before that.
func runAndKill(t *testing.T, dir string, lines int) bool {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), killedDir+"="+dir)
	var trouble bytes.Buffer
	cmd.Stderr = &trouble
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	one := make([]byte, 1)
	for n := 0; n <= lines; {
		if _, err := out.Read(one); err != nil {
			break
		}
		if one[0] == '\n' {
			n++
		}
	}
	cmd.Process.Kill()
	cmd.Wait()
	if trouble.Len() > 0 {
		t.Fatalf("the program says: %s", trouble.String())
	}
	return cmd.ProcessState.Success()
}
