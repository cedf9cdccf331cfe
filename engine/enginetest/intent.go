package enginetest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"jackfield/connectors/kit"
	"jackfield/engine"
	"jackfield/flow"
)

// intents tests operations each performance of which counts.
func intents(t *testing.T, open func(t testing.TB) engine.History) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, *House)
	}{
		{"a batch costs one write more than it has records", intendsOnceARecord},
		{"many at once are named by one intent", intendsManyAtOnce},
		{"only records that count are intended", intendsWhatCounts},
		{"no answer within the time-out is asked about, and never tried again unasked", asksAboutSilence},
		{"a failure that is certain is tried again", triesWhatIsCertain},
		{"the rule again", doesAgain},
		{"the rule skip", letsPass},
		{"a stop in the middle is asked about", asksAboutStop},
		{"a close waits for the record that it is at", closesBehindRecord},
		{"a close in a hurry is asked about", asksAboutHurry},
		{"a disk that fills up in the middle is asked about", asksAboutFullDisk},
		{"stop on the first failure", stopsAtFailure},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := Open(t, NewWorld(), open(t))
				test.run(t, h)
				h.Close()
			})
		})
	}
	t.Run("a death at any write", func(t *testing.T) { diesWhileMailing(t, open) })
}

// mailing sends to five people, by the settings of the step.
func mailing(step string) string {
	return `
jackfield: 1
name: Mailing
steps:
  - {id: start, uses: test.start, with: {items: [a, b, c, d, e]}}
  - {id: mail, ` + step + `}
  - {id: log, uses: test.send}
edges:
  - start -> mail
  - mail -> log
`
}

// mails lists what step mail delivered, in the order of its records.
func (h *House) mails(id flow.RunID) string {
	h.t.Helper()
	sent := h.World.Sent()
	var all []string
	for _, rec := range h.Records(id, "start", flow.Done) {
		for _, data := range sent[fmt.Sprintf("%s-mail-%s", id, rec.ID)] {
			if object, is := data.(map[string]any); is {
				data = object["body"]
			}
			all = append(all, fmt.Sprint(data))
		}
	}
	return strings.Join(all, " ")
}

// passes lists the step runs of step mail: what each took, and how many it intends.
func (h *House) passes(id flow.RunID) string {
	h.t.Helper()
	var all []string
	for _, s := range h.StepRuns(id) {
		if s.Step == "mail" {
			all = append(all, fmt.Sprintf("%s%d>%d", s.Mark, s.In, s.Intends))
		}
	}
	return strings.Join(all, " ")
}

// begins starts the flow and gives the run once nothing more happens.
func (h *House) begins(text string) flow.RunID {
	h.t.Helper()
	h.Add("f", text)
	id, err := h.Local.Start(h.t.Context(), engine.Start{Flow: "f"})
	if err != nil {
		h.t.Fatal(err)
	}
	synctest.Wait()
	return id
}

func intendsOnceARecord(t *testing.T, h *House) {
	id := h.begins(mailing("uses: test.mail"))
	same(t, "state", h.Wait(id).State, flow.RunDone)
	same(t, "passes", h.passes(id), "intended0>1 1>1 1>1 1>1 1>1 1>0")
	same(t, "mails", h.mails(id), "a b c d e")
	same(t, "counts", h.Counts(id), "[log.done=5 mail.done=5 start.done=5]")
}

func intendsManyAtOnce(t *testing.T, h *House) {
	id := h.begins(strings.Replace(mailing("uses: test.mailall, with: {table: x}"), "start -> mail", "{from: start, to: mail, when: '. != \"c\"'}", 1))
	same(t, "state", h.Wait(id).State, flow.RunDone)
	same(t, "passes", h.passes(id), "intended0>2 2>2 2>0")
	same(t, "counts", h.Counts(id), "[log.done=4 mail.done=4 start.done=5]")
}

func intendsWhatCounts(t *testing.T, h *House) {
	id := h.begins(mailing(`uses: test.post, map: '{body: ., counts: (. == "b" or . == "e")}'`))
	same(t, "state", h.Wait(id).State, flow.RunDone)
	same(t, "passes", h.passes(id), "1>1 3>1 1>0")
	same(t, "mails", h.mails(id), "a b c d e")
}

// hangs lets the delivery of one record be taken and never answered.
func (h *House) hangs(data any) {
	h.World.Hangs = func(env kit.Env, rec flow.Record) bool { return env.Step == "mail" && rec.Data == data }
}

