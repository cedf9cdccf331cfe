package form

import (
	"slices"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/flow/filter"
	"jackfield/ui/theme"
	"jackfield/ui/widgets"
)

// filterControl is a filter: as rows of conditions in groups, or as its text. The text is
// the truth: rows are made of it, and every change in them writes it anew. A text that is
// no filter has no rows.
type filterControl struct {
	set    func(any)
	text   string
	tree   *node
	limit  int
	asText bool

	name   string
	ask    Asker
	live   bool
	asked  bool
	fields []kit.Choice

	editor *entry
	toggle *widgets.Button
	head   *fyne.Container
	rows   *fyne.Container
	tests  []*filterRow
	most   *entry
	limits *fyne.Container
}

func newFilter(f kit.Field, ask Asker, set func(any)) (control, fyne.CanvasObject) {
	c := &filterControl{set: set, name: f.Name, ask: ask, live: f.Live != nil && ask.Choices != nil, rows: container.NewVBox(), head: container.NewStack()}
	c.editor = watch(widgets.NewCodeEditor("filter", c.typed))
	c.editor.MinLines, c.editor.MaxLines, c.editor.Hint, c.editor.Wraps = 2, 12, f.Sample, true
	c.editor.Complete = c.completeText
	c.toggle = widgets.NewSmallIconButton("code", "Write it as text", c.turn)
	c.most = newEntry("100", func(string) { c.limitTyped() })
	c.limits = container.NewBorder(nil, nil, widgets.NewText("At most", widgets.Muted), container.NewHBox(
		widgets.NewText("records", widgets.Muted), widgets.NewSmallIconButton("cross", "No limit", c.noLimit)), c.most.Editor)
	c.read("")
	return c, container.NewVBox(c.head, c.rows)
}

// show takes the text that is set, unless it is what stands here.
func (c *filterControl) show(v any) {
	if s := text(v); s != c.text && !c.editing() {
		c.read(s)
	}
}

// editing says whether a person is typing.
func (c *filterControl) editing() bool {
	return c.editor.focused || c.most.focused || slices.ContainsFunc(c.tests, func(r *filterRow) bool { return r.editing() })
}

// read makes rows of a text, if it is a filter.
func (c *filterControl) read(text string) {
	f, err := parseFilter(text)
	c.text = text
	c.tree, c.limit = treeOf(f.Where), f.Limit
	if err != nil {
		c.asText = true
	}
	c.editor.fill(text)
	c.markText(err)
	c.rebuild()
}

func parseFilter(text string) (filter.Filter, error) {
	if strings.TrimSpace(text) == "" {
		return filter.Filter{}, nil
	}
	return filter.Parse(text)
}

// typed is a change of the text.
func (c *filterControl) typed(text string) {
	c.text = text
	f, err := parseFilter(text)
	if err == nil {
		c.tree, c.limit = treeOf(f.Where), f.Limit
	}
	c.markText(err)
	c.set(text)
}

// markText underlines where the text is wrong, and lets a person turn to rows only where
// it is right.
func (c *filterControl) markText(err error) {
	var marks []widgets.Mark
	if p, ok := filter.ProblemOf(err); err != nil && ok {
		at := offset(c.text, p.Line, p.Column)
		end := at
		for _, w := range filter.Words(c.text) {
			if w.Start <= at && at < w.End {
				end = w.End
			}
		}
		if end == at {
			at = max(0, len(strings.TrimRight(c.text, " \n"))-1)
			end = len(c.text)
		}
		marks = append(marks, widgets.Mark{Start: at, End: end})
	}
	c.editor.SetMarks(marks...)
	if err != nil {
		c.toggle.Disable()
	} else {
		c.toggle.Enable()
	}
}

// offset is the byte at a line and column in runes, both from 1.
func offset(text string, line, column int) int {
	at := 0
	for ; line > 1; line-- {
		next := strings.IndexByte(text[at:], '\n')
		if next < 0 {
			return len(text)
		}
		at += next + 1
	}
	for i := range text[at:] {
		if column--; column == 0 {
			return at + i
		}
	}
	return len(text)
}

