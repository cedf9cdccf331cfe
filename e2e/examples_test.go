package e2e

import (
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"testing"

	"jackfield/examples"
)

// seen is what a run of an example must come to, and how somebody else finds that out.
type seen struct {
	code   int
	counts string
	check  func(t *testing.T, f folder, p *program)
}

// TestExamplesComeToWhatOthersCount runs every example there is in the headless build.
func TestExamplesComeToWhatOthersCount(t *testing.T) {
	expected := expectations(t)
	files := exampleFiles(t)
	for name := range expected {
		if !slices.Contains(files, name) {
			t.Errorf("there is no example %s", name)
		}
	}
	for _, name := range files {
		want, known := expected[name]
		if name == "approval.flow.yaml" {
			continue // it waits for a person: TestARunThatAsksGoesOnWithTheAnswersOfAnotherCommand is one
		}
		if remotes[name] != nil {
			continue // it needs a server: TestExamplesOfRemoteFilesWorkAgainstRealServers
		}
		if !known {
			t.Errorf("nobody says what %s comes to", name)
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, f := newProgram(t), copyExamples(t)
			p.run("check", f.path(name)).want(t, 0)
			again, remembers := secondTime()[name]
			if !remembers {
				again = want.counts // a second run must come to the same
			}
			for _, counts := range []string{want.counts, again} {
				r := p.run("run", f.path(name), "--json").want(t, want.code)
				equal(t, "counts", onlySummary(t, r.out).counts(), counts)
			}
			want.check(t, f, p)
		})
	}
}

// secondTime says what the second run comes to of an example that remembers its first.
func secondTime() map[string]string {
	return map[string]string{
		"incremental.flow.yaml": "",
		"delta.flow.yaml":       "compare.unchanged=4 staff.done=4",
	}
}

func exampleFiles(t *testing.T) (files []string) {
	t.Helper()
	err := fs.WalkDir(examples.Files, ".", func(path string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ".flow.yaml") {
			files = append(files, path)
		}
		return err
	})
	if err != nil || len(files) < 10 {
		t.Fatalf("%v, examples %v", err, files)
	}
	return files
}

