package connections

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"jackfield/app"
	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/ui/theme"
	"jackfield/ui/uitest"
	"jackfield/ui/widgets"
)

type web struct {
	url   string
	token kit.Secret
}

func (w *web) Fields() kit.Fields {
	return kit.Fields{kit.Text(&w.url, "url", "Address").Needed(), kit.Hidden(&w.token, "token", "Token").Needed()}
}
func (*web) Test(context.Context, kit.Env) []kit.Check { return nil }

// Paste knows addresses of the web alone.
func (*web) Paste(text string) (flow.Values, bool) {
	return flow.Values{"url": text, "token": kit.NewSecret("t0p")}, strings.HasPrefix(text, "https://")
}

type post struct{ host string }

func (p *post) Fields() kit.Fields                      { return kit.Fields{kit.Text(&p.host, "host", "Host")} }
func (*post) Test(context.Context, kit.Env) []kit.Check { return nil }

var testOps = kit.Set{
	{ID: "core", Title: "Core"},
	{ID: "http", Title: "HTTP", Connection: func() kit.Connection { return &web{} }},
	{ID: "mail", Title: "Mail", Connection: func() kit.Connection { return &post{} }},
}

// plainForm is a form of lines, as simple as can be.
type plainForm struct {
	widget.BaseWidget
	box   *fyne.Container
	wrong map[string]*widgets.Text
}

func newPlainForm(fields, _ kit.Fields, changed func(name string, value any)) widgets.Form {
	f := &plainForm{box: container.NewVBox(), wrong: map[string]*widgets.Text{}}
	for _, one := range fields {
		edit := widgets.NewTextField(one.Sample, func(text string) {
			if text == "" {
				changed(one.Name, nil)
			} else {
				changed(one.Name, text)
			}
		})
		if text, ok := one.Get().(string); ok {
			edit.SetText(text)
		}
		f.wrong[one.Name] = widgets.NewText("", widgets.Plain)
		needed := ""
		if one.Required {
			needed = "needed"
		}
		f.box.Add(container.NewVBox(widgets.NewText(one.Label, widgets.Plain), widgets.NewText(needed, widgets.Plain), edit, f.wrong[one.Name]))
	}
	f.ExtendBaseWidget(f)
	return f
}

func (f *plainForm) SetProblems(all []flow.Problem) {
	for _, w := range f.wrong {
		w.SetText("")
	}
	for _, p := range all {
		if w := f.wrong[p.Field]; w != nil {
			w.SetText(p.What)
		}
	}
	f.box.Refresh()
}

func (f *plainForm) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(f.box) }

// book is a page of connections in a window, and what it wished for.
type book struct {
	*uitest.Screen
	*Page
	wishes []string
	goOn   func() // past the question whether changes may be lost
}

func newBook(t *testing.T) *book {
	t.Helper()
	b := &book{Screen: uitest.Show(t, theme.New(true), widgets.NewText("", widgets.Plain), fyne.NewSize(1100, 800))}
	wish := func(format string, args ...any) { b.wishes = append(b.wishes, fmt.Sprintf(format, args...)) }
	b.Page = New(testOps)
	b.NewForm = newPlainForm
	b.OnSave = func(c flow.Connection) { wish("save %s %s %v", c.Name, c.Connector, c.Values) }
	b.OnTest = func(c flow.Connection) { wish("test %s %v", c.Name, c.Values) }
	b.OnCancelTest = func() { wish("cancel test") }
	b.OnRemove = func(name string) { wish("remove %s", name) }
	b.OnLose = func(name string, goOn func()) { wish("lose %s?", name); b.goOn = goOn }
	b.Win.SetContent(widgets.WithLayer(b.Page))
	b.Fill(stored())
	return b
}

func stored() []flow.Connection {
	return []flow.Connection{
		{Name: "demo", Connector: "http", Values: flow.Values{"url": "demo:"}, BuiltIn: true},
		{Name: "crm", Connector: "http", Values: flow.Values{"url": "http://crm"}, Secrets: map[string]string{"token": "vault/1"}},
		{Name: "post", Connector: "mail", Values: flow.Values{"host": "mail.example"}},
	}
}

func (b *book) wished(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(b.wishes, want) {
		t.Errorf("it wished for %q, want %q", b.wishes, want)
	}
	b.wishes = nil
}

