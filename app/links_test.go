package app_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"jackfield/app"
	"jackfield/flow"
)

const asking = `jackfield: 1
name: Asking
steps:
  - id: start
    uses: core.manual
    with: {items: [{id: 7, customer: "<b>Ada</b>"}]}
  - id: may
    title: May it go
    uses: core.approval
    with: {text: '"May order \(.id) go?"', key: said}
  - id: who
    uses: core.form
    with:
      text: '"Who takes it?"'
      give: alone
      fields:
        - {name: who, label: Name, needed: true}
        - {name: boxes, type: integer}
        - {name: today, type: boolean}
        - {name: size, choices: [small, large]}
        - {name: tags, type: array}
edges:
  - may.approved -> who
  - start -> may
`

// question waits until the run asks, and gives what it asks.
func (d *desk) question(run flow.RunID) flow.Question {
	d.t.Helper()
	for {
		all, err := d.Questions(d.t.Context(), run)
		if err != nil {
			d.t.Fatal(err)
		}
		if len(all) > 0 {
			return all[0]
		}
	}
}

func (d *desk) page(address string) (int, string) {
	d.t.Helper()
	r, err := http.Get(address)
	if err != nil {
		d.t.Fatal(err)
	}
	return d.body(r)
}

func (d *desk) body(r *http.Response) (int, string) {
	d.t.Helper()
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return r.StatusCode, string(text)
}

func (d *desk) send(address string, form url.Values) (int, string) {
	d.t.Helper()
	r, err := http.PostForm(address, form)
	if err != nil {
		d.t.Fatal(err)
	}
	return d.body(r)
}

func (d *desk) contains(what, text string, parts ...string) {
	d.t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			d.t.Errorf("%s lacks %q:\n%s", what, p, text)
		}
	}
}

func TestAQuestionIsAnsweredByItsLink(t *testing.T) {
	d := open(t)
	if err := d.Serve(t.Context()); err != nil {
		t.Fatal(err)
	}
	f := d.opened(d.file(asking))
	run, err := d.Start(t.Context(), app.Start{Flow: f.ID})
	if err != nil {
		t.Fatal(err)
	}
	q := d.question(run)
	if !strings.HasPrefix(q.Link, "http://127.0.0.1:") {
		t.Fatalf("link %q", q.Link)
	}
	if again := d.question(run); again.Link != q.Link {
		t.Errorf("the link was %s and is %s", q.Link, again.Link)
	}
	status, text := d.page(q.Link)
	if status != http.StatusOK {
		t.Errorf("status %d", status)
	}
	d.contains("the page", text, "May order 7 go?", "May it go", "&lt;b&gt;Ada&lt;/b&gt;", `value="approve"`, `value="reject"`)

	if status, text = d.send(q.Link, url.Values{"choice": {"perhaps"}}); status != http.StatusUnprocessableEntity {
		t.Errorf("an answer that is no choice: %d", status)
	}
	d.contains("the page again", text, "is none of the choices", "May order 7 go?")
	if status, text = d.send(q.Link, url.Values{"choice": {"approve"}, "note": {"fine"}}); status != http.StatusOK {
		t.Errorf("the answer: %d", status)
	}
	d.contains("the thanks", text, "Thank you")
	if status, _ = d.send(q.Link, url.Values{"choice": {"reject"}}); status != http.StatusGone && status != http.StatusUnprocessableEntity {
		t.Errorf("another answer afterwards: %d", status)
	}

	var form flow.Question
	for form = d.question(run); form.Kind != flow.Form; form = d.question(run) {
	}
	_, text = d.page(form.Link)
	d.contains("the form", text, "Who takes it?", `name="f.who" value="" required`, `type="number"`, `type="checkbox"`, "<option>large</option>", "<textarea")
	if status, text = d.send(form.Link, url.Values{"f.who": {"Grace"}, "f.boxes": {"many"}}); status != http.StatusUnprocessableEntity {
		t.Errorf("a word for a number: %d", status)
	}
	d.contains("the form again", text, "boxes: a whole number is wanted", `value="Grace"`)
	if status, text = d.send(form.Link, url.Values{"f.boxes": {"2"}}); status != http.StatusUnprocessableEntity {
		t.Errorf("what is needed left out: %d %s", status, text)
	}
	status, _ = d.send(form.Link, url.Values{"f.who": {"Grace"}, "f.boxes": {"2"}, "f.today": {"true"}, "f.size": {"large"}, "f.tags": {"a\r\nb"}})
	if status != http.StatusOK {
		t.Errorf("the form's answer: %d", status)
	}
	if _, err := d.Wait(t.Context(), run); err != nil {
		t.Fatal(err)
	}
	var got []any
	steps, err := d.StepRuns(t.Context(), run)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range steps {
		if s.Step == "who" && s.Out[flow.Done] > 0 {
			batch, err := d.Records(t.Context(), flow.Ref{Run: run, Seq: s.Seq, Outlet: flow.Done})
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, batch[0].Data)
		}
	}
	if len(got) != 1 {
		t.Fatalf("the form gave %v", got)
	}
	m := got[0].(map[string]any)
	if m["who"] != "Grace" || m["boxes"] != 2 || m["today"] != true || m["size"] != "large" || len(m["tags"].([]any)) != 2 {
		t.Errorf("the form gave %v", m)
	}
}

func TestNobodyAnswersWithoutTheLink(t *testing.T) {
	d := open(t)
	if err := d.Serve(t.Context()); err != nil {
		t.Fatal(err)
	}
	f := d.opened(d.file(asking))
	run, err := d.Start(t.Context(), app.Start{Flow: f.ID})
	if err != nil {
		t.Fatal(err)
	}
	q := d.question(run)
	at := strings.LastIndexByte(q.Link, '/')
	for name, address := range map[string]string{
		"another token":    q.Link[:at+1] + strings.Repeat("A", len(q.Link)-at-1),
		"no token":         q.Link[:at+1],
		"another question": strings.Replace(q.Link, q.ID, q.ID+".9", 1),
		"the root":         q.Link[:strings.Index(q.Link, "/answer")] + "/",
	} {
		if status, text := d.send(address, url.Values{"choice": {"approve"}}); status != http.StatusNotFound || strings.Contains(text, "May order") {
			t.Errorf("%s: %d %s", name, status, text)
		}
	}
	for name, change := range map[string]func(*http.Request){
		"from another page":           func(r *http.Request) { r.Header.Set("Origin", "http://elsewhere.example") },
		"by another name of the host": func(r *http.Request) { r.Host = "elsewhere.example" },
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, q.Link, strings.NewReader("choice=approve"))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		change(r)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		if status, _ := d.body(answer); status != http.StatusForbidden && status != http.StatusNotFound {
			t.Errorf("%s: %d", name, status)
		}
	}
	if still := d.question(run); still.ID != q.ID {
		t.Errorf("the question was answered: %+v", still)
	}
	if err := d.Stop(t.Context(), run); err != nil {
		t.Fatal(err)
	}
}

func TestThereAreNoLinksWhereNobodyServes(t *testing.T) {
	d := open(t)
	f := d.opened(d.file(asking))
	run, err := d.Start(t.Context(), app.Start{Flow: f.ID})
	if err != nil {
		t.Fatal(err)
	}
	if q := d.question(run); q.Link != "" {
		t.Errorf("link %q", q.Link)
	}
	if err := d.Stop(t.Context(), run); err != nil {
		t.Fatal(err)
	}
}
