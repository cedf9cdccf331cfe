package flow

import (
	"fmt"
	"strings"

	yaml "go.yaml.in/yaml/v3"
)

// readFlow reads the whole document.
func (r *fileReader) readFlow(doc *yaml.Node) {
	root := resolve(doc.Content[0])
	if root.Kind != yaml.MappingNode {
		r.report(root, Problem{Code: WrongType, What: "this is not a flow, but " + describe(root), Fix: `a flow file begins with "jackfield: 1"`})
		return
	}
	versioned := false
	f := &r.flow
	places := map[StepID]Point{}
	keys := []key{
		{"jackfield", func(n *yaml.Node) { versioned = true; r.version(n) }},
		{"name", r.text(&f.Name, "the name")},
		{"note", r.text(&f.Note, "the note")},
		{"steps", r.readSteps},
		{"edges", r.readEdges},
		{"settings", r.readSettings},
		{"layout", func(n *yaml.Node) { r.readLayout(n, places) }},
	}
	if _, is := member(root, "fragment"); is && r.fragment {
		keys = append(keys, key{"fragment", func(*yaml.Node) {}})
	}
	r.object(root, "a flow", keys...)
	if !versioned {
		r.report(root, Problem{Code: BadVersion, What: "the file does not say which version it is written for", Fix: `begin it with "jackfield: 1"`})
	}
	for i := range f.Steps {
		f.Steps[i].At = places[f.Steps[i].ID]
	}
}

// member finds a value by its name in an object.
func member(n *yaml.Node, name string) (*yaml.Node, bool) {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil, false
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if resolve(n.Content[i]).Value == name {
			return resolve(n.Content[i+1]), true
		}
	}
	return nil, false
}

func (r *fileReader) version(n *yaml.Node) {
	v := r.number(n)
	if v == fileVersion {
		return
	}
	p := Problem{Code: BadVersion, What: "the version is " + describe(n), Fix: `write "jackfield: 1"`}
	if v, ok := v.(int); ok && v > fileVersion {
		p.What = fmt.Sprintf("the file is written for version %d, and this program knows version %d", v, fileVersion)
		p.Fix = "open it with a newer Jackfield"
	}
	r.report(n, p)
}

func (r *fileReader) readSettings(n *yaml.Node) {
	s := &r.flow.Settings
	r.object(n, "settings",
		key{"timeout", r.duration(&s.Timeout, "the timeout")},
		key{"keep", r.count(&s.Keep, "keep")},
		key{"quota", r.size(&s.Quota, "the quota")},
		key{"retries", r.count(&s.Retries, "retries")},
		key{"concurrency", r.count(&s.Concurrency, "concurrency")},
		key{"on_failure", func(n *yaml.Node) { var id string; r.text(&id, "on_failure")(n); s.OnFailure = ID(id) }},
		key{"unresolved", func(n *yaml.Node) { s.Unresolved = r.unresolved(n) }})
}

func (r *fileReader) readSteps(n *yaml.Node) {
	for _, item := range r.list(n, "steps") {
		if item.Kind != yaml.MappingNode {
			r.wrong(item, "a step is written as names with values")
			r.stepLost = true
			continue
		}
		r.flow.Steps = append(r.flow.Steps, r.readStep(item))
		r.steps = append(r.steps, item)
	}
}

func (r *fileReader) readStep(n *yaml.Node) Step {
	var s Step
	var id, uses, in, onError string
	if at, ok := member(n, "id"); ok && at.Kind == yaml.ScalarNode {
		r.step = StepID(at.Value)
	}
	r.object(n, "a step",
		key{"id", r.text(&id, "the id")},
		key{"title", r.text(&s.Title, "the title")},
		key{"uses", r.text(&uses, "uses")},
		key{"in", r.text(&in, "in")},
		key{"connection", r.text(&s.Connection, "the connection")},
		key{"with", func(n *yaml.Node) { s.With = r.readWith(n) }},
		key{"map", r.text(&s.Map, "the mapping")},
		key{"retry", func(n *yaml.Node) { r.readRetry(n, &s.Retry) }},
		key{"on_error", func(n *yaml.Node) { r.text(&onError, "on_error")(n); s.OnError = r.onError(n, onError) }},
		key{"uncertain", func(n *yaml.Node) { s.Uncertain = r.uncertain(n) }},
		key{"timeout", r.duration(&s.Timeout, "the timeout")},
		key{"rate", func(n *yaml.Node) { r.rate(n, &s.Rate) }},
		key{"parallel", r.count(&s.Parallel, "parallel")},
		key{"order", r.text(&s.Order, "the order")},
		key{"off", r.toggle(&s.Off, "off")})
	s.ID, s.Uses, s.In = StepID(id), OpID(uses), StepID(strings.TrimSpace(in))
	r.stepLost = r.stepLost || id == ""
	r.step = ""
	return s
}

