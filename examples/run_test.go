package examples_test

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"jackfield/flow"
)

func wantRun(t *testing.T, s *stage, run flow.Run, state flow.RunState, counts string) {
	t.Helper()
	if got := s.counts(run.ID); run.State != state || got != counts {
		t.Errorf("%s\n%s\nwant %s\n%s\n%s", run.State, got, state, counts, s.log(run.ID))
	}
}

func wantText(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s:\n%s\nwant:\n%s", what, got, want)
	}
}

// table reads a CSV file that an example wrote, with the standard library's reader.
func table(t *testing.T, text string) [][]string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

const ordersCounts = "cancelled.done=4 keep.done=31 orders.done=40 others.done=2 rejects.done=3 " +
	"route.cancelled=4 route.paid=34 route.unmatched=2 send.done=31 send.failed=3 shape.done=34"

func TestOrdersEndWithExactlyTheirRejects(t *testing.T) {
	s := newStage(t)
	run := s.run("orders")
	wantRun(t, s, run, flow.RunPartial, ordersCounts)
	if run.Failures != 3 || run.Given != 40 {
		t.Errorf("%d failures of %d, want 3 of 40", run.Failures, run.Given)
	}
	wantText(t, "orders kept", s.ask("orders.db", "select count(*), count(distinct number), round(sum(total), 2), min(day), max(day) from orders"), s.expectedTotals())
	wantText(t, "one of them", s.ask("orders.db", "select id, customer, email, quantity, total from orders where id = 'A-1005'"), "A-1005|Inês Carvalho|ines@example.com|3|115.13")
	var refused []string
	for _, row := range table(t, s.file("rejects.csv"))[1:] {
		refused = append(refused, strings.Join(row, "|"))
	}
	if len(refused) != 3 || !strings.Contains(refused[0], "A-1009") || !strings.Contains(refused[1], "A-1022") || !strings.Contains(refused[2], "A-1033") {
		t.Errorf("rejects: %q", refused)
	}
	if rows := table(t, s.file("cancelled.csv")); len(rows) != 5 || strings.Join(rows[0], ",") != "order,ordered_at,customer,item" {
		t.Errorf("cancelled: %q", rows)
	}
}

// expectedTotals computes from the CSV file, in Go and in whole cents, what must be in
// the database.
func (s *stage) expectedTotals() string {
	data, err := os.ReadFile(s.dir + "/data/orders.csv")
	if err != nil {
		s.t.Fatal(err)
	}
	n, cents := 0, 0
	var first, last string
	for _, row := range table(s.t, string(data))[1:] {
		var units, hundredths, vat int
		if row[9] != "paid" || strings.HasPrefix(row[7], "-") || row[7] == "" || row[7] == "0.00" {
			continue
		}
		if _, err := fmt.Sscanf(row[7]+" "+row[8], "%d.%d %d", &units, &hundredths, &vat); err != nil {
			s.t.Fatal(err)
		}
		day := row[1][:10]
		if n == 0 {
			first = day
		}
		n, last = n+1, day
		cents += ((units*100+hundredths)*(100+vat) + 50) / 100
	}
	return fmt.Sprintf("%d|%d|%s|%s|%s", n, n, strings.TrimSuffix(fmt.Sprintf("%d.%02d", cents/100, cents%100), "0"), first, last)
}

func TestOrdersTwiceInsertNothingTwice(t *testing.T) {
	s := newStage(t)
	all := "select * from orders order by id"
	s.run("orders")
	first := s.ask("orders.db", all)
	again := s.run("orders")
	wantRun(t, s, again, flow.RunPartial, ordersCounts)
	wantText(t, "after a second run", s.ask("orders.db", all), first)
	s.reopen() // the demo service begins anew and gives the same numbers
	third := s.run("orders")
	wantRun(t, s, third, flow.RunPartial, ordersCounts)
	wantText(t, "after a run of another program", s.ask("orders.db", all), first)
	if strings.Count(first, "\n") != 30 {
		t.Errorf("%d rows, want 31", strings.Count(first, "\n")+1)
	}
}

func TestCoreExampleGathersTheDearLines(t *testing.T) {
	s := newStage(t)
	run := s.run("core")
	wantRun(t, s, run, flow.RunDone, "all.done=1 dear.false=1 dear.true=3 lines.done=4 small.done=1 start.done=2 tell.done=1")
	if log := s.log(run.ID); !strings.Contains(log, "3 lines over 50, together 243.2") {
		t.Errorf("log: %s", log)
	}
}

func TestCSVExampleReadsOldLetters(t *testing.T) {
	s := newStage(t)
	wantRun(t, s, s.run("csv"), flow.RunDone, "articles.done=7 in_stock.false=2 in_stock.true=5 plain.done=7 write.done=5")
	rows := table(t, s.file("articles.csv"))
	if len(rows) != 6 || rows[1][1] != "Lámpara de mesa" || rows[1][2] != "36" || rows[4][1] != "Cortina de lino «Otoño»" || rows[5][1] != "Perchero; de pie" {
		t.Errorf("got %q", rows)
	}
}

func TestJSONExampleGivesOneEntryAnAuthor(t *testing.T) {
	s := newStage(t)
	run := s.run("json")
	wantRun(t, s, run, flow.RunDone, "authors.done=7 authors.empty=1 books.done=5 nobody.done=1 write.done=7")
	var authors []struct {
		Author, Title string
		Year          int
	}
	if err := json.Unmarshal([]byte(s.file("authors.json")), &authors); err != nil {
		t.Fatal(err)
	}
	if len(authors) != 7 || authors[6].Author != "Jörg Hübner" || authors[6].Year != 2003 {
		t.Errorf("got %+v", authors)
	}
	if log := s.log(run.ID); !strings.Contains(log, `"A Field of Jacks" has no author`) {
		t.Errorf("log: %s", log)
	}
}