func TestConnectionsAreListedAndShown(t *testing.T) {
	b := newBook(t)
	b.Want("demo", "HTTP, built in", "crm", "Mail", "Accounts on services")
	b.Click("post")
	b.Want("post  ·  Mail", "mail.example", "Save", "Test", "Remove")
	b.Click("demo")
	b.Want("Built in:", "Test")
	b.WantNot("Save", "Remove")
	b.wished(t)
}

func TestAStoredSecretIsSaidToBeThere(t *testing.T) {
	b := newBook(t)
	b.Click("crm")
	b.Want("stored; type to put another in its place")
	b.Click("New connection")
	b.WantNot("stored;")
}

func TestANewConnectionIsSaved(t *testing.T) {
	b := newBook(t)
	b.Click("New connection")
	b.Type("Name", "shop")
	b.FocusBelow("Service")
	b.Key(fyne.KeyDown)
	b.Want("shop")
	b.Type("Host", "h")
	b.Click("Save")
	b.wished(t, "save shop mail map[host:h]")
	all := append(stored(), flow.Connection{Name: "shop", Connector: "mail", Values: flow.Values{"host": "h"}})
	b.Saved(all[3], all)
	b.Want("shop  ·  Mail", "Remove")
	b.Click("post")
	b.wished(t) // nothing is lost
}

func TestANameThatIsTakenIsRefused(t *testing.T) {
	b := newBook(t)
	b.Click("New connection")
	b.Type("Name", "crm")
	b.Click("Save")
	b.wished(t)
	b.Want("there is a connection crm already; choose another name")
	b.Type("Name", "crm2")
	b.Click("Save")
	b.wished(t, "save crm2 http map[]")
	b.WantNot("already")
}

func TestWhatIsWrongStandsAtItsField(t *testing.T) {
	b := newBook(t)
	b.Click("crm")
	b.Type("Address", "nonsense")
	b.Click("Save")
	b.ShowProblems([]flow.Problem{{Field: "url", What: "that is no address"}, {Field: "name", What: "a bad name", Fix: "take another"}})
	b.Want("that is no address", "a bad name; take another", "nonsense")
	b.Fill(stored()) // something else was saved
	b.Want("nonsense")
	b.Click("Save")
	b.WantNot("that is no address", "a bad name")
	b.wished(t, "save crm http map[url:nonsense]", "save crm http map[url:nonsense]")
}

func TestChangesAreNotLostWithoutAQuestion(t *testing.T) {
	for _, tc := range []struct{ name, to, shows string }{
		{"another connection", "post", "post  ·  Mail"},
		{"a new one", "New connection", "what flows call it, like crm"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := newBook(t)
			b.Click("crm")
			b.Type("Address", "http://new")
			b.Click(tc.to)
			b.wished(t, "lose crm?")
			b.Want("http://new")
			if at := b.rows.Picked(); at != 1 {
				t.Errorf("row %d is chosen, want that of what is open", at)
			}
			b.goOn()
			b.Want(tc.shows)
			b.WantNot("http://new")
		})
	}
}

func TestATestIsShownCheckByCheck(t *testing.T) {
	b := newBook(t)
	b.Click("crm")
	b.Type("Address", "http://new")
	b.Click("Test")
	b.wished(t, "test crm map[url:http://new]")
	b.Want("Testing…")
	b.AddCheck(kit.Check{Name: "Name", OK: true, What: "10.0.0.7", Took: 3 * time.Millisecond})
	b.Want("Name", "3 ms", "10.0.0.7", "Testing…", "Cancel")
	b.AddCheck(kit.Check{Name: "Request", What: "it said 401", Fix: "look at the token", Took: 40 * time.Millisecond})
	b.TestEnded()
	b.Want("Name", "3 ms", "Request", "it said 401", "look at the token", "40 ms")
	b.WantNot("Testing…", "Cancel")
	b.Click("Test")
	b.ShowProblems([]flow.Problem{{Field: "url", What: "that is no address"}})
	b.WantNot("Testing…", "it said 401")
}

