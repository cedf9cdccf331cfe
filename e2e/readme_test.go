package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"jackfield/examples"
)

// blocks are the blocks of code in the README that are marked with a language.
func blocks(t *testing.T, language string) []string {
	t.Helper()
	readme, err := os.ReadFile(filepath.Join("..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, m := range regexp.MustCompile("(?s)\n```"+language+"\n(.*?)```\n").FindAllStringSubmatch(string(readme), -1) {
		all = append(all, m[1])
	}
	if len(all) == 0 {
		t.Fatalf("the README has no block of %q", language)
	}
	return all
}

func TestFlowOfTheREADMEIsSound(t *testing.T) {
	t.Parallel()
	p, f := newProgram(t), newFolder(t)
	for _, text := range blocks(t, "yaml") {
		p.run("check", f.put("readme.flow.yaml", text)).want(t, 0)
	}
}

// TestFirstMinutesOfTheREADME types what the README says, where its examples are.
func TestFirstMinutesOfTheREADME(t *testing.T) {
	t.Parallel()
	p, f := newProgram(t), newFolder(t)
	if err := os.CopyFS(f.path("examples"), examples.Files); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(p.bin, f.path("jackfield")); err != nil {
		t.Fatal(err)
	}
	codes := map[string]int{"run examples/orders.flow.yaml": 3, "run examples/retry.flow.yaml": 3}
	typed := 0
	for line := range strings.Lines(strings.Join(blocks(t, "sh"), "")) {
		line, _, _ = strings.Cut(line, "#")
		args, ours := strings.CutPrefix(strings.TrimSpace(line), "./jackfield ")
		if !ours {
			continue
		}
		typed++
		cmd := exec.Command("sh", "-c", "./jackfield "+args)
		cmd.Dir, cmd.Env = f.dir, append(os.Environ(), "JACKFIELD_HOME="+p.home)
		r := p.finish(cmd).want(t, codes[args])
		equal(t, "standard error of "+args, r.err, "")
	}
	if typed < 5 {
		t.Errorf("only %d lines of the README call the program", typed)
	}
	equal(t, "state of the example that is resumed", p.runs()[0].State, "done")
}

func TestCommandsOfTheREADMEAreThere(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	found := 0
	for _, block := range blocks(t, "") {
		for line := range strings.Lines(block) {
			words := strings.Fields(line)
			if len(words) < 2 || words[0] != "jackfield" || strings.HasPrefix(words[1], "[") || words[1] == "help" {
				continue
			}
			subs := []string{""}
			if strings.Contains(line, " | ") {
				subs = strings.Fields(strings.ReplaceAll(strings.Join(words[2:], " "), "|", " "))
			}
			for _, sub := range subs {
				found++
				p.run(append([]string{"help", words[1]}, strings.Fields(sub)...)...).want(t, 0).says(t, "usage: jackfield "+strings.TrimSpace(words[1]+" "+sub))
			}
		}
	}
	if found < 25 {
		t.Errorf("only %d commands are in the README", found)
	}
}