func asksAboutSilence(t *testing.T, h *House) {
	h.hangs("c")
	id := h.begins(mailing("uses: test.mail, timeout: 2s, retry: {tries: 5}"))
	waitAnHour(t)
	same(t, "counts", h.Counts(id), "[log.done=4 mail.done=4 mail.waiting=1 start.done=5]")
	same(t, "mails", h.mails(id), "a b c d e")
	asked := h.Questions(id)
	if len(asked) != 1 || asked[0].Kind != flow.Uncertain || asked[0].Record.Data != "c" || asked[0].Record.Problem == nil ||
		asked[0].Text != `Did "mail" do its work for this record? It took longer than 2s. Do it again, or skip it because it was done?` {
		t.Fatalf("questions %+v", asked)
	}
	h.World.Hangs = nil
	h.Answer(asked[0].ID, flow.Again)
	same(t, "state", h.Wait(id).State, flow.RunDone)
	same(t, "mails", h.mails(id), "a b c c d e")
	same(t, "counts", h.Counts(id), "[log.done=5 mail.done=5 start.done=5]")

	h.hangs("c")
	id = h.begins(mailing("uses: test.mail, timeout: 2s"))
	waitAnHour(t)
	h.Answer(h.Questions(id)[0].ID, flow.Skip)
	same(t, "state", h.Wait(id).State, flow.RunDone)
	same(t, "mails", h.mails(id), "a b c d e")
	same(t, "what went on", h.Data(id, "mail", flow.Done), []any{"a", "b", "d", "e", "c"})
	for _, rec := range h.Records(id, "mail", flow.Done) {
		if rec.Problem != nil {
			t.Errorf("record %v goes on with the problem %v", rec.Data, rec.Problem)
		}
	}
}

// waitAnHour lets all time-outs and pauses pass.
func waitAnHour(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	<-ctx.Done()
	synctest.Wait()
}

func triesWhatIsCertain(t *testing.T, h *House) {
	tries := 0
	h.World.OnSend = func(env kit.Env, rec flow.Record, _ any) error {
		if env.Step == "mail" && rec.Data == "c" {
			if tries++; tries < 3 {
				return kit.Fail(kit.Unavailable, "nobody is there")
			}
		}
		return nil
	}
	id := h.begins(mailing("uses: test.mail, retry: {tries: 3, first: 1s}"))
	same(t, "state", h.Wait(id).State, flow.RunDone)
	same(t, "mails", h.mails(id), "a b c d e")
	same(t, "passes", h.passes(id), "intended0>1 1>1 1>1 1>1 1>1 1>0")
}

