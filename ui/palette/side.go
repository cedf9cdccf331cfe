package palette

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"jackfield/flow"
	"jackfield/ui/theme"
	"jackfield/ui/widgets"
)

// Side is the palette beside the canvas: a search and all operations in sections.
type Side struct {
	widget.BaseWidget
	OnTake func(op flow.OpID) // a tap: put it where it fits
	OnDrag func(it Item, at fyne.Position)
	OnDrop func(it Item, at fyne.Position)

	items   []Item
	search  *widgets.SearchField
	list    *fyne.Container
	content fyne.CanvasObject
}

// NewSide offers the items.
func NewSide(items []Item) *Side {
	s := &Side{items: items, list: container.NewVBox()}
	s.search = widgets.NewSearchField("Search steps…", s.find)
	s.search.OnSubmit = func() { s.takeFirst(s.search.Text()) }
	top := widgets.NewPanel(s.search).Padded(theme.WideGap, theme.WideGap)
	list := widgets.NewPanel(s.list).Padded(theme.WideGap, theme.Gap)
	s.content = container.NewBorder(top, nil, nil, nil, container.NewVScroll(list))
	s.ExtendBaseWidget(s)
	s.find("")
	return s
}

// FocusSearch puts the caret into the search.
func (s *Side) FocusSearch() { s.search.Focus() }

func (s *Side) find(query string) {
	s.list.Objects = nil
	if query == "" {
		for _, section := range Sections(s.items) {
			s.add(section.Title, section.Items)
		}
	} else if found := Find(s.items, query); len(found) > 0 {
		s.add("Found", found)
	} else {
		s.list.Add(widgets.NewText("Nothing answers to that.", widgets.Muted))
		s.list.Add(widgets.NewText("Try another word, or the service's name.", widgets.Caption))
	}
	s.list.Refresh()
}

func (s *Side) add(title string, items []Item) {
	if len(s.list.Objects) > 0 {
		s.list.Add(widgets.NewGap(theme.WideGap))
	}
	s.list.Add(widgets.NewText(strings.ToUpper(title), widgets.Overline))
	for _, it := range items {
		s.list.Add(newRow(s, it))
	}
}

// takeFirst lets Enter take what was found first.
func (s *Side) takeFirst(query string) {
	found := Find(s.items, query)
	if query == "" || len(found) == 0 || s.OnTake == nil {
		return
	}
	s.search.SetText("")
	s.OnTake(found[0].Op)
}

// CreateRenderer shows the palette.
func (s *Side) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(s.content) }
