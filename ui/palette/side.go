package palette

import (
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
	rows    []*row          // that are listed, also in sections that are folded
	shut    map[string]bool // what a person has folded, or unfolded, by title
	picked  int             // the row that the keys have come to, -1 for none
	list    *fyne.Container
	scroll  *container.Scroll
	content fyne.CanvasObject
}

// NewSide offers the items.
func NewSide(items []Item) *Side {
	s := &Side{items: items, list: container.NewVBox(), shut: map[string]bool{}}
	s.search = widgets.NewSearchField("Search steps…", s.find)
	s.search.OnDown = func() { s.move(1) }
	s.search.OnUp = func() { s.move(-1) }
	s.search.OnSubmit = s.takePicked
	top := widgets.NewPanel(s.search).Padded(theme.WideGap, theme.WideGap)
	list := widgets.NewPanel(s.list).Padded(theme.WideGap, theme.Gap)
	s.scroll = container.NewVScroll(list)
	s.content = widgets.Under(top, s.scroll)
	s.ExtendBaseWidget(s)
	s.find("")
	return s
}

// SetItems offers others.
func (s *Side) SetItems(items []Item) {
	s.items = items
	s.find(s.search.Text())
}

// FocusSearch puts the caret into the search.
func (s *Side) FocusSearch() { s.search.Focus() }

func (s *Side) find(query string) {
	s.list.Objects, s.rows, s.picked = nil, nil, -1
	if query == "" {
		for _, section := range Sections(s.items) {
			s.add(section)
		}
	} else if found := Find(s.items, query); len(found) > 0 {
		s.add(Section{Title: "Found", Items: found, Mixed: true})
	} else {
		s.list.Add(widgets.NewText("Nothing answers to that.", widgets.Muted))
		s.list.Add(widgets.NewText("Try another word, or the service's name.", widgets.Caption))
	}
	s.list.Refresh()
}

// add lists a section below a heading that folds it.
func (s *Side) add(section Section) {
	shut, chosen := s.shut[section.Title]
	if !chosen {
		shut = section.Shut
	}
	head := widgets.NewSection(section.Title, !shut, container.NewStack())
	s.list.Add(head)
	from := len(s.rows)
	for _, it := range section.Items {
		r := newRow(s, it)
		r.named, r.Hidden = section.Mixed && it.Account, shut
		s.rows = append(s.rows, r)
		s.list.Add(r)
	}
	under := s.rows[from:len(s.rows):len(s.rows)]
	head.OnFold = func(open bool) {
		s.shut[section.Title] = !open
		for _, r := range under {
			r.Hidden = !open
		}
		s.list.Refresh()
	}
}

// move goes with the keys from row to row.
func (s *Side) move(by int) {
	if len(s.rows) == 0 {
		return
	}
	if s.picked >= 0 {
		s.rows[s.picked].pick(false)
	}
	next := s.picked + by
	for next >= 0 && next < len(s.rows) && s.rows[next].Hidden {
		next += by
	}
	if next < 0 || next >= len(s.rows) {
		next = max(0, s.picked)
	}
	s.picked = next
	r := s.rows[s.picked]
	r.pick(true)
	y, seen := r.Position().Y, s.scroll.Offset.Y
	switch low := y + r.Size().Height - s.scroll.Size().Height; {
	case y < seen:
		s.scroll.ScrollToOffset(fyne.NewPos(0, y))
	case low > seen:
		s.scroll.ScrollToOffset(fyne.NewPos(0, low+theme.Size(theme.WideGap)))
	}
}

// takePicked lets Enter take the row that the keys have come to, or else what was found
// first.
func (s *Side) takePicked() {
	at := s.picked
	if at < 0 && s.search.Text() != "" {
		at = 0
	}
	if at < 0 || at >= len(s.rows) || s.OnTake == nil {
		return
	}
	op := s.rows[at].item.Op
	s.search.SetText("")
	s.OnTake(op)
}

// CreateRenderer shows the palette.
func (s *Side) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(s.content) }