// turn shows the text instead of the rows, or the rows instead of the text.
func (c *filterControl) turn() {
	c.asText = !c.asText
	if c.asText {
		c.editor.SetText(c.text)
	}
	c.rebuild()
	if c.asText {
		widgets.Focus(c.editor.Editor)
	} else {
		widgets.Focus(c.toggle)
	}
}

// changed writes the text of the rows.
func (c *filterControl) changed() {
	c.text = filter.Print(filter.Filter{Where: c.tree.expr(), Limit: c.limit})
	c.check()
	c.set(c.text)
}

// rebuild makes what is shown anew, after its shape changed.
func (c *filterControl) rebuild() {
	c.tests = nil
	c.toggle.SetIcon("code")
	c.toggle.Tip = "Write it as text"
	if c.asText {
		c.toggle.SetIcon("list")
		c.toggle.Tip = "Show it as rows"
		c.head.Objects = []fyne.CanvasObject{container.NewBorder(nil, nil, nil, container.NewVBox(c.toggle), c.editor.Editor)}
		c.rows.Objects = nil
	} else {
		group := c.group(c.tree, nil)
		c.head.Objects = []fyne.CanvasObject{container.NewBorder(nil, nil, nil, c.toggle, c.joins(c.tree))}
		c.rows.Objects = []fyne.CanvasObject{group}
		if c.limit > 0 {
			c.most.fill(strconv.Itoa(c.limit))
			c.rows.Add(c.limits)
		}
	}
	c.head.Refresh()
	c.rows.Refresh()
	c.check()
}

// The ways in which a group holds.
var joinOptions = []widgets.Option{
	{Value: "all", Label: "All of these hold"},
	{Value: "any", Label: "Any of these holds"},
	{Value: "none", Label: "None of these holds"},
	{Value: "not all", Label: "Not all of these hold"},
}

// joins says how a group's parts go together; of one part there is nothing to say.
func (c *filterControl) joins(n *node) fyne.CanvasObject {
	if len(n.parts) == 0 {
		return widgets.NewText("Every record", widgets.Muted)
	}
	if len(n.parts) == 1 && !n.not && n == c.tree {
		return widgets.NewText("Records for which this holds", widgets.Muted)
	}
	choice := widgets.NewChoice(joinOptions, func(v string) {
		n.any, n.not = v == "any" || v == "none", v == "none" || v == "not all"
		c.changed()
	})
	choice.SetValue(map[[2]bool]string{{false, false}: "all", {true, false}: "any", {true, true}: "none", {false, true}: "not all"}[[2]bool{n.any, n.not}])
	return choice
}

// group shows the parts of a group, and what adds to it.
func (c *filterControl) group(n *node, above *node) fyne.CanvasObject {
	box := container.NewVBox()
	for _, p := range n.parts {
		switch {
		case p.group:
			head := container.NewBorder(nil, nil, nil, widgets.NewSmallIconButton("cross", "Remove the group", func() { c.remove(n, p) }), c.joins(p))
			inner := widgets.NewPanel(container.NewVBox(head, c.group(p, n))).Padded(theme.WideGap, theme.WideGap).On(theme.Card)
			inner.Border, inner.Radius = theme.CardBorder, theme.Radius
			box.Add(inner)
		default:
			r := newFilterRow(c, n, p)
			c.tests = append(c.tests, r)
			box.Add(r.box)
		}
	}
	box.Add(c.adders(n, above == nil))
	return box
}

func (c *filterControl) adders(n *node, top bool) fyne.CanvasObject {
	small := func(text string, do func()) *widgets.Button {
		b := widgets.NewButton(widgets.Ghost, "add", text, do)
		b.Small = true
		return b
	}
	bar := container.NewHBox(
		small("Condition", func() { c.addTest(n) }),
		small("Group", func() { c.addGroup(n) }))
	if top && c.limit == 0 && len(n.parts) > 0 {
		bar.Add(small("Limit", func() {
			c.limit = 100
			c.rebuild()
			c.changed()
		}))
	}
	return bar
}

// addTest adds an empty condition and puts the caret into it.
func (c *filterControl) addTest(n *node) {
	n.parts = append(n.parts, &node{op: string(filter.Equal), values: []filter.Value{filter.Text("")}})
	added := n.parts[len(n.parts)-1]
	c.rebuild()
	c.changed()
	for _, r := range c.tests {
		if r.node == added && r.field != nil {
			widgets.Focus(r.field.Editor)
		}
	}
}

