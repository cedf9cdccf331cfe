package examples_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"jackfield/flow"
)

// debian reads a file that one of Debian's packages brings.
func debian(t *testing.T, path, pkg string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; apt install %s", err, pkg)
	}
	return data
}

// entries counts the entries of an ISO 3166 file with the standard library.
func entries(t *testing.T, part string) int {
	t.Helper()
	var doc map[string][]json.RawMessage
	if err := json.Unmarshal(debian(t, "/usr/share/iso-codes/json/iso_"+part+".json", "iso-codes"), &doc); err != nil {
		t.Fatal(err)
	}
	if len(doc[part]) < 200 {
		t.Fatalf("%d entries of %s are too few to be all", len(doc[part]), part)
	}
	return len(doc[part])
}

func TestCountriesComeWhole(t *testing.T) {
	countries, parts := entries(t, "3166-1"), entries(t, "3166-2")
	s := newStage(t)
	counts := fmt.Sprintf("both.done=1 count.done=%[1]d countries.done=%[1]d keep_countries.done=%[1]d keep_parts.done=%[2]d parts.done=%[2]d write.done=%[1]d", countries, parts)
	for range 2 { // the second run finds everything there
		wantRun(t, s, s.run("debian/countries"), flow.RunDone, counts)
		wantText(t, "countries and subdivisions", s.ask("countries.db", "select (select count(*) from countries), (select count(*) from subdivisions)"),
			fmt.Sprintf("%d|%d", countries, parts))
	}
	wantText(t, "subdivisions without a country", s.ask("countries.db",
		"select count(*) from subdivisions where country not in (select alpha_2 from countries)"), "0")
	wantText(t, "Austria", s.ask("countries.db", "select alpha_3, numeric, official_name, (select count(*) from subdivisions where country = 'AT') from countries where alpha_2 = 'AT'"),
		"AUT|040|Republic of Austria|9")
	rows := table(t, s.file("subdivisions.csv"))
	sum := 0
	for _, row := range rows[1:] {
		var n int
		if _, err := fmt.Sscan(row[len(row)-1], &n); err != nil {
			t.Fatal(err)
		}
		sum += n
	}
	if len(rows)-1 != countries || sum != parts {
		t.Errorf("the list has %d countries with %d subdivisions, want %d with %d", len(rows)-1, sum, countries, parts)
	}
}

func TestEveryCharacterOfUnicodeComes(t *testing.T) {
	data := debian(t, "/usr/share/unicode/UnicodeData.txt", "unicode-data")
	lines := bytes.Count(data, []byte("\n"))
	if lines < 30_000 {
		t.Fatalf("%d lines are too few to be all", lines)
	}
	s := newStage(t)
	wantRun(t, s, s.run("debian/unicode"), flow.RunDone, fmt.Sprintf("characters.done=%[1]d keep.done=%[1]d shape.done=%[1]d", lines))
	letters := 0
	for line := range strings.Lines(string(data)) {
		if strings.Split(line, ";")[2] == "Lu" {
			letters++
		}
	}
	wantText(t, "characters, numbers, capitals", s.ask("unicode.db",
		"select count(*), count(distinct number), sum(category = 'Lu') from characters"), fmt.Sprintf("%[1]d|%[1]d|%[2]d", lines, letters))
	wantText(t, "the long s", s.ask("unicode.db", "select number, name, upper, lower is null, mirrored from characters where code = 'U+017F'"),
		"383|LATIN SMALL LETTER LONG S|S|1|0")
	wantText(t, "the last one", s.ask("unicode.db", "select max(number) from characters"), "1114109")
}