func expectations(t *testing.T) map[string]seen {
	const iso, unicode = "/usr/share/iso-codes/json/", "/usr/share/unicode/UnicodeData.txt"
	countries := ask(t, "jq", `."3166-1" | length`, iso+"iso_3166-1.json")
	parts := ask(t, "jq", `."3166-2" | length`, iso+"iso_3166-2.json")
	characters := strings.Fields(ask(t, "wc", "-l", unicode))[0]
	return map[string]seen{
		"core.flow.yaml": {0, "all.done=1 dear.false=1 dear.true=3 lines.done=4 small.done=1 start.done=2 tell.done=1", func(t *testing.T, _ folder, p *program) {
			p.run("runs", "logs", "last").want(t, 0).says(t, "3 lines over 50, together 243.2", "Cork board of order 1 is cheap")
		}},
		"csv.flow.yaml": {0, "articles.done=7 in_stock.false=2 in_stock.true=5 plain.done=7 write.done=5", func(t *testing.T, f folder, _ *program) {
			in := ask(t, "sh", "-c", `iconv -f windows-1252 -t utf-8 "$0" | tr -d '\r' | awk -F';' 'NR > 1 && $NF > 0' | wc -l`, f.path("data/articulos.csv"))
			equal(t, "articles in stock", fmt.Sprint(f.lines("out/articles.csv")-1), in)
			equal(t, "first line", strings.Split(f.read("out/articles.csv"), "\n")[1], "100,Lámpara de mesa,36,12")
		}},
		"incremental.flow.yaml": {0, "keep.done=7 readings.done=7 tell.done=7", func(t *testing.T, f folder, _ *program) {
			equal(t, "readings", f.sql("out/readings.db", "select count(*) from readings"), "6")
		}},
		"delta.flow.yaml": {0, "came.done=4 compare.created=4 staff.done=4 write.done=4", func(*testing.T, folder, *program) {}},
		"files.flow.yaml": {0, "answer.done=3 letters.done=3 read.done=3 tell.done=3", func(t *testing.T, f folder, _ *program) {
			equal(t, "answers", ask(t, "sh", "-c", `cd "$0" && ls`, f.path("out/answers")), ask(t, "sh", "-c", `cd "$0" && ls`, f.path("data/letters")))
		}},
		"http.flow.yaml": {0, "contacts.done=95 country.false=77 country.true=18 greet.done=18 sent.done=18", func(t *testing.T, f folder, _ *program) {
			equal(t, "greetings", ask(t, "jq", "-s", `[.[] | select(.text | startswith("Dzień dobry"))] | map(.to) | unique | length`, f.path("out/greetings.jsonl")), "18")
		}},
		"json.flow.yaml": {0, "authors.done=7 authors.empty=1 books.done=5 nobody.done=1 write.done=7", func(t *testing.T, f folder, _ *program) {
			want := ask(t, "jq", "-c", `[.library.books[] | {title, year} as $b | .authors[] | {author: .name} + $b] | sort`, f.path("data/library.json"))
			equal(t, "authors", ask(t, "jq", "-c", "sort", f.path("out/authors.json")), want)
		}},
		"orders.flow.yaml": {
			3, "cancelled.done=4 keep.done=31 orders.done=40 others.done=2 rejects.done=3 route.cancelled=4 route.paid=34 route.unmatched=2 send.done=31 send.failed=3 shape.done=34",
			func(t *testing.T, f folder, _ *program) { checkOrders(t, f, refusedOrders(t, f)) },
		},
		"process.flow.yaml": {0, "count.done=3 letters.done=3 longest.done=3 read.done=3 shape.done=3 write.done=3", func(t *testing.T, f folder, _ *program) {
			want := ask(t, "sh", "-c", `cd "$0" && for l in *.txt; do echo "$l,$(wc -w < "$l")"; done | sort -t, -k2,2nr`, f.path("data/letters"))
			equal(t, "words", f.read("out/words.csv"), "letter,words\n"+strings.TrimSpace(want)+"\n")
		}},
		"xml.flow.yaml": {0, "open.done=2 open.empty=1 orders.done=3 write.done=2", func(t *testing.T, f folder, _ *program) {
			want := ask(t, "grep", "-c", `<order .*state="open"`, f.path("data/partner.xml"))
			equal(t, "open orders", ask(t, "grep", "-c", "<order ", f.path("out/open.xml")), want)
		}},
		"yaml.flow.yaml": {0, "people.done=2 teams.done=2 write.done=2", func(t *testing.T, f folder, _ *program) {
			equal(t, "on duty", ask(t, "grep", "-c", "name:", f.path("out/duty.yaml")), "2")
			equal(t, "not on duty", ask(t, "sh", "-c", `grep -c Hübner "$0" || true`, f.path("out/duty.yaml")), "0")
		}},
		"retry.flow.yaml": {3, "count.done=2 count.failed=1 east.done=1 others.done=1 stock.done=2 warehouses.done=3", func(t *testing.T, f folder, _ *program) {
			equal(t, "stock", f.read("out/stock.csv"), "warehouse,pieces\nnorth,41\nsouth,12\n")
		}},
		"schedule.flow.yaml": {0, "ask.done=1 morning.done=1 note.done=1", func(t *testing.T, f folder, _ *program) {
			rows := f.rows("out/contacts-by-day.csv")
			equal(t, "lines after two runs", len(rows), 3)
			equal(t, "contacts", rows[2][slices.Index(rows[0], "contacts")], "95")
		}},
		"sqlite.flow.yaml": {0, "all.done=1 keep.done=5 left.done=3 start.done=5 tell.done=3", func(t *testing.T, f folder, p *program) {
			equal(t, "stock", f.sql("out/stock.db", "select item, sum(change) from movements group by 1 order by 1"), "Desk lamp|9\nOak shelf|4\nTea kettle|0")
			p.run("runs", "logs", "last").want(t, 0).says(t, "Tea kettle: 0 left, last moved on 2026-03-09")
		}},
		"webhook.flow.yaml": {0, "good.true=1 hook.done=1 keep.done=1 taken.done=1", func(t *testing.T, f folder, _ *program) {
			equal(t, "orders", f.sql("out/webhook.db", "select * from orders"), "W-1|Ada|54.8")
		}},
		"debian/countries.flow.yaml": {0, fmt.Sprintf("both.done=1 count.done=%s countries.done=%s keep_countries.done=%s keep_parts.done=%s parts.done=%s write.done=%s",
			countries, countries, countries, parts, parts, countries), func(t *testing.T, f folder, _ *program) {
			equal(t, "rows", f.sql("out/countries.db", "select (select count(*) from countries), (select count(*) from subdivisions), (select count(distinct code) from subdivisions)"), countries+"|"+parts+"|"+parts)
			one := ask(t, "jq", `[."3166-2"[] | select(.code | startswith("AT-"))] | length`, iso+"iso_3166-2.json")
			equal(t, "parts of Austria", ask(t, "sh", "-c", `grep '^AT,' "$0"`, f.path("out/subdivisions.csv")), "AT,Austria,"+one)
			equal(t, "lines", fmt.Sprint(f.lines("out/subdivisions.csv")-1), countries)
		}},
		"debian/unicode.flow.yaml": {0, fmt.Sprintf("characters.done=%s keep.done=%s shape.done=%s", characters, characters, characters), func(t *testing.T, f folder, _ *program) {
			equal(t, "rows", f.sql("out/unicode.db", "select count(*) || ' ' || count(distinct code) from characters"), characters+" "+characters)
			letters := ask(t, "awk", "-F;", `$3 == "Lu" {n++} END {print n}`, unicode)
			equal(t, "capital letters", f.sql("out/unicode.db", "select count(*) from characters where category = 'Lu'"), letters)
			equal(t, "Ä", f.sql("out/unicode.db", "select number, name, lower from characters where code = 'U+00C4'"), strconv.Itoa('Ä')+"|LATIN CAPITAL LETTER A WITH DIAERESIS|ä")
		}},
	}
}

func TestRetryExampleSaysWhatToDoAndDoingItHelps(t *testing.T) {
	t.Parallel()
	p, f := newProgram(t), copyExamples(t)
	r := p.run("run", f.path("retry.flow.yaml")).want(t, 3)
	id := p.runs()[0].Run
	r.says(t, `step "count", field "path", record `, ": there is no file stock-east-"+id+".txt in ", "\n    \"east\"\n", "to go on: jackfield runs resume "+id)
	p.run("runs", "show", id).want(t, 0).says(t, `1 failed record of step "count": jackfield runs records `+id+" count --outlet failed")

	again := p.run("runs", "resume", "last").want(t, 0)
	again.says(t, "✓ Fails at first: done").hides(t, "failed", "to go on")
	equal(t, "stock", f.read("out/stock.csv"), "warehouse,pieces\nnorth,41\nsouth,12\neast,17\n")
	runs := p.runs()
	equal(t, "runs", len(runs), 1)
	equal(t, "state", runs[0].State, "done")
	equal(t, "times resumed", runs[0].Resumed, 1)
	p.run("runs", "resume", "last").want(t, 2).says(t, "run "+id+" did everything; nothing is left to resume; start the flow anew")
}
