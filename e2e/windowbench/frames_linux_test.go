package windowbench

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// BenchmarkFrames is the time of a frame while a flow of 200 and of 2,000 steps is
// panned and zoomed in the whole window. Two ways: "drawn" paints every pixel by the
// CPU, the worst that a person can meet; "undrawn" lets Mesa drop what is to be drawn,
// which leaves what a frame costs the CPU beside a graphics card. The toolkit begins
// no more than 60 frames a second, so that 16.7 ms is the least; "ms-cpu" is what a
// frame takes of a processor, on all its cores together.
func BenchmarkFrames(b *testing.B) {
	for _, steps := range []int{200, 2000} {
		for _, way := range []string{"drawn", "undrawn"} {
			b.Run(fmt.Sprintf("steps=%d/%s", steps, way), func(b *testing.B) {
				s, file := newStage(b), grid(b, steps)
				for b.Loop() {
					m := s.move(file, way == "undrawn")
					report(b, "pan", m.Pan)
					report(b, "zoom", m.Zoom)
				}
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

func report(b *testing.B, movement string, f frames) {
	b.ReportMetric(ms(f.part(0.5)), "ms-"+movement+"-p50")
	b.ReportMetric(ms(f.part(0.95)), "ms-"+movement+"-p95")
	b.ReportMetric(ms(f.CPU), "ms-cpu-"+movement)
}

// move lets a window on a flow file move, and reads what it reports.
func (s *stage) move(file string, undrawn bool) (m movements) {
	s.b.Helper()
	cmd := s.self(s.b.TempDir(), file)
	if undrawn {
		cmd.Env = append(cmd.Env, "GALLIUM_NOOP=1")
	}
	var told, wrong bytes.Buffer
	cmd.Stdout, cmd.Stderr = &told, &wrong
	if err := cmd.Run(); err != nil {
		s.b.Fatalf("%v: %s", err, &wrong)
	}
	if err := json.Unmarshal(told.Bytes(), &m); err != nil {
		s.b.Fatalf("read what the window reports: %v: %s", err, &told)
	}
	return m
}

// grid is the file of a flow with steps in lines of twenty.
func grid(b *testing.B, steps int) string {
	b.Helper()
	var lines, edges, layout strings.Builder
	uses := []string{"core.map", "http.request", "core.filter"}
	for i := range steps {
		fmt.Fprintf(&lines, "  - {id: s%d, title: Step number %d, uses: %s}\n", i, i, uses[i%3])
		fmt.Fprintf(&layout, "  s%d: [%d, %d]\n", i, i%20*280, i/20*120)
		if i%20 > 0 {
			outlet := ""
			if (i-1)%3 == 2 {
				outlet = ".true"
			}
			fmt.Fprintf(&edges, "  - s%d%s -> s%d\n", i-1, outlet, i)
		}
	}
	text := "jackfield: 1\nname: Grid\nsteps:\n" + lines.String() + "edges:\n" + edges.String() + "layout:\n" + layout.String()
	path := filepath.Join(b.TempDir(), "grid.flow.yaml")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		b.Fatal(err)
	}
	return path
}
