package cli_test

import (
	"context"
	"strings"
	"testing"

	"jackfield/app/cli"
)

func TestWrongCallsSayWhatIsMeant(t *testing.T) {
	d := newDesk(t)
	for _, test := range []struct{ args, want string }{
		{"rum", `jackfield: there is no command "rum"; did you mean "run"?`},
		{"bananas", `jackfield: there is no command "bananas"; jackfield help lists them`},
		{"runs shwo", `jackfield: there is no command "runs shwo"; did you mean "runs show"?`},
		{"runs bananas", `jackfield: there is no command "runs bananas"; jackfield help runs lists them`},
		{"connectors", `jackfield: say which: jackfield connectors ls|show|add|new|files|rm`},
		{"run", `usage: jackfield run FLOW|FILE [--set step.key=value] [--input FILE|-] [--limit N]`},
		{"runs show a b", "jackfield: \"b\" is one too many\nusage: jackfield runs show RUN"},
		{"runs diff a", "jackfield: something is missing behind \"a\"\nusage: jackfield runs diff RUN RUN"},
		{"version now", "jackfield: \"now\" is one too many\nusage: jackfield version"},
		{"run f --lmit 3", `jackfield: there is no flag --lmit; did you mean --limit?`},
		{"serve --port 3", `jackfield: there is no flag --port; jackfield serve takes --drain, --log, --telemetry, --unit, --home`},
		{"run f --limit", `jackfield: --limit needs a value`},
		{"run f --limit few", `jackfield: --limit: "few" is not a whole number`},
		{"run f --limit 99999999999999999999", `jackfield: --limit: "99999999999999999999" is not a whole number`},
		{"run f --limit -1", `jackfield: --limit: -1 is less than none`},
		{"run f --json=3", `jackfield: --json: "3" is neither true nor false`},
		{"run f --set nap=1s", `jackfield: --set: "nap=1s" is not step.key=value`},
		{"runs ls --state lost", `jackfield: --state: "lost" is none of done, partial, failed, stopped, running`},
		{"runs ls --limit 0", `jackfield: --limit: 0 is less than one`},
		{"--home", `jackfield: --home needs a folder`},
		{"runs ls --home=", `jackfield: --home needs a folder`},
		{"my.flow.yaml", `jackfield: this build has no window; jackfield run my.flow.yaml runs the flow`},
	} {
		d.want(test.args, said{cli.BadUsage, "", test.want + "\n"})
	}
}

func TestHelpListsEveryCommandInColumns(t *testing.T) {
	d := newDesk(t)
	got := d.call("help")
	if got.code != cli.Done || got.err != "" {
		t.Fatalf("got %+v", got)
	}
	column := -1
	for _, line := range strings.Split(got.out, "\n") {
		if strings.TrimRight(line, " ") != line {
			t.Errorf("spaces at the end of %q", line)
		}
		if !strings.HasPrefix(line, "  jackfield ") {
			continue
		}
		at := 2 + strings.Index(line[2:], "  ")
		for at < len(line) && line[at] == ' ' {
			at++
		}
		at = len([]rune(line[:at])) // in letters, for there is … among them
		if column < 0 {
			column = at
		}
		if at != column {
			t.Errorf("the summary of %q begins in column %d, want %d", line, at, column)
		}
	}
	for _, name := range []string{"run", "check", "filter", "flows", "runs", "connections", "connectors", "serve", "doctor", "version"} {
		if !strings.Contains(got.out, "\n  jackfield "+name+" ") {
			t.Errorf("help does not tell of %s", name)
		}
	}
}

func TestHelpIsThereForEachCommand(t *testing.T) {
	d := newDesk(t)
	d.want("help flows enable", said{cli.Done, `usage: jackfield flows enable FLOW|FILE
make the triggers of a flow live

  --json      print JSON
  --home DIR  where everything is kept
`, ""})
	for _, args := range []string{"runs help", "runs --help", "runs -h", "help runs"} {
		if got := d.call(strings.Fields(args)...); got.code != cli.Done || !strings.Contains(got.out, "  jackfield runs diff RUN RUN ") {
			t.Errorf("jackfield %s: %+v", args, got)
		}
	}
	if got := d.call("run", "--help"); got.code != cli.Done || !strings.Contains(got.out, "--set step.key=value  ") || !strings.Contains(got.out, "--limit N  ") {
		t.Errorf("got %+v", got)
	}
}

func TestWindowOpensOnAFile(t *testing.T) {
	d := newDesk(t)
	var opened []string
	d.program.Window = func(_ context.Context, home, path string) error {
		opened = append(opened, home+":"+path)
		return nil
	}
	d.want("", said{})
	d.want("my.flow.yaml --home there", said{})
	d.want("a.yaml b.yaml", said{cli.BadUsage, "", "jackfield: \"b.yaml\" is one too many\nusage: jackfield [FILE]\n"})
	if got := strings.Join(opened, " "); got != ": there:my.flow.yaml" {
		t.Errorf("opened %q", got)
	}
	if got := d.call("help"); !strings.Contains(got.out, "open the window") {
		t.Errorf("help does not tell of the window: %s", got.out)
	}
}

func TestVersionIsSaid(t *testing.T) {
	d := newDesk(t)
	d.want("version", said{cli.Done, "jackfield 1.2.3\n", ""})
	d.want("--version", said{cli.Done, "jackfield 1.2.3\n", ""})
	d.want("version --json", said{cli.Done, "\"1.2.3\"\n", ""})
}
