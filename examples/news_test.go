package examples_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"jackfield/flow"
)

// mend changes a text in one of the files that the examples read.
func (s *stage) mend(file, old, now string) {
	s.t.Helper()
	path := filepath.Join(s.dir, "data", file)
	text, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(text), old) {
		s.t.Fatalf("%s has no %q (%v)", file, old, err)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(text), old, now, 1)), 0o644); err != nil {
		s.t.Fatal(err)
	}
}

func TestOnlyWhatIsNewIsReadAgain(t *testing.T) {
	s := newStage(t)
	wantRun(t, s, s.run("incremental"), flow.RunDone, "keep.done=7 readings.done=7 tell.done=7")
	wantText(t, "readings", s.ask("readings.db", "select count(*), sum(kwh), (select kwh from readings where meter = 'M-2' and day = '2026-03-01') from readings"), "6|81.2|8.1")
	wantRun(t, s, s.run("incremental"), flow.RunDone, "")
	s.mend("readings.csv", "M-1,2026-03-02,11.8", "M-1,2026-03-03,12.1,2026-03-03T09:10:00+01:00\nM-2,2026-03-03,8,2026-03-03T09:15:00+01:00\nM-1,2026-03-02,11.8")
	wantRun(t, s, s.run("incremental"), flow.RunDone, "keep.done=2 readings.done=2 tell.done=2")
	wantText(t, "readings", s.ask("readings.db", "select count(*), sum(kwh) from readings"), "8|101.3")
}

func TestTheListIsComparedWithTheLastOne(t *testing.T) {
	s := newStage(t)
	wantRun(t, s, s.run("delta"), flow.RunDone, "came.done=4 compare.created=4 staff.done=4 write.done=4")
	s.mend("staff.csv", "Bo Lindqvist,Harbour", "Bo Lindqvist,Yard")
	s.mend("staff.csv", "31,Inês Carvalho,Office,2026-03-02T06:00:00Z\n", "")
	s.mend("staff.csv", "2026-03-02T06:00:00Z", "2026-03-03T06:00:00Z")
	wantRun(t, s, s.run("delta"), flow.RunDone, "compare.changed=1 compare.deleted=1 compare.unchanged=2 left.done=1 moved.done=1 staff.done=3 write.done=2")
	news := s.file("staff-news.csv")
	for _, line := range []string{"23,changed,team: Harbour to Yard", "31,left,Inês Carvalho"} {
		if !strings.Contains(news, line) {
			t.Errorf("the news are %q, without %q", news, line)
		}
	}
	wantRun(t, s, s.run("delta"), flow.RunDone, "compare.unchanged=3 staff.done=3")
}
