package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"jackfield/app/cli"
)

func TestAFilterIsPrintedOrPicks(t *testing.T) {
	const rows = "{\"n\":1,\"s\":\"a\"}\n{\"n\":20,\"s\":\"b\"}\n{\"n\":null}\n{\"n\":123456789012345678901234567890}\n"
	file := filepath.Join(t.TempDir(), "rows.jsonl")
	if err := os.WriteFile(file, []byte(rows), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name string
		args []string
		want said
	}{
		{"printed", []string{"filter", `n>10   AND s="b"`}, said{cli.Done, "n > 10 and s = 'b'\n", ""}},
		{"what only we understand", []string{"filter", "`a b` = 1 limit 5"}, said{
			cli.Done, "`a b` = 1 limit 5\n",
			"note: line 1, column 1: AppFlow's filters cannot name the field \"a b\"; it is filtered here\nnote: AppFlow's filters know no limit below 10, and this one has 5; it is counted here\n",
		}},
		{"as JSON", []string{"filter", "a = 1 or b = 2", "--json"}, said{cli.Done, "{\n  \"filter\": \"a = 1 or b = 2\",\n  \"fields\": [\n    \"a\",\n    \"b\"\n  ]\n}\n", ""}},
		{"no filter", []string{"filter", "a == 1"}, said{cli.BadUsage, "", "jackfield: line 1, column 4: there is no ==; write =\n"}},
		{"picking", []string{"filter", "n > 10", "--input", "-"}, said{cli.Done, "{\"n\":20,\"s\":\"b\"}\n{\"n\":123456789012345678901234567890}\n", ""}},
		{"picking from a file, with a limit", []string{"filter", "n != null limit 1", "--input", file}, said{cli.Done, "{\"n\":1,\"s\":\"a\"}\n", ""}},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := newDesk(t)
			d.in = rows
			if got := d.call(test.args...); got != test.want {
				t.Errorf("got  %+v\nwant %+v", got, test.want)
			}
		})
	}
	d := newDesk(t)
	d.in = `[{"n":1},{"n":2}]`
	if got, want := d.call("filter", "n = 2", "--input", "-"), (said{cli.Done, "{\"n\":2}\n", ""}); got != want {
		t.Errorf("of one list it gives %+v", got)
	}
	d.in = `{"n":1} {"n":`
	if got := d.call("filter", "n = 2", "--input", "-"); got.code != cli.RunFailed || !strings.Contains(got.err, "line 1, column") {
		t.Errorf("of half a record it says %+v", got)
	}
}
