package csv_test

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"jackfield/connectors/csv"
	"jackfield/connectors/kit"
	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
)

func TestReadTakesFilesAsTheyAre(t *testing.T) {
	latin := flow.Values{"encoding": "latin1"}
	for _, tt := range []struct {
		name, file string
		with       flow.Values
		want       []any
	}{
		{"plain", "a,b\n1,2\n3,4\n", nil, rows([]string{"1", "2"}, []string{"3", "4"})},
		{"no final newline", "a,b\n1,2", nil, rows([]string{"1", "2"})},
		{"CRLF", "a,b\r\n1,2\r\n\r\n3,4\r\n", nil, rows([]string{"1", "2"}, []string{"3", "4"})},
		{"CRLF cut off", "a,b\r\n1,2\r", nil, rows([]string{"1", "2"})},
		{"CR only", "a,b\r1,2\r3,\"4\"\r", nil, rows([]string{"1", "2"}, []string{"3", "4"})},
		{"byte order mark", "\ufeffa,b\n1,2\n", nil, rows([]string{"1", "2"})},
		{"quotes", "a,b\n\"x,\"\"y\"\"\n\r\nz\",\"\"\n\"\"\"\",1\n", nil, rows([]string{"x,\"y\"\n\r\nz", ""}, []string{`"`, "1"})},
		{"quoted names", "\"a\",\"b\"\n1,2\n", nil, rows([]string{"1", "2"})},
		{"quoted last without newline", "a,b\n1,\"2\"", nil, rows([]string{"1", "2"})},
		{"empty last cell", "a,b\n1,\n\"x\",", nil, rows([]string{"1", ""}, []string{"x", ""})},
		{"spaces stay", "a,b\n 1 ,\t2\n", nil, rows([]string{" 1 ", "\t2"})},
		{"blank lines", "\n\na,b\n\n1,2\n\n\n", nil, rows([]string{"1", "2"})},
		{"one column", "a\n1\n\n2\n\"\"\n", nil, rows([]string{"1"}, []string{"2"}, []string{""})},
		{"empty file", "", nil, nil},
		{"only a mark", "\ufeff", nil, nil},
		{"only names", "a,b\n", nil, nil},
		{"only names without newline", "a,b", nil, nil},
		{"semicolons", "a;b\n1,5;2\n", flow.Values{"delimiter": ";"}, rows([]string{"1,5", "2"})},
		{"tabs", "a\tb\n1\t2\n", flow.Values{"delimiter": "tab"}, rows([]string{"1", "2"})},
		{"bars", "a|b\n1|2\n", flow.Values{"delimiter": "|"}, rows([]string{"1", "2"})},
		{"long delimiter", "a||b\n1||2|\n\"x||\"||\"y\"\n", flow.Values{"delimiter": "||"}, rows([]string{"1", "2|"}, []string{"x||", "y"})},
		{"no names", "1,2\n3,4\n", flow.Values{"header": false, "columns": []any{"a", "b"}}, rows([]string{"1", "2"}, []string{"3", "4"})},
		{"no names at all", "1,2\n", flow.Values{"header": false}, []any{map[string]any{"column1": "1", "column2": "2"}}},
		{"a name is missing", "a,,c\n1,2,3\n", nil, []any{map[string]any{"a": "1", "column2": "2", "c": "3"}}},
		{"chosen columns", "a,x,b\n1,9,\"\"\"2\"\n", flow.Values{"columns": []any{"b", "a"}}, rows([]string{"1", `"2`})},
		{"skipped lines", "about \"this\nfile\n\na,b\n1,2\n", flow.Values{"skip": 2}, rows([]string{"1", "2"})},
		{"more skipped than there is", "a,b\n", flow.Values{"skip": 9}, nil},
		{"other quote", "a,b\n'1,','it''s'\n", flow.Values{"quote": "'"}, rows([]string{"1,", "it's"})},
		{"no quote", "a,b\n\"1,2\"\n", flow.Values{"quote": ""}, rows([]string{`"1`, `2"`})},
		{"lenient", "a,b\n1\"2,\"x \"y\" z\"\n", flow.Values{"lenient": true}, rows([]string{`1"2`, `x "y" z`})},
		{
			"numbers", "a,b,c,d,e,f\n1,-0.5,007,1e3,12345678901234567890,1 2\n",
			flow.Values{"numbers": true},
			[]any{map[string]any{"a": 1, "b": -0.5, "c": "007", "d": 1000.0, "e": whole("12345678901234567890"), "f": "1 2"}},
		},
		{"latin1", "a,b\n\xe9,\"\x80,\"\n", latin, rows([]string{"é", "€,"})},
		{"mark wins", "\xef\xbb\xbfa,b\né,2\n", latin, rows([]string{"é", "2"})},
		{"cp850", "a,b\n\x82,2\n", flow.Values{"encoding": "cp850"}, rows([]string{"é", "2"})},
		{"shift_jis", "a,b\n\x83\x5c\x83\x7c,\"\x95\x5c\"\n", flow.Values{"encoding": "shift_jis"}, rows([]string{"ソポ", "表"})},
		{"delimiter beyond ASCII", "a\xa7b\n1\xa72\n", flow.Values{"encoding": "latin1", "delimiter": "§"}, rows([]string{"1", "2"})},
		{"utf-16 with mark", inUTF16("\ufeffa,b\né,\"\U0001f600\n\"\n", false), nil, rows([]string{"é", "\U0001f600\n"})},
		{"utf-16 big end", inUTF16("\ufeffa,b\né,2\n", true), nil, rows([]string{"é", "2"})},
		{"utf-16 without mark", inUTF16("a,b\né,2\n", false), flow.Values{"encoding": "utf-16le"}, rows([]string{"é", "2"})},
	} {
		t.Run(tt.name, func(t *testing.T) {
			env := kittest.Env(t)
			put(t, env, "in.csv", tt.file)
			with := flow.Values{"path": "in.csv"}
			for k, v := range tt.with {
				with[k] = v
			}
			got, bad := table(t, env, with)
			if len(bad) > 0 || !reflect.DeepEqual(got, tt.want) {
				t.Errorf("%#v, bad %v\nwant %#v", got, bad, tt.want)
			}
		})
	}
}