func TestYAMLExampleListsWhoIsOnDuty(t *testing.T) {
	s := newStage(t)
	wantRun(t, s, s.run("yaml"), flow.RunDone, "people.done=2 teams.done=2 write.done=2")
	wantText(t, "duty", s.file("duty.yaml"), "- from: \"2026-03-02\"\n  name: Ada Lovelace\n  phone: \"0123\"\n  team: Harbour\n"+
		"- from: \"2026-03-04\"\n  name: Grace Hopper\n  phone: \"0789\"\n  team: Lighthouse\n")
}

func TestXMLExampleKeepsTheOpenOrders(t *testing.T) {
	s := newStage(t)
	wantRun(t, s, s.run("xml"), flow.RunDone, "open.done=2 open.empty=1 orders.done=3 write.done=2")
	wantText(t, "open orders", s.file("open.xml"), "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<orders>\n"+
		"  <order number=\"7\"><customer>Jörg Hübner</customer><total>45</total></order>\n"+
		"  <order number=\"9\"><customer>Grace Hopper</customer><total>36</total></order>\n</orders>\n")
}

func TestProcessExampleCountsTheWords(t *testing.T) {
	s := newStage(t)
	wantRun(t, s, s.run("process"), flow.RunDone, "count.done=3 letters.done=3 longest.done=3 read.done=3 shape.done=3 write.done=3")
	wantText(t, "words", s.file("words.csv"), "letter,words\nguenther.txt,18\nines.txt,16\nada.txt,12\n")
}

func TestHTTPExampleReadsAllPages(t *testing.T) {
	s := newStage(t)
	wantRun(t, s, s.run("http"), flow.RunDone, "contacts.done=95 country.false=77 country.true=18 greet.done=18 sent.done=18")
	lines := bufio.NewScanner(strings.NewReader(s.file("greetings.jsonl")))
	n := 0
	for ; lines.Scan(); n++ {
		var sent struct{ To, Text string }
		if err := json.Unmarshal(lines.Bytes(), &sent); err != nil || !strings.HasSuffix(sent.To, "@example.com") || !strings.HasPrefix(sent.Text, "Dzień dobry, ") {
			t.Errorf("line %d: %s, %v", n+1, lines.Text(), err)
		}
	}
	if n != 18 {
		t.Errorf("%d greetings, want 18", n)
	}
}

func TestSQLiteExampleAsksAfterAllIsWritten(t *testing.T) {
	s := newStage(t)
	for range 2 {
		run := s.run("sqlite")
		wantRun(t, s, run, flow.RunDone, "all.done=1 keep.done=5 left.done=3 start.done=5 tell.done=3")
		if log := s.log(run.ID); !strings.Contains(log, "Tea kettle: 0 left, last moved on 2026-03-09") {
			t.Errorf("log: %s", log)
		}
	}
	wantText(t, "movements", s.ask("stock.db", "select count(*), sum(change) from movements"), "5|13")
}

func TestScheduleExampleAddsALineEachTime(t *testing.T) {
	s := newStage(t)
	for range 2 {
		wantRun(t, s, s.run("schedule"), flow.RunDone, "ask.done=1 morning.done=1 note.done=1")
	}
	rows := table(t, s.file("contacts-by-day.csv"))
	if len(rows) != 3 || !slices.Contains(rows[2], "95") || !slices.Equal(rows[0], []string{"contacts", "day"}) {
		t.Errorf("got %q", rows)
	}
}

func TestWebhookExampleTakesItsSample(t *testing.T) {
	s := newStage(t)
	wantRun(t, s, s.run("webhook"), flow.RunDone, "good.true=1 hook.done=1 keep.done=1 taken.done=1")
	wantText(t, "kept", s.ask("webhook.db", "select * from orders"), "W-1|Ada|54.8")
}

func TestFilesExampleAnswersEachLetter(t *testing.T) {
	s := newStage(t)
	for range 2 {
		wantRun(t, s, s.run("files"), flow.RunDone, "answer.done=3 letters.done=3 read.done=3 tell.done=3")
	}
	for name, want := range map[string]string{
		"ada.txt":      "Dear Ada,\n\nthank you for your letter.\n\nThe shop\n",
		"guenther.txt": "Dear Günther,\n\nwe shall find out.\n\nThe shop\n",
		"ines.txt":     "Dear Inês,\n\nthank you for your letter.\n\nThe shop\n",
	} {
		wantText(t, name, s.file("answers/"+name), want)
	}
}

func TestRetryExampleFailsAtFirstAndNotWhenItIsRetried(t *testing.T) {
	s := newStage(t)
	for range 2 { // every new run fails at first
		run := s.run("retry")
		wantRun(t, s, run, flow.RunPartial, "count.done=2 count.failed=1 east.done=1 others.done=1 stock.done=2 warehouses.done=3")
		wantText(t, "stock", s.file("stock.csv"), "warehouse,pieces\nnorth,41\nsouth,12\n")
		s.reopen() // as the command line does
		run = s.resume(run.ID)
		if run.State != flow.RunDone || run.Failures != 0 {
			t.Errorf("retried it is %s with %d failures\n%s", run.State, run.Failures, s.counts(run.ID))
		}
		wantText(t, "stock after the retry", s.file("stock.csv"), "warehouse,pieces\nnorth,41\nsouth,12\neast,17\n")
	}
}