func doesAgain(t *testing.T, h *House) {
	h.hangs("c")
	id := h.begins(mailing("uses: test.mail, timeout: 2s, uncertain: again, retry: {tries: 2}"))
	r := h.Wait(id)
	same(t, "state", r.State, flow.RunPartial)
	same(t, "mails", h.mails(id), "a b c c d e")
	same(t, "questions", r.Questions, 0)

	id = h.begins(mailing("uses: test.mail, uncertain: again"))
	if err := h.Local.Stop(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	h.World.Hangs = nil
	same(t, "state", h.Resume(id).State, flow.RunDone)
	same(t, "mails", h.mails(id), "a b c c d e")
	same(t, "passes", h.passes(id), "intended0>1 1>1 1>1 settled0>0 intended0>1 1>1 1>1 1>0")
}

func letsPass(t *testing.T, h *House) {
	h.hangs("c")
	id := h.begins(mailing("uses: test.mail, timeout: 2s, uncertain: skip"))
	same(t, "state", h.Wait(id).State, flow.RunDone)
	same(t, "mails", h.mails(id), "a b c d e")
	same(t, "counts", h.Counts(id), "[log.done=5 mail.done=5 start.done=5]")
	said := false
	for _, l := range h.Lines() {
		said = said || l.Level == flow.Warn && strings.Contains(l.Text, "nobody knows whether this was done: it took longer than 2s")
	}
	if !said {
		t.Errorf("the log says nothing: %v", h.Lines())
	}
}

func asksAboutStop(t *testing.T, h *House) {
	h.hangs("c")
	id := h.begins(mailing("uses: test.mail"))
	if err := h.Local.Stop(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	r := h.Wait(id)
	same(t, "state", r.State, flow.RunStopped)
	same(t, "questions", r.Questions, 1)
	h.World.Hangs = nil
	if err := h.Local.Resume(t.Context(), id, flow.Fitting); err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
	same(t, "mails after the resume", h.mails(id), "a b c d e")
	h.Answer(h.Questions(id)[0].ID, flow.Skip)
	same(t, "state", h.Wait(id).State, flow.RunDone)
	same(t, "mails", h.mails(id), "a b c d e")
}

func closesBehindRecord(t *testing.T, h *House) {
	reached, interrupted := make(chan struct{}), make(chan struct{})
	h.World.OnSent = func(_ kit.Env, rec flow.Record, data any) error {
		if data == "c" && reached != nil {
			close(reached)
			<-interrupted
			reached = nil
		}
		return nil
	}
	h.Add("f", mailing("uses: test.mail"))
	id, err := h.Local.Start(t.Context(), engine.Start{Flow: "f"})
	if err != nil {
		t.Fatal(err)
	}
	<-reached
	closed := make(chan error)
	go func() { closed <- h.Local.Close(t.Context()) }()
	synctest.Wait()
	close(interrupted)
	if err := <-closed; err != nil {
		t.Fatal(err)
	}
	same(t, "mails before the end", h.mails(id), "a b c")
	h.Reopen()
	same(t, "questions", len(h.Questions(id)), 0)
	if err := h.Local.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	same(t, "state", h.Wait(id).State, flow.RunDone)
	same(t, "mails", h.mails(id), "a b c d e")
}

func asksAboutHurry(t *testing.T, h *House) {
	h.hangs("c")
	id := h.begins(mailing("uses: test.mail"))
	now, cancel := context.WithCancel(t.Context())
	cancel()
	if err := h.Local.Close(now); err != nil {
		t.Fatal(err)
	}
	h.World.Hangs = nil
	h.Reopen()
	if err := h.Local.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
	same(t, "mails", h.mails(id), "a b c d e")
	h.Answer(h.Questions("")[0].ID, flow.Skip)
	same(t, "state", h.Wait(id).State, flow.RunDone)
}

func asksAboutFullDisk(t *testing.T, h *House) {
	full := true
	h.History = &Ill{History: h.History, Fails: func(e flow.Entry) error {
		if full && e.Step == "mail" && e.In > 0 && e.Nth == 2 {
			return kit.Fail(kit.Full, "no space left")
		}
		return nil
	}}
	h.Reopen()
	id := h.begins(mailing("uses: test.mail"))
	same(t, "state", h.Wait(id).State, flow.RunFailed)
	same(t, "mails", h.mails(id), "a b c")
	full = false
	asked := h.Questions(id) // of a run that failed, too
	if len(asked) != 1 || asked[0].Record.Data != "c" {
		t.Fatalf("questions %+v", asked)
	}
	h.Answer(asked[0].ID, flow.Skip)
	same(t, "state", h.Resume(id).State, flow.RunDone)
	same(t, "mails", h.mails(id), "a b c d e")
	same(t, "counts", h.Counts(id), "[log.done=5 mail.done=5 start.done=5]")
}

func stopsAtFailure(t *testing.T, h *House) {
	ill := true
	h.World.OnSend = func(env kit.Env, rec flow.Record, _ any) error {
		if ill && env.Step == "mail" && rec.Data == "c" {
			return kit.Fail(kit.Refused, "not that one")
		}
		return nil
	}
	id := h.begins(mailing("uses: test.mail, on_error: stop"))
	same(t, "state", h.Wait(id).State, flow.RunFailed)
	same(t, "mails", h.mails(id), "a b")
	ill = false
	same(t, "state", h.Resume(id).State, flow.RunDone)
	same(t, "mails", h.mails(id), "a b c d e")
}

// diesWhileMailing kills the program before and after each write. What was delivered
// and is not known to be is asked about, and nothing else.
func diesWhileMailing(t *testing.T, open func(t testing.TB) engine.History) {
	for _, step := range []string{"uses: test.mail", "uses: test.mailall, with: {table: x}"} {
		for _, after := range []bool{false, true} {
			for n, more := 1, true; more; n++ {
				t.Run(fmt.Sprintf("%s, write %d, after %v", step[:14], n, after), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) { more = dieWhileMailing(t, open(t), step, n, after) })
				})
			}
		}
	}
}

func dieWhileMailing(t *testing.T, history engine.History, step string, n int, after bool) bool {
	mortal := &Mortal{History: history, DieAt: n, After: after}
	h := Open(t, NewWorld(), mortal)
	h.Add("f", mailing(step))
	id, err := h.Local.Start(t.Context(), engine.Start{Flow: "f"})
	if err == nil {
		_, _ = h.Local.Wait(t.Context(), id)
	}
	h.Close()
	h.History = history
	h.Reopen()
	defer h.Close()
	if err := h.Local.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	if id = onlyRun(t, h); id == "" {
		same(t, "mails", len(h.World.Sent()), 0)
		return mortal.Dead()
	}
	synctest.Wait()
	for _, q := range h.Questions(id) {
		h.Answer(q.ID, h.honestly(q))
	}
	same(t, "state", h.Wait(id).State, flow.RunDone)
	same(t, "mails", h.mails(id), "a b c d e")
	same(t, "counts", h.Counts(id), "[log.done=5 mail.done=5 start.done=5]")
	return mortal.Dead()
}

// honestly answers what is uncertain as somebody does who looks on the other side.
func (h *House) honestly(q flow.Question) string {
	if q.Kind == flow.Approval {
		return flow.Approve
	}
	at := fmt.Sprintf("%s-%s-%s", q.Run, q.Step, q.Record.ID)
	if len(h.World.Sent()[at]) > 0 {
		return flow.Skip
	}
	return flow.Again
}
