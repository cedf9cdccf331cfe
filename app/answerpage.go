package app

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"jackfield/flow"
	"jackfield/flow/value"
)

// answerPages shows each question under its address and takes the answer. No script is
// needed. A page from elsewhere can neither read it nor answer: it does not know the
// address, and the browser tells where a form came from.
func (l *Local) answerPages() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /answer/{question}/{token}", func(w http.ResponseWriter, r *http.Request) {
		l.showQuestion(w, r, http.StatusOK, nil)
	})
	mux.HandleFunc("POST /answer/{question}/{token}", l.takeAnswer)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-store")
		l.links.mu.Lock()
		host := l.links.host
		l.links.mu.Unlock()
		if r.Host != host { // another name for this machine, as a page from elsewhere would use
			http.Error(w, "not found", http.StatusNotFound)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
		mux.ServeHTTP(w, r)
	})
}

// open finds the open question of a request.
func (l *Local) open(r *http.Request) (flow.Question, int) {
	id := r.PathValue("question")
	if !l.questionAt(id, r.PathValue("token")) {
		return flow.Question{}, http.StatusNotFound
	}
	at, _, _ := flow.ParseQuestionID(id)
	all, err := l.runner.Questions(r.Context(), at.Run)
	if err != nil {
		return flow.Question{}, http.StatusGone
	}
	if i := slices.IndexFunc(all, func(q flow.Question) bool { return q.ID == id }); i >= 0 {
		return all[i], http.StatusOK
	}
	return flow.Question{}, http.StatusGone
}

func (l *Local) showQuestion(w http.ResponseWriter, r *http.Request, status int, trouble []string) {
	q, found := l.open(r)
	if found != http.StatusOK {
		tell(w, found, map[int]string{http.StatusNotFound: "There is nothing here.", http.StatusGone: "This question is not open any more."}[found])
		return
	}
	p := page{Question: q, Trouble: trouble, Fields: inputs(q.Fields, r)}
	if q.Record != nil {
		p.Record = string(value.Indent(nil, q.Record.Data))
	}
	if !q.Due.IsZero() {
		p.Due = q.Due.Local().Format("2006-01-02 15:04")
	}
	show(w, status, p)
}

func (l *Local) takeAnswer(w http.ResponseWriter, r *http.Request) {
	if from := r.Header.Get("Origin"); from != "" && from != "null" && from != "http://"+r.Host {
		tell(w, http.StatusForbidden, "The answer came from another page.")
		return
	}
	q, found := l.open(r)
	if found != http.StatusOK {
		l.showQuestion(w, r, found, nil)
		return
	}
	if err := r.ParseForm(); err != nil {
		tell(w, http.StatusBadRequest, "The answer cannot be read.")
		return
	}
	said := flow.Answer{Choice: r.PostForm.Get("choice"), Note: r.PostForm.Get("note"), By: "link", Given: time.Now()}
	var trouble []string
	if q.Fields != nil {
		said.Values, trouble = entered(*q.Fields, r)
	}
	if len(trouble) == 0 {
		err := l.Answer(r.Context(), q.ID, said)
		if err == nil {
			tell(w, http.StatusOK, "Thank you. The flow goes on with your answer.")
			return
		}
		trouble = inPlainWords(err)
	}
	l.showQuestion(w, r, http.StatusUnprocessableEntity, trouble)
}

func inPlainWords(err error) []string {
	var all []string
	if ps, ok := errors.AsType[Problems](err); ok {
		for _, p := range ps {
			all = append(all, p.Error())
		}
		return all
	}
	return []string{err.Error()}
}

// input is one field of a form.
type input struct {
	Name, Label, Help, Type, Value string
	Choices                        []string
	Needed, Checked, Long          bool
}

// inputs lays out a form's fields, with what was entered before.
func inputs(shape *flow.Schema, r *http.Request) []input {
	if shape == nil {
		return nil
	}
	var all []input
	for _, p := range shape.Properties {
		s := p.Schema
		in := input{Name: "f." + p.Name, Label: s.Title, Help: s.Description, Needed: p.Required, Type: "text", Value: textOf(s.Default)}
		if in.Label == "" {
			in.Label = p.Name
		}
		switch kindOf(s) {
		case flow.Boolean:
			in.Type, in.Checked, in.Needed = "checkbox", s.Default == true, false
		case flow.Integer:
			in.Type = "number"
		case flow.Array:
			in.Long = true
			in.Help = strings.TrimSpace(in.Help + " One in each line.")
		case flow.Object:
			in.Long = true
			in.Help = strings.TrimSpace(in.Help + " JSON.")
		}
		if s.Format == "date" {
			in.Type = "date"
		}
		for _, c := range s.Enum {
			in.Choices = append(in.Choices, textOf(c))
		}
		if r.PostForm != nil {
			in.Value, in.Checked = r.PostForm.Get(in.Name), r.PostForm.Has(in.Name)
		}
		all = append(all, in)
	}
	return all
}