// addGroup adds a group with an empty condition; it is of the other kind than the one
// around it, for else it would change nothing.
func (c *filterControl) addGroup(n *node) {
	inner := &node{group: true, any: !n.any}
	n.parts = append(n.parts, inner)
	c.addTest(inner)
}

func (c *filterControl) remove(from, part *node) {
	from.parts = slices.DeleteFunc(from.parts, func(p *node) bool { return p == part })
	c.rebuild()
	c.changed()
}

func (c *filterControl) limitTyped() {
	n, err := strconv.Atoi(strings.TrimSpace(c.most.Text()))
	c.most.SetWrong(err != nil || n < 1)
	if err == nil && n > 0 {
		c.limit = n
		c.changed()
	}
}

func (c *filterControl) noLimit() {
	c.limit = 0
	c.rebuild()
	c.changed()
}

// learn asks the service once which fields there are.
func (c *filterControl) learn(then func()) {
	if !c.live || c.asked {
		return
	}
	c.asked = true
	c.ask.Choices(c.name, func(found []kit.Choice) {
		c.fields = found
		for _, r := range c.tests {
			r.fill()
		}
		c.check()
		then()
	})
}

// kind is the type of a field, "" where it is not known.
func (c *filterControl) kind(field string) string {
	for _, f := range c.fields {
		if f.Value == field {
			return f.Type
		}
	}
	return ""
}

// check says at each row what is wrong with it.
func (c *filterControl) check() {
	types := flow.Schema{}
	for _, f := range c.fields {
		types.Properties = append(types.Properties, flow.Property{Name: f.Value, Schema: schemaOf(f.Type)})
	}
	changed := false
	for _, r := range c.tests {
		changed = r.check(types) || changed
	}
	if changed {
		c.rows.Refresh()
	}
}

// schemaOf is what a Choice's Type says.
func schemaOf(kind string) flow.Schema {
	switch k := flow.Kind(kind); k {
	case "":
		return flow.Any()
	case flow.Boolean, flow.Integer, flow.Number, flow.String, flow.Array, flow.Object:
		return flow.Of(k)
	}
	return flow.Schema{Types: []flow.Kind{flow.String}, Format: kind}
}

// completeText lists fields and words at the caret of the text.
func (c *filterControl) completeText(src string, caret int) []widgets.Suggestion {
	c.learn(func() {})
	start, kind := caret, filter.NameWord
	for _, w := range filter.Words(src) {
		if w.Start < caret && caret <= w.End {
			start, kind = w.Start, w.Kind
		}
	}
	if kind != filter.NameWord && kind != filter.KeywordWord && start < caret {
		return nil
	}
	found := c.suggest(src[start:caret], start, caret, true)
	for _, word := range []string{"and", "or", "not", "contains", "between", "in", "limit", "null", "true", "false"} {
		if begun := src[start:caret]; begun != "" && strings.HasPrefix(word, begun) {
			found = append(found, widgets.Suggestion{Text: word, Icon: "code", Colour: theme.CodeKeyword, Start: start, End: caret})
		}
	}
	return found
}

// suggest lists the fields whose name or label has what was begun in it.
func (c *filterControl) suggest(begun string, start, end int, quoted bool) []widgets.Suggestion {
	var found []widgets.Suggestion
	begun = strings.ToLower(strings.Trim(begun, "`"))
	for _, f := range c.fields {
		if !strings.Contains(strings.ToLower(f.Value+"\x00"+f.Label), begun) {
			continue
		}
		name := f.Value
		if quoted {
			name = filter.Name(name)
		}
		detail := f.Type
		if f.Label != "" && f.Label != f.Value {
			detail = strings.TrimSpace(f.Label + "  " + detail)
		}
		found = append(found, widgets.Suggestion{Text: name, Detail: detail, Icon: iconOf(f.Type), Colour: theme.CodePath, Start: start, End: end})
	}
	return found
}

// iconOf is the icon of a type.
func iconOf(kind string) string {
	switch kind {
	case "integer", "number", "decimal":
		return "number"
	case "boolean":
		return "boolean"
	case "date", "date-time":
		return "clock"
	case "array":
		return "array"
	case "":
		return "any"
	}
	return "text"
}
