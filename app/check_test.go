package app_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"jackfield/app"
	"jackfield/connectors/core"
	"jackfield/connectors/kit"
)

func TestCheckTellsEverythingAtOnceInTheOrderOfTheFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "bad.flow.yaml")
	text := `jackfield: 1
name: All wrong
steps:
  - {id: start, uses: core.mannual}
  - {id: big, uses: core.filter, with: {wenn: .n > 3}}
  - {id: shape, uses: core.map, map: ".n +"}
edges:
  - start -> big
  - big.maybe -> shape
  - big.true -> nowhere
`
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range app.CheckFile(t.Context(), file, kit.Set{core.New()}) {
		got = append(got, strings.TrimPrefix(p.Error(), file+":"))
	}
	want := []string{
		`4:23, step "start", field "uses": there is no operation "core.mannual"; did you mean "core.manual"?`,
		`5:10, step "big", field "when": "When" is needed; set "when", for example .total > 100`,
		`5:47, step "big", field "wenn": there is no field "wenn"; did you mean "when"?`,
		`6:43, step "shape", field "map": the program ends behind +; write what comes next, or take the + away`,
		`9:5, edge "big.maybe -> shape": no record leaves "big" by "maybe"; records leave by true, false, empty, failed`,
		`10:5, edge "big.true -> nowhere": there is no step "nowhere"; add the step or remove the edge`,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