func kindOf(s flow.Schema) flow.Kind {
	for _, k := range s.Types {
		if k != flow.Null {
			return k
		}
	}
	return flow.String
}

func textOf(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	return string(value.Append(nil, v))
}

// entered reads what a form's fields say. What is left empty is left out.
func entered(shape flow.Schema, r *http.Request) (flow.Values, []string) {
	values := flow.Values{}
	var trouble []string
	for _, p := range shape.Properties {
		text := strings.ReplaceAll(r.PostForm.Get("f."+p.Name), "\r\n", "\n")
		v, err := read(p.Schema, text)
		switch {
		case kindOf(p.Schema) == flow.Boolean && len(p.Schema.Enum) == 0:
			values[p.Name] = text != ""
		case err != nil:
			trouble = append(trouble, fmt.Sprintf("%s: %v", p.Name, err))
		case text != "":
			values[p.Name] = v
		}
	}
	return values, trouble
}

func read(s flow.Schema, text string) (any, error) {
	for _, c := range s.Enum {
		if textOf(c) == text {
			return c, nil
		}
	}
	switch kindOf(s) {
	case flow.Integer:
		n, err := strconv.Atoi(text)
		if err != nil && text != "" {
			return nil, errors.New("a whole number is wanted")
		}
		return n, nil
	case flow.Number:
		v, err := value.Decode([]byte(text))
		switch v.(type) {
		case int, float64:
			return v, err
		}
		if text != "" {
			return nil, errors.New("a number is wanted")
		}
	case flow.Array:
		var list []any
		for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
			list = append(list, line)
		}
		return list, nil
	case flow.Object:
		if text == "" {
			return nil, nil
		}
		v, err := value.Decode([]byte(text))
		if err != nil {
			return nil, fmt.Errorf("JSON is wanted: %w", err)
		}
		return v, nil
	}
	return text, nil
}

// page is what a question's page shows.
type page struct {
	flow.Question
	Fields  []input
	Record  string
	Due     string
	Said    string
	Trouble []string
}

func tell(w http.ResponseWriter, status int, what string) { show(w, status, page{Said: what}) }

func show(w http.ResponseWriter, status int, p page) {
	var b bytes.Buffer
	if err := answerPage.Execute(&b, p); err != nil {
		http.Error(w, "the page cannot be shown", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // whoever has gone away does not read it
}

var answerPage = template.Must(template.New("answer").Parse(`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{{with .Name}}{{.}}{{else}}Jackfield{{end}}</title>
<style>
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 40rem; margin: 2.5rem auto; padding: 0 1rem; }
h1 { font-size: 1.25rem; white-space: pre-wrap; }
.quiet, small { opacity: .7; }
pre { overflow: auto; padding: .75rem; border: 1px solid #8886; border-radius: .5rem; font-size: .85rem; }
label { display: block; margin: 1rem 0 .25rem; font-weight: 600; }
input:not([type=checkbox]), select, textarea { width: 100%; box-sizing: border-box; font: inherit; padding: .4rem; }
button { font: inherit; padding: .5rem 1.25rem; margin: 1.25rem .5rem 0 0; }
.trouble { border-left: 4px solid #c33; padding-left: .75rem; }
</style></head><body>
{{if .Said}}<h1>{{.Said}}</h1><p class="quiet">You can close this page.</p>{{else}}
<p class="quiet">{{.Name}} · {{.Title}}</p>
<h1>{{.Text}}</h1>
{{with .Due}}<p class="quiet">Until {{.}}.</p>{{end}}
{{range .Trouble}}<p class="trouble">{{.}}</p>{{end}}
{{with .Record}}<details><summary>What it is about</summary><pre>{{.}}</pre></details>{{end}}
<form method="post">
{{range .Fields}}<label for="{{.Name}}">{{.Label}}{{if .Needed}} *{{end}}</label>
{{if .Choices}}<select id="{{.Name}}" name="{{.Name}}">{{if not .Needed}}<option></option>{{end}}{{$v := .Value}}{{range .Choices}}<option{{if eq . $v}} selected{{end}}>{{.}}</option>{{end}}</select>
{{else if .Long}}<textarea id="{{.Name}}" name="{{.Name}}" rows="4"{{if .Needed}} required{{end}}>{{.Value}}</textarea>
{{else if eq .Type "checkbox"}}<input id="{{.Name}}" type="checkbox" name="{{.Name}}" value="true"{{if .Checked}} checked{{end}}>
{{else}}<input id="{{.Name}}" type="{{.Type}}" name="{{.Name}}" value="{{.Value}}"{{if .Needed}} required{{end}}>{{end}}
{{with .Help}}<small>{{.}}</small>{{end}}
{{end}}
<label for="note">Note</label><textarea id="note" name="note" rows="2"></textarea>
{{range .Choices}}<button name="choice" value="{{.}}">{{.}}</button>{{else}}<button>Send</button>{{end}}
</form>{{end}}
</body></html>
`))