func TestRowThatCannotBeReadCostsNoOther(t *testing.T) {
	for _, tt := range []struct {
		name, file string
		with       flow.Values
		records    int
		bad        map[int]string
	}{
		{
			"ragged", "a,b\n1,2\n1,2,3\n1\n1,2\n", nil, 2,
			map[int]string{
				1: "in.csv:3: 3 cells where the row of names has 2; put quotes around cells that hold the delimiter, or set another delimiter",
				2: "in.csv:4: 1 cell where the row of names has 2; add the cells that are missing, or put quotes around cells that hold a line end",
			},
		},
		{
			"ragged without names", "1,2\n1\n",
			flow.Values{"header": false},
			1,
			map[int]string{1: "in.csv:2: 1 cell where the first row has 2"},
		},
		{
			"ragged with given names", "1,2\n1,2,3\n",
			flow.Values{"header": false, "columns": []any{"x", "y", "z"}},
			1,
			map[int]string{0: "in.csv:1: 2 cells where the setting columns has 3"},
		},
		{
			"wrong encoding", "a,b\n1,2\n\xe9t\xe9,2\n3,4\n", nil, 2,
			map[int]string{1: `field "encoding": in.csv:3: the byte 0xe9 at offset 8 of the file is not UTF-8; set the encoding of the file; try windows-1252`},
		},
		{
			"wrong encoding in quotes", "a,b\n1,\"x\ny\xff\"\n3,4\n", nil, 1,
			map[int]string{0: `field "encoding": in.csv:2: the byte 0xff at offset 10 of the file is not UTF-8`},
		},
		{
			"does not fit the encoding", "a,b\n\x81,2\n3,4\n",
			flow.Values{"encoding": "shift_jis"},
			1,
			map[int]string{0: `field "encoding": in.csv:2: cell 1 does not fit the encoding; set the encoding of the file`},
		},
		{
			"quote inside", "a,b\n1\"x,2\n3,4\n", nil, 1,
			map[int]string{0: "in.csv:2: a quote stands inside a cell that is not in quotes; put quotes around the whole cell and double"},
		},
		{
			"quote inside quotes", "a,b\n\"x\"y\",2\n3,4\n", nil, 1,
			map[int]string{0: "in.csv:2: a quote stands inside a cell that is in quotes"},
		},
		{
			"quote never closed", "a,b\n\"x,2\n3,4\n5,6\n", nil, 2,
			map[int]string{0: "in.csv:2: a quote is opened here and never closed"},
		},
		{
			"quote closed by the next one", "a,b\n\"x,2\n3,4\n5,\"6\"\n7,8\n", nil, 3,
			map[int]string{0: "in.csv:2: a quote stands inside a cell that is in quotes"},
		},
		{
			"two lines in quotes count", "a,b\n\"x\ny\",2\n1\n", nil, 1,
			map[int]string{1: "in.csv:4: 1 cell where"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			env := kittest.Env(t)
			put(t, env, "in.csv", tt.file)
			with := flow.Values{"path": "in.csv"}
			for k, v := range tt.with {
				with[k] = v
			}
			got, bad := table(t, env, with)
			if len(got) != tt.records || len(bad) != len(tt.bad) {
				t.Fatalf("%d records %v, bad %v", len(got), got, bad)
			}
			for at, want := range tt.bad {
				if !strings.HasPrefix(bad[at], want) {
					t.Errorf("bad at %d: %s\nwant %s", at, bad[at], want)
				}
			}
		})
	}
}