func TestATestIsCancelled(t *testing.T) {
	b := newBook(t)
	b.Click("crm")
	b.Click("Test")
	b.AddCheck(kit.Check{Name: "Name", OK: true, What: "10.0.0.7"})
	b.Click("Cancel")
	b.wished(t, "test crm map[url:http://crm]", "cancel test")
	b.AddCheck(kit.Check{Name: "Connection", What: "it was on its way"})
	b.Want("10.0.0.7", "Cancelled")
	b.WantNot("Testing…", "it was on its way")
}

func TestATestEndsWhenAnotherConnectionIsShown(t *testing.T) {
	b := newBook(t)
	b.Click("crm")
	b.Click("Test")
	b.Click("post")
	b.wished(t, "test crm map[url:http://crm]", "cancel test")
	b.AddCheck(kit.Check{Name: "Connection", OK: true})
	b.WantNot("Testing…", "Connection")
}

func TestARemovedConnectionIsGone(t *testing.T) {
	b := newBook(t)
	b.Click("post")
	b.Click("Remove")
	b.wished(t, "remove post")
	b.Fill(stored()[:2])
	b.Want("Accounts on services")
	b.WantNot("mail.example")
}

func TestDeleteRemovesOnlyWhatIsStored(t *testing.T) {
	b := newBook(t)
	b.FocusBelow("New connection")
	b.Key(fyne.KeyDown, fyne.KeyDelete, fyne.KeyDown, fyne.KeyDelete)
	b.wished(t, "remove crm")
}

func TestAConnectionOfAnUnknownConnectorIsShown(t *testing.T) {
	b := newBook(t)
	b.Fill([]flow.Connection{{Name: "old", Connector: "fax"}})
	b.Click("old")
	b.Want("Its connector, fax, is not known here.")
}

func TestAFormIsFilledFromTheClipboard(t *testing.T) {
	b := newBook(t)
	clip := fyne.CurrentApp().Clipboard()
	b.Click("post")
	clip.SetContent("SMTP_HOST=mail2.example\nSMTP_DEBUG=1\n")
	b.Click("Paste")
	b.Want("mail2.example", "Filled in: Host")
	b.Click("Save")
	b.wished(t, "save post mail map[host:mail2.example]")
	clip.SetContent("https://crm.example")
	b.Click("Paste")
	b.Want("What is on the clipboard fills nothing here", "mail2.example", "post  ·  Mail")
}

func TestANewConnectionTakesTheServiceThatKnowsWhatIsPasted(t *testing.T) {
	b := newBook(t)
	b.SetConnectors(kit.Set{testOps[2], testOps[1]}) // mail first
	b.Click("New connection")
	b.Type("Name", "shop")
	fyne.CurrentApp().Clipboard().SetContent("https://shop.example")
	b.Click("Paste")
	b.Want("https://shop.example", "Filled in: Address, Token")
	b.WantNot("t0p")
	b.Click("Save")
	b.wished(t, "save shop http map[token:•••••• url:https://shop.example]")
}

func TestHealthIsShownBelowTheForm(t *testing.T) {
	b := newBook(t)
	var asked []string
	b.OnHealth = func(name string) { asked = append(asked, name) }
	b.OnOpenFlow = func(id flow.ID) { b.wishes = append(b.wishes, "open "+string(id)) }
	b.Click("crm")
	b.WantNot("Health")
	h := app.Health{
		Connection: "crm", Next: time.Date(2026, 3, 2, 2, 30, 0, 0, time.Local), By: "Orders",
		Fared:   app.Fared{Failed: time.Date(2026, 3, 1, 9, 30, 0, 0, time.Local), FailedFor: "a test", Problem: &flow.Problem{What: "it said 401"}},
		Uses:    []app.Use{{Flow: "orders", Name: "Orders", Title: "Push"}},
		Warning: &flow.Problem{What: "nobody is signed in", Fix: "sign in"},
	}
	b.ShowHealth(h)
	b.Want("Health", "nobody is signed in; sign in", "none yet", "1 March 2026 09:30, a test: it said 401", "2 March 2026 02:30, Orders")
	b.Click("Orders, Push")
	b.wished(t, "open orders")
	b.Click("post")
	b.WantNot("Health")
	b.ShowHealth(h) // of the one that was shown before
	b.WantNot("Health")
	b.ShowHealth(app.Health{Connection: "post"})
	b.Want("No flow names it.")
	if want := []string{"crm", "post"}; !slices.Equal(asked, want) {
		t.Errorf("it asked for %q, want %q", asked, want)
	}
}
