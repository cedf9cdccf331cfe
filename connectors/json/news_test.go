package json_test

import (
	"strings"
	"testing"

	"jackfield/connectors/json"
	"jackfield/connectors/kit"
	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
	"jackfield/flow/value"
)

// news reads a file from a mark to its end, and gives the ids of what is new.
func news(t *testing.T, with flow.Values, file string, mark flow.Cursor) (ids string, bad []kit.Bad, _ flow.Cursor) {
	t.Helper()
	env := kittest.Env(t)
	env.Documents, env.Want = true, value.Of(nil)
	put(t, env, "in.json", file)
	op, _ := json.New().Op("read")
	source := op.New().(kit.Source)
	with["path"] = "in.json"
	for _, p := range source.Fields().Bind("s", with) {
		t.Fatal(p)
	}
	after := mark
	var got []string
	for {
		page, err := source.Read(t.Context(), env, after)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range page.Data {
			got = append(got, text(v.(map[string]any)["id"]))
		}
		bad = append(bad, page.Bad...)
		if page.Mark != nil {
			mark = page.Mark
		}
		if after = page.Next; !page.More {
			return strings.Join(got, " "), bad, mark
		}
	}
}

func TestReadTakesOnlyWhatIsNew(t *testing.T) {
	with := flow.Values{"lines": true, "cursor": "meta.at"}
	file := `{"id":1,"meta":{"at":"2026-03-01T10:00:00Z"}}
{"id":2,"meta":{"at":"2026-03-01T12:00:00+02:00"}}
{"id":3,"meta":{"at":"2026-02-01T12:00:00Z"}}
`
	got, bad, mark := news(t, with, file, nil)
	if got != "1 2 3" || len(bad) > 0 || mark == nil {
		t.Fatalf("at first %q, %v, %s", got, bad, mark)
	}
	got, bad, _ = news(t, with, file+`{"id":4,"meta":{"at":"2026-03-01T10:00:00Z"}}
no JSON
{"id":5}
{"id":6,"meta":{"at":"2026-03-01T10:00:01Z"}}
{"id":7,"meta":{"at":"2026-03-01T09:00:00Z"}}
`, mark)
	if got != "4 6" {
		t.Errorf("then %q, want 4, which has the greatest cursor too, and 6", got)
	}
	if len(bad) != 2 || bad[0].At != 1 || bad[1].At != 2 || bad[1].Failure.Field != "cursor" {
		t.Errorf("bad are %+v", bad)
	}
}

func TestReadOfManyPagesMarksAtItsEnd(t *testing.T) {
	var file strings.Builder
	for n := range 2500 {
		file.WriteString(`{"id":` + text(n) + `,"n":` + text(5000-n) + "}\n")
	}
	got, _, mark := news(t, flow.Values{"cursor": "n"}, file.String(), nil)
	if n := len(strings.Fields(got)); n != 2500 {
		t.Errorf("at first %d records", n)
	}
	if got, _, _ = news(t, flow.Values{"cursor": "n"}, file.String()+`{"id":"new","n":5001}`, mark); got != `"new"` {
		t.Errorf("then %q", got)
	}
}
