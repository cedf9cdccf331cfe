package palette

import (
	"testing"

	"jackfield/connectors/kit"
)

type anything struct{}

func (anything) Fields() kit.Fields { return nil }

func testItems() []Item {
	op := func(id, title string, words ...string) kit.Op {
		return kit.Op{ID: id, Title: title, Words: words, New: func() kit.Operation { return anything{} }}
	}
	manual := op("manual", "By hand", "start")
	manual.Trigger = true
	return Items(kit.Set{
		{ID: "core", Title: "Core", Ops: []kit.Op{manual, op("map", "Map with jq", "transform", "convert"), op("filter", "Filter", "where", "select")}},
		{ID: "http", Title: "HTTP", Ops: []kit.Op{op("request", "HTTP request", "api", "rest", "call")}},
		{ID: "mail", Title: "Mail", Ops: []kit.Op{op("send", "Send a mail", "smtp")}},
	})
}

func TestFindTakesTitlesSynonymsAndConnectors(t *testing.T) {
	for _, tc := range []struct{ name, query, want string }{
		{"a title's beginning", "fil", "core.filter"},
		{"two words of title and connector", "send mail", "mail.send"},
		{"a synonym", "transform", "core.map"},
		{"the id", "core.map", "core.map"},
		{"letters in order", "rqst", "http.request"},
		{"capitals", "HTTP", "http.request"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			found := Find(testItems(), tc.query)
			if len(found) == 0 || string(found[0].Op) != tc.want {
				t.Errorf("found %v, want %s first", found, tc.want)
			}
		})
	}
}

func TestFindGivesNothingForAWordThatIsNowhere(t *testing.T) {
	if found := Find(testItems(), "send zebra"); len(found) > 0 {
		t.Errorf("found %v", found)
	}
}

func TestSectionsHoldEveryItemOnce(t *testing.T) {
	items := testItems()
	n := 0
	for _, s := range Sections(items) {
		n += len(s.Items)
	}
	if n != len(items) {
		t.Errorf("%d items in sections, want %d", n, len(items))
	}
	if first := Sections(items)[0]; first.Title != "Triggers" || len(first.Items) != 1 {
		t.Errorf("the first section is %v", first)
	}
}
