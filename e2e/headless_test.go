package e2e

import (
	"debug/elf"
	"os/exec"
	"runtime"
	"strings"
	"testing"
)

// TestHeadlessBuildNeedsNothingOfTheMachine looks at the built program with Go's and
// the system's own tools.
func TestHeadlessBuildNeedsNothingOfTheMachine(t *testing.T) {
	t.Parallel()
	bin, err := headless()
	if err != nil {
		t.Fatal(err)
	}
	facts := ask(t, "go", "version", "-m", bin)
	for _, want := range []string{"build\tCGO_ENABLED=0", "build\t-tags=headless", "path\tjackfield"} {
		if !strings.Contains(facts, want) {
			t.Errorf("go version -m does not say %q:\n%s", want, facts)
		}
	}
	if strings.Contains(facts, "fyne.io") {
		t.Errorf("the window's library is in it:\n%s", facts)
	}
	if runtime.GOOS != "linux" {
		return
	}
	program, err := elf.Open(bin)
	if err != nil {
		t.Fatal(err)
	}
	defer program.Close()
	libraries, err := program.ImportedLibraries()
	if err != nil || len(libraries) > 0 || program.Section(".interp") != nil {
		t.Errorf("it needs %v, and a loader: %v; %v", libraries, program.Section(".interp") != nil, err)
	}
	// ldd fails for a program that is not a dynamic one.
	if out, err := exec.Command("ldd", bin).CombinedOutput(); err == nil || !strings.Contains(string(out), "not a dynamic executable") {
		t.Errorf("ldd says %s, %v", out, err)
	}
}

func TestHeadlessBuildSaysThatItHasNoWindow(t *testing.T) {
	t.Parallel()
	p, f := newProgram(t), copyExamples(t)
	p.run().want(t, 2).says(t, "jackfield: this build has no window; say what to do", "jackfield run FLOW|FILE ")
	p.run(f.path("orders.flow.yaml")).want(t, 2).says(t, "jackfield: this build has no window; jackfield run "+f.path("orders.flow.yaml")+" runs the flow")
	p.run("help").want(t, 0).hides(t, "open the window")
	p.run("doctor").want(t, 0).says(t, "✓ window       this build has no window")
}