func TestBadRowShowsItsLineAndText(t *testing.T) {
	env := kittest.Env(t)
	put(t, env, "in.csv", "a,b\n\"x\n\",2\n\xff,2,\"3\"\r\n")
	all, err := pages(t, env, flow.Values{"path": "in.csv"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"line": 4, "text": "\ufffd,2,\"3\""}
	if got := all[0].Bad; len(got) != 1 || got[0].At != 1 || got[0].Failure.Kind != kit.Malformed || !reflect.DeepEqual(got[0].Data, any(want)) {
		t.Errorf("%+v", got)
	}
}

func TestFileThatCannotBeReadIsAProblem(t *testing.T) {
	for _, tt := range []struct {
		name, file string
		with       flow.Values
		want       string
	}{
		{"duplicate names", "id,x,id\n", nil, `field "header": in.csv:1: the column name "id" stands there twice, as number 1 and 3; rename one of them, or set header: false, skip: 1`},
		{"unknown column", "id,name\n1,2\n", flow.Values{"columns": []any{"id", "nam"}}, `field "columns": in.csv has no column "nam"; did you mean "name"?`},
		{"unknown cursor", "id,name\n1,2\n", flow.Values{"cursor": "updated_at"}, `field "cursor": in.csv has no column "updated_at"; it has id, name`},
		{"names in a wrong encoding", "id,pr\xe9nom\n1,2\n", nil, `in.csv:1: the byte 0xe9 at offset 5 of the file is not UTF-8`},
		{"names with a quote", "id,n\"ame\n", nil, `in.csv:1: a quote stands inside a cell`},
		{"zip", "PK\x03\x04\x14\x00", nil, `in.csv: it is not text: it is a zip archive, perhaps a workbook`},
		{"gzip", "\x1f\x8b\x08\x00", nil, `in.csv: it is not text: it is compressed with gzip; save or unpack it`},
		{"binary", "ab\x00\x01\x02\x03", nil, `in.csv: it is not text: there is a zero byte at offset 2; name a CSV file`},
		{"utf-16 little end", inUTF16("id,name\n", false), nil, `field "encoding": in.csv: it is not text: there is a zero byte at offset 1; it looks like UTF-16; set encoding: utf-16le`},
		{"utf-16 big end", inUTF16("id,name\n", true), nil, `set encoding: utf-16be`},
		{"missing", "", flow.Values{"path": "inn.csv"}, `field "path": there is no file inn.csv in `},
		{"folder", "", flow.Values{"path": "."}, `is a folder; name a file in it`},
		{"below a file", "", flow.Values{"path": "in.csv/x"}, `a part of the path is a file`},
		{"delimiter is the quote", "a\n", flow.Values{"quote": "'", "delimiter": "'"}, `the delimiter and the quote are the same`},
		{"delimiter is not in the encoding", "a\n", flow.Values{"encoding": "koi8-r", "delimiter": "ä"}, `field "delimiter": there is no "ä" in this encoding`},
		{"delimiter inside letters", "a\n", flow.Values{"encoding": "shift_jis", "delimiter": "|"}, `field "delimiter": "|" cannot be told from parts of letters`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			env := kittest.Env(t)
			put(t, env, "in.csv", tt.file)
			with := flow.Values{"path": "in.csv"}
			for k, v := range tt.with {
				with[k] = v
			}
			_, err := pages(t, env, with, nil)
			if err == nil {
				t.Fatal("it is read")
			}
			if got := kit.AsFailure(err).Problem("", "").Error(); !strings.Contains(got, tt.want) {
				t.Errorf("%s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestSettingsThatMakeNoSenseAreRefused(t *testing.T) {
	for _, tt := range []struct {
		field string
		set   any
		want  string
	}{
		{"delimiter", "", "a delimiter is wanted"},
		{"delimiter", "comma", `"comma" is too long for a delimiter`},
		{"delimiter", "\n", "cannot part cells"},
		{"columns", []any{"a", "b", "a"}, `"a" stands there twice`},
		{"quote", "xy", "cannot serve as a quote"},
		{"quote", "»", "cannot serve as a quote"},
		{"skip", -1, "cannot be skipped"},
		{"encoding", "utf-9", `there is no encoding "utf-9"; did you mean "utf-8"?`},
		{"encoding", "klingon", `there is no encoding "klingon"; known are utf-8, windows-1252`},
		{"encoding", "iso-2022-jp", "cannot be read row by row"},
		{"encoding", "ibm037", "cannot be read row by row"},
	} {
		op, _ := csv.New().Op("read")
		problems := op.New().Fields().Bind("s", flow.Values{tt.field: tt.set})
		if len(problems) != 1 || !strings.Contains(problems[0].What, tt.want) {
			t.Errorf("%s = %v: %v, want %s", tt.field, tt.set, problems, tt.want)
		}
	}
}

func TestManyColumnsAndHugeCells(t *testing.T) {
	env := kittest.Env(t)
	var names, cells []string
	for i := range 5000 {
		names = append(names, fmt.Sprintf("column number %d", i))
		cells = append(cells, fmt.Sprintf("\"%d\"", i))
	}
	put(t, env, "wide.csv", strings.Join(names, ",")+"\n"+strings.Join(cells, ",")+"\n"+strings.ReplaceAll(strings.Join(cells, ","), `"`, "")+"\n")
	got, bad := table(t, env, flow.Values{"path": "wide.csv"})
	if len(got) != 2 || len(bad) != 0 || !reflect.DeepEqual(got[0], got[1]) || got[1].(map[string]any)["column number 4999"] != "4999" {
		t.Errorf("%d records, bad %v", len(got), bad)
	}
	huge := strings.Repeat("line of text, and \"\"more\"\"\n", 400_000)
	put(t, env, "huge.csv", "a,b\n1,\""+huge+"\"\n2,y\n3,"+strings.Repeat("z", 10<<20)+"\n4,y\n")
	got, bad = table(t, env, flow.Values{"path": "huge.csv"})
	if len(got) != 4 || len(bad) != 0 {
		t.Fatalf("%d records, bad %v", len(got), bad)
	}
	if got[0].(map[string]any)["b"] != strings.ReplaceAll(huge, `""`, `"`) || len(got[2].(map[string]any)["b"].(string)) != 10<<20 {
		t.Error("huge cells are not what they were")
	}
}

func TestRowBeyondTheLargestIsABadOne(t *testing.T) {
	env := kittest.Env(t)
	endless := strings.Repeat("x", 33<<20)
	put(t, env, "in.csv", "a,b\n1,2\n\""+endless+"\n3,4\n"+endless+"\n5,6\n")
	got, bad := table(t, env, flow.Values{"path": "in.csv"})
	if len(got) != 3 || len(bad) != 2 || !strings.Contains(bad[1], "in.csv:3: the row is longer than 32 MB") || !strings.Contains(bad[3], "in.csv:5: the row is longer") {
		t.Errorf("%d records, bad %v", len(got), bad)
	}
}

func TestReadEndsWithTheRun(t *testing.T) {
	env := kittest.Env(t)
	put(t, env, "in.csv", "a\n1\n")
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := made(t, "read", flow.Values{"path": "in.csv"}).(kit.Source).Read(ctx, env, nil); err != context.Canceled {
		t.Errorf("%v", err)
	}
}

func TestDescribeTellsTheColumns(t *testing.T) {
	env := kittest.Env(t)
	put(t, env, "in.csv", "id,name,x\n1,2,3\n")
	read := made(t, "read", flow.Values{"path": "in.csv", "columns": []any{"name", "id"}, "numbers": true}).(kit.Describer)
	_, out, err := read.Describe(t.Context(), env)
	text, _ := json.Marshal(out)
	want := `{"type":"object","properties":{"id":{"type":["string","number"]},"name":{"type":["string","number"]}},"required":["id","name"],"additionalProperties":false}`
	if err != nil || string(text) != want {
		t.Errorf("%s, %v\nwant %s", text, err, want)
	}
	f, _ := made(t, "read", flow.Values{"path": "in.csv"}).Fields().Field("cursor")
	choices, err := f.Live(t.Context(), env)
	if err != nil || !reflect.DeepEqual(choices, []kit.Choice{{Value: "id", Label: "id"}, {Value: "name", Label: "name"}, {Value: "x", Label: "x"}}) {
		t.Errorf("%v, %v", choices, err)
	}
}
