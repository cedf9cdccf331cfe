package form

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"jackfield/connectors/kit"
	"jackfield/flow/value"
	"jackfield/ui/widgets"
)

// linesControl is what lists, pairs and cases have in common: lines with a button
// that removes one, and one that adds another.
type linesControl struct {
	box   *fyne.Container
	lines []line
	make  func(changed func()) line // an empty line
	value func([]line) any
	set   func(any)
	shown any
}

// line is one line of a list.
type line struct {
	object  fyne.CanvasObject
	fill    func(v any)
	read    func() any
	focused func() bool
}

func newLines(add string, empty func(changed func()) line, read func([]line) any, set func(any)) (*linesControl, fyne.CanvasObject) {
	c := &linesControl{box: container.NewVBox(), make: empty, value: read, set: set}
	more := widgets.NewButton(widgets.Ghost, "add", add, func() {
		c.append(nil)
		c.changed()
	})
	more.Small = true
	return c, container.NewVBox(c.box, container.NewHBox(more))
}

func (c *linesControl) append(v any) {
	l := c.make(c.changed)
	if v != nil {
		l.fill(v)
	}
	c.lines = append(c.lines, l)
	var object fyne.CanvasObject
	remove := widgets.NewSmallIconButton("cross", "Remove", func() { c.remove(slices.Index(c.box.Objects, object)) })
	object = container.NewBorder(nil, nil, nil, container.NewCenter(remove), l.object)
	c.box.Add(object)
}

func (c *linesControl) remove(at int) {
	c.box.Remove(c.box.Objects[at])
	c.lines = slices.Delete(c.lines, at, at+1)
	c.changed()
}

func (c *linesControl) changed() {
	c.shown = c.value(c.lines)
	c.set(c.shown)
}

func (c *linesControl) show(v any) {
	if value.Equal(plain(v), plain(c.shown)) && c.shown != nil || slices.ContainsFunc(c.lines, func(l line) bool { return l.focused() }) {
		return
	}
	c.shown = v
	c.lines, c.box.Objects = nil, nil
	for _, member := range members(v) {
		c.append(member)
	}
	c.box.Refresh()
}

// members lists what there is a line for: of an object, its pairs by name.
func members(v any) []any {
	switch v := v.(type) {
	case []any:
		return v
	case map[string]any:
		var names []string
		for name := range v {
			names = append(names, name)
		}
		slices.Sort(names)
		var pairs []any
		for _, name := range names {
			pairs = append(pairs, map[string]any{"name": name, "text": v[name]})
		}
		return pairs
	}
	return nil
}

func newList(f kit.Field, set func(any)) (control, fyne.CanvasObject) {
	empty := func(changed func()) line {
		e := newEntry(f.Sample, func(string) { changed() })
		return line{e.Editor, func(v any) { e.fill(text(v)) }, func() any { return e.Text() }, func() bool { return e.focused }}
	}
	return newLines("Add", empty, func(lines []line) any {
		list := []any{}
		for _, l := range lines {
			list = append(list, l.read())
		}
		return list
	}, set)
}

// text is a member as it is shown; what should not stand there is shown as JSON.
func text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	return string(value.Append(nil, v))
}

func newPairs(set func(any)) (control, fyne.CanvasObject) {
	empty := func(changed func()) line {
		name, value := newEntry("name", func(string) { changed() }), newEntry("value", func(string) { changed() })
		return line{
			container.NewGridWithColumns(2, name.Editor, value.Editor),
			func(v any) {
				m, _ := v.(map[string]any)
				name.fill(text(m["name"]))
				value.fill(text(m["text"]))
			},
			func() any { return [2]string{name.Text(), value.Text()} },
			func() bool { return name.focused || value.focused },
		}
	}
	return newLines("Add", empty, func(lines []line) any {
		pairs := map[string]any{}
		for _, l := range lines {
			if pair := l.read().([2]string); pair[0] != "" {
				pairs[pair[0]] = pair[1]
			}
		}
		return pairs
	}, set)
}

func newCases(set func(any)) (control, fyne.CanvasObject) {
	empty := func(changed func()) line {
		name := newEntry("name", func(string) { changed() })
		when := watch(widgets.NewCodeLine("jq", func(string) { changed() }))
		when.Hint = ".total > 100"
		return line{
			container.New(&caseLayout{}, name.Editor, when.Editor),
			func(v any) {
				m, _ := v.(map[string]any)
				name.fill(text(m["name"]))
				when.fill(text(m["when"]))
			},
			func() any { return map[string]any{"name": name.Text(), "when": when.Text()} },
			func() bool { return name.focused || when.focused },
		}
	}
	return newLines("Add a case", empty, func(lines []line) any {
		list := []any{}
		for _, l := range lines {
			list = append(list, l.read())
		}
		return list
	}, set)
}

// caseLayout gives a third to the name and the rest to the condition.
type caseLayout struct{}

func (*caseLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	const gap = 6
	name := size.Width / 3
	objects[0].Resize(fyne.NewSize(name, size.Height))
	objects[1].Move(fyne.NewPos(name+gap, 0))
	objects[1].Resize(fyne.NewSize(size.Width-name-gap, size.Height))
}

func (*caseLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	a, b := objects[0].MinSize(), objects[1].MinSize()
	return fyne.NewSize(a.Width+b.Width, max(a.Height, b.Height))
}
