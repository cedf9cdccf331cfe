package transforms

import "testing"

func TestDoubtsAreRaisedWhereAProgramHardlyMeansWhatItSays(t *testing.T) {
	for _, c := range []struct {
		name, src string
		condition bool
		want      string
	}{
		{name: "setting in an if", src: `if .a = 1 then 2 else 3 end`, want: "line 1, column 4: = sets a value, so that this always holds; write == to compare"},
		{name: "setting in select", src: `.[] | select(.b and .a = 1)`, want: "line 1, column 14: = sets a value, so that this always holds; write == to compare"},
		{name: "setting in a condition", src: `.a = "open"`, condition: true, want: "line 1, column 1: = sets a value, so that this always holds; write == to compare"},
		{name: "setting elsewhere", src: `.a = "open"`},
		{name: "not before a field", src: `if not .a then 1 end`, want: "line 1, column 4: this reads .a of what not gives; write (.a | not)"},
		{name: "a comma between arguments", src: `test("a", "i")`, want: "line 1, column 6: the comma makes two values here, and the function is called for each; arguments are parted by ;"},
		{name: "a comma that makes sense", src: `test(.a, .b)`},
		{name: "length as a field", src: `.items.length > 3`, want: `line 1, column 7: .length reads a field called "length"; write (.items | length) for how much there is`},
		{name: "the environment", src: `env.HOME`, want: "line 1, column 1: the environment is empty here; use the step's settings or a connection"},
		{name: "a function of its own", src: `def select(f): f; select(.a = 1)`},
		{name: "nothing", src: `{a: (.items | length), b: (.c | not)}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := compiled(t, c.src).Doubts(c.condition)
			if c.want == "" {
				if len(got) > 0 {
					t.Errorf("got %v", got)
				}
				return
			}
			if len(got) != 1 || got[0].Error() != c.want || !got[0].Problem("s", "map").Warning {
				t.Errorf("got %v", got)
			}
		})
	}
}
