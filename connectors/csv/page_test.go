package csv_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
)

func TestPagesGoOnWhereTheOneBeforeEnded(t *testing.T) {
	for _, tt := range []struct {
		name   string
		encode func(string) string
		with   flow.Values
	}{
		{"utf-8", func(s string) string { return s }, nil},
		{"utf-8 with mark", func(s string) string { return "\ufeff" + s }, nil},
		{"utf-16", func(s string) string { return inUTF16("\ufeff"+s, true) }, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			env := kittest.Env(t)
			var text strings.Builder
			text.WriteString("a,b\r\n")
			var want []any
			for i := range 3500 {
				b := strings.Repeat("é\U0001f600", i%7) + "\n\""
				fmt.Fprintf(&text, "%d,\"%s\"\r\n", i, strings.ReplaceAll(b, `"`, `""`))
				want = append(want, map[string]any{"a": fmt.Sprint(i), "b": b})
			}
			text.WriteString("bad\n\r\n")
			put(t, env, "in.csv", tt.encode(text.String()))
			all, err := pages(t, env, flow.Values{"path": "in.csv"}, nil)
			if err != nil || len(all) != 4 {
				t.Fatalf("%d pages, %v", len(all), err)
			}
			got, bad := table(t, env, flow.Values{"path": "in.csv"})
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%d records of %d, or others", len(got), len(want))
			}
			if line := fmt.Sprintf("in.csv:%d:", 2+2*3500); !strings.HasPrefix(bad[3500], line) {
				t.Errorf("bad %v, want %s", bad, line)
			}
		})
	}
}

func TestPageThatIsFullIsTheLastWhereNothingFollows(t *testing.T) {
	env := kittest.Env(t)
	put(t, env, "in.csv", "a\n"+strings.Repeat("1\n", 1000)+"\n\n")
	all, err := pages(t, env, flow.Values{"path": "in.csv"}, nil)
	if err != nil || len(all) != 1 || len(all[0].Data) != 1000 || all[0].Mark != nil {
		t.Errorf("%d pages, %v", len(all), err)
	}
}

func TestFileThatWasExchangedBetweenPagesIsAProblem(t *testing.T) {
	env := kittest.Env(t)
	for _, other := range []string{"a\n", "a\n" + strings.Repeat("22\n", 2000)} {
		put(t, env, "in.csv", "a\n"+strings.Repeat("1\n", 2000))
		read := made(t, "read", flow.Values{"path": "in.csv"}).(kit.Source)
		page, err := read.Read(t.Context(), env, nil)
		if err != nil {
			t.Fatal(err)
		}
		put(t, env, "in.csv", other)
		if _, err = read.Read(t.Context(), env, page.Next); err == nil || !strings.Contains(err.Error(), "in.csv was exchanged while it was read") {
			t.Errorf("%v", err)
		}
	}
	put(t, env, "in.csv", "a\n"+strings.Repeat("1\n", 2000))
	read := made(t, "read", flow.Values{"path": "in.csv"}).(kit.Source)
	page, err := read.Read(t.Context(), env, nil)
	if err != nil {
		t.Fatal(err)
	}
	put(t, env, "in.csv", "a\n"+strings.Repeat("1\n", 2000)+"2\n")
	page, err = read.Read(t.Context(), env, page.Next)
	if err != nil || len(page.Data) != 1000 || !page.More {
		t.Errorf("a file that grew: %d, %v", len(page.Data), err)
	}
}

func TestCursorTakesOnlyWhatIsNew(t *testing.T) {
	env := kittest.Env(t)
	column := func(values ...string) string { return "a,b\n" + strings.Join(values, ",x\n") + ",x\n" }
	with := flow.Values{"path": "in.csv", "cursor": "a", "behind": "go_on"}
	for _, tt := range []struct {
		name string
		runs []string // what the file is before each run
		want [][]string
	}{
		{
			"numbers, not sorted",
			[]string{column("9", "10", "2"), column("9", "10", "2", "10.0", "9.5", "11", "100")},
			[][]string{{"9", "10", "2"}, {"10.0", "11", "100"}},
		},
		{
			"texts",
			[]string{column("2026-01-31", "2025-12-31"), column("2026-01-31", "2026-02-01", "2026-01-30")},
			[][]string{{"2026-01-31", "2025-12-31"}, {"2026-02-01"}},
		},
		{
			"texts among numbers",
			[]string{column("10", "9", "x"), column("10", "y", "9")},
			[][]string{{"10", "9", "x"}, {"y"}},
		},
		{
			"a text behind numbers",
			[]string{column("10"), column("10", "x", "2")},
			[][]string{{"10"}, {"x"}},
		},
		{
			"ids of twenty digits",
			[]string{column("12345678901234567890"), column("12345678901234567890", "12345678901234567891")},
			[][]string{{"12345678901234567890"}, {"12345678901234567891"}},
		},
		{
			"nothing new keeps the mark",
			[]string{column("5"), column("5"), column("4"), column("6", "5")},
			[][]string{{"5"}, nil, nil, {"6"}},
		},
		{
			"empty",
			[]string{column("", "1"), column("", "1", "2")},
			[][]string{{"", "1"}, {"2"}},
		},
		{
			"empty file between",
			[]string{column("5"), "", "a,b\n", column("5", "6")},
			[][]string{{"5"}, nil, nil, {"6"}},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var mark flow.Cursor
			for i, file := range tt.runs {
				put(t, env, "in.csv", file)
				all, err := pages(t, env, with, mark)
				if err != nil {
					t.Fatal(err)
				}
				var got []string
				for _, p := range all {
					for _, r := range p.Data {
						got = append(got, r.(map[string]any)["a"].(string))
					}
				}
				if !reflect.DeepEqual(got, tt.want[i]) {
					t.Errorf("run %d: %q, want %q", i, got, tt.want[i])
				}
				if m := all[len(all)-1].Mark; m != nil {
					mark = m
				}
			}
		})
	}
}