func (r *fileReader) readRetry(n *yaml.Node, to *Retry) {
	r.object(n, "retry",
		key{"tries", r.count(&to.Tries, "tries")},
		key{"first", r.duration(&to.First, "the first pause")},
		key{"most", r.duration(&to.Most, "the longest pause")},
		key{"only", func(n *yaml.Node) { to.Only = r.kinds(n) }})
}

// kinds reads a list of kinds of failure; one alone may stand without the brackets.
func (r *fileReader) kinds(n *yaml.Node) []Code {
	items := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode || isNull(n) {
		items = r.list(n, "only")
	}
	var kinds []Code
	for _, item := range items {
		var text string
		if r.text(&text, "a kind of failure")(item); text != "" {
			kinds = append(kinds, Code(text))
		}
	}
	return kinds
}

func (r *fileReader) rate(n *yaml.Node, to *Rate) {
	var text string
	r.text(&text, "the rate")(n)
	rate, err := ParseRate(text)
	if err != nil {
		r.report(n, Problem{Code: WrongType, What: fmt.Sprintf("the rate is %q", text), Fix: "write it like 10/s, 600/m or 5/10s"})
	}
	*to = rate
}

func (r *fileReader) unresolved(n *yaml.Node) Unresolved {
	var text string
	r.text(&text, "unresolved")(n)
	switch text {
	case "", "resume":
		return ResumeFirst
	case string(LeaveIt):
		return LeaveIt
	}
	r.report(n, Problem{Code: WrongType, What: fmt.Sprintf("unresolved is resume or leave, and this is %q", text), Fix: "write resume or leave"})
	return ResumeFirst
}

func (r *fileReader) onError(n *yaml.Node, text string) OnError {
	switch {
	case n.Kind != yaml.ScalarNode, text == "", text == "continue":
		return GoOn
	case text == string(StopRun):
		return StopRun
	}
	r.report(n, Problem{Code: WrongType, What: fmt.Sprintf("on_error is stop or continue, and this is %q", text), Fix: "write stop or continue"})
	return GoOn
}

func (r *fileReader) uncertain(n *yaml.Node) WhenUncertain {
	var text string
	r.text(&text, "uncertain")(n)
	switch text {
	case "", "ask":
		return AskPerson
	case string(DoAgain), string(LetPass):
		return WhenUncertain(text)
	}
	r.report(n, Problem{Code: WrongType, What: fmt.Sprintf("uncertain is ask, again or skip, and this is %q", text), Fix: "write ask, again or skip"})
	return AskPerson
}

// farthest bounds the canvas; whole numbers up to here fit a float32.
const farthest = 1e7

func (r *fileReader) readLayout(n *yaml.Node, places map[StepID]Point) {
	for _, p := range r.pairs(n, "the layout") {
		at := resolve(p.node)
		x, okX := r.coordinate(at, 0)
		y, okY := r.coordinate(at, 1)
		if !okX || !okY || len(at.Content) != 2 {
			r.report(at, Problem{Step: StepID(p.name), Code: WrongType, What: "a place is two numbers, and this is " + describe(at), Fix: "write it like [120, 80]"})
			continue
		}
		places[StepID(p.name)] = Point{x, y}
	}
}

func (r *fileReader) coordinate(n *yaml.Node, i int) (float32, bool) {
	if n.Kind != yaml.SequenceNode || i >= len(n.Content) {
		return 0, false
	}
	switch v := r.number(resolve(n.Content[i])).(type) {
	case int:
		return float32(v), -farthest <= v && v <= farthest
	case float64:
		return float32(v), -farthest <= v && v <= farthest
	}
	return 0, false
}