func TestCursorMovesWithTheLastPage(t *testing.T) {
	env := kittest.Env(t)
	var file strings.Builder
	file.WriteString("id\n")
	for i := range 2500 {
		fmt.Fprintln(&file, 5000-i)
	}
	put(t, env, "in.csv", file.String())
	with := flow.Values{"path": "in.csv", "cursor": "id", "columns": []any{"id"}}
	all, err := pages(t, env, with, nil)
	if err != nil || len(all) != 3 {
		t.Fatalf("%d pages, %v", len(all), err)
	}
	if all[0].Mark != nil || all[1].Mark != nil || string(all[2].Mark) != `{"of":"id","mark":"5000","seen":"AAAAAAAAAADsTeNADqL8lg=="}` {
		t.Errorf("marks %s, %s, %s", all[0].Mark, all[1].Mark, all[2].Mark)
	}
	put(t, env, "in.csv", file.String()+"5001\n")
	again, err := pages(t, env, with, all[2].Mark)
	if err != nil || len(again) != 1 || !reflect.DeepEqual(again[0].Data, []any{map[string]any{"id": "5001"}}) {
		t.Errorf("%v, %v", again, err)
	}
}

func TestCursorOfAnotherColumnStartsAnew(t *testing.T) {
	env := kittest.Env(t)
	put(t, env, "in.csv", "a,b\n1,9\n2,8\n")
	var said []string
	env.Write = func(l flow.LogLine) { said = append(said, l.Text) }
	all, err := pages(t, env, flow.Values{"path": "in.csv", "cursor": "b"}, flow.Cursor(`{"column":"a","above":{"value":"2","number":true}}`))
	if err != nil || len(all[0].Data) != 2 || len(said) != 1 || !strings.Contains(said[0], `the cursor was of a; b is read from its beginning`) {
		t.Errorf("%v, %v, %q", all, err, said)
	}
	if _, err := pages(t, env, flow.Values{"path": "in.csv"}, flow.Cursor(`nonsense`)); err == nil {
		t.Error("a cursor that cannot be read is read")
	}
}

func TestDelimiterThatSeemsToBeAnotherOneIsLogged(t *testing.T) {
	env := kittest.Env(t)
	put(t, env, "in.csv", "id;name\n1;x\n")
	var said []flow.LogLine
	env.Write = func(l flow.LogLine) { said = append(said, l) }
	if _, err := pages(t, env, flow.Values{"path": "in.csv"}, nil); err != nil {
		t.Fatal(err)
	}
	if len(said) != 1 || said[0].Level != flow.Warn || !strings.Contains(said[0].Text, `is its delimiter ";"?`) {
		t.Errorf("%+v", said)
	}
}

func TestCursorFindsRowsThatCameLate(t *testing.T) {
	env := kittest.Env(t)
	with := flow.Values{"path": "in.csv", "cursor": "at", "overlap": "10m"}
	ids := func(mark flow.Cursor, file string) (string, flow.Cursor) {
		t.Helper()
		put(t, env, "in.csv", "id,at\n"+file)
		all, err := pages(t, env, with, mark)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, p := range all {
			for _, r := range p.Data {
				got = append(got, r.(map[string]any)["id"].(string))
			}
			if p.Mark != nil {
				mark = p.Mark
			}
		}
		return strings.Join(got, " "), mark
	}
	first := "1,2026-03-01 10:00\n2,2026-03-01 10:20\n"
	got, mark := ids(nil, first)
	if got != "1 2" {
		t.Fatalf("at first it took %q", got)
	}
	late := first + "3,2026-03-01 10:15\n4,2026-03-01 10:05\n2,2026-03-01 10:20\n"
	if got, mark = ids(mark, late); got != "3 2" {
		t.Errorf("then it took %q, want the late 3 and the second 2; 4 was later than the overlap", got)
	}
	if got, _ = ids(mark, late); got != "" {
		t.Errorf("in the end it took %q", got)
	}
}

func TestCursorSaysThatTheFileIsOlder(t *testing.T) {
	env := kittest.Env(t)
	put(t, env, "in.csv", "id\n1\n2\n")
	all, err := pages(t, env, flow.Values{"path": "in.csv", "cursor": "id"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	put(t, env, "in.csv", "id\n1\n")
	_, err = pages(t, env, flow.Values{"path": "in.csv", "cursor": "id"}, all[0].Mark)
	if f := kit.AsFailure(err); err == nil || f.Field != "cursor" || !strings.Contains(f.What, "goes backwards") || f.Fix == "" {
		t.Errorf("it gave %v", err)
	}
}

func TestCursorOfAnEarlierJackfieldGoesOn(t *testing.T) {
	env := kittest.Env(t)
	put(t, env, "in.csv", "id\n1\n2\n3\n2\n")
	all, err := pages(t, env, flow.Values{"path": "in.csv", "cursor": "id"}, flow.Cursor(`{"column":"id","above":{"value":"2","number":true}}`))
	if err != nil || !reflect.DeepEqual(all[0].Data, []any{map[string]any{"id": "3"}}) {
		t.Errorf("it took %v, %v", all, err)
	}
}
