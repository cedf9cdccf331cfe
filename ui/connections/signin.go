package connections

import (
	"context"
	"net/url"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/ui/theme"
	"jackfield/ui/widgets"
)

// entry is the part of a form where a person signs in, of connections that ask for that.
type entry struct {
	page       *Page
	standing   kit.Standing   // of the open connection
	invited    string         // the connection that a sign-in goes on for; "" for none
	invitation kit.Invitation // what is to be done for it; without an id not known yet
	failed     *flow.Problem  // how the last sign-in of the open connection ended
	address    string         // that a person brings
	panel      *widgets.Panel
	content    fyne.CanvasObject // the panel, and the gap behind it
}

func newEntry(p *Page) *entry {
	e := &entry{page: p}
	e.panel = widgets.NewPanel(container.NewStack()).Padded(theme.FarGap, theme.FarGap).On(theme.AccentSoft)
	e.panel.Radius = theme.Radius
	e.content = widgets.Spaced(theme.FarGap, e.panel, widgets.NewGap(theme.Gap))
	return e
}

// open begins with another connection, of which nothing is known yet.
func (e *entry) open() {
	e.standing, e.failed, e.address = kit.Standing{}, nil, ""
	e.draw()
}

// asks says whether the settings, as they stand in the form, want a person to sign in.
func (p *Page) asks() bool {
	declared, ok := p.ops.Connector(p.open.Connector)
	if !ok || p.open.BuiltIn {
		return false
	}
	made, ok := declared.Connection().(kit.Entry)
	if !ok {
		return false
	}
	made.Fields().Bind("", p.open.Values)
	standing, err := made.Standing(context.Background(), kit.Env{})
	return err == nil && standing.Asks
}

// draw shows what there is to see and to do now.
func (e *entry) draw() {
	var parts []fyne.CanvasObject
	switch p := e.page; {
	case !p.asks():
	case e.invited != "" && e.invited == p.open.Name && !p.fresh:
		parts = e.waiting()
	case p.fresh || p.changed:
		parts = append(parts, widgets.NewProse("A person has to sign in to this service. Save first.", widgets.Plain))
	default:
		parts = e.resting()
	}
	e.panel.SetContent(widgets.Spaced(theme.WideGap, parts...))
	show(e.content, len(parts) > 0)
	e.page.side.Refresh()
}

// resting shows how the sign-in stands.
func (e *entry) resting() []fyne.CanvasObject {
	s := e.standing
	icon, colour, text := "key", theme.Muted, "Nobody is signed in"
	if s.SignedIn {
		icon, colour, text = "check", theme.Done, "Signed in"
	}
	if s.SignedIn && s.As != "" {
		text += " as " + s.As
	}
	parts := []fyne.CanvasObject{container.NewHBox(container.NewCenter(widgets.NewIcon(icon, colour, theme.SmallIconSize)), widgets.NewText(text, widgets.Strong))}
	switch {
	case s.Problem != nil:
	case s.Renews:
		parts = append(parts, widgets.NewProse("It is renewed by itself.", widgets.Muted))
	case s.SignedIn && !s.Until.IsZero():
		parts = append(parts, widgets.NewProse("Until "+s.Until.Local().Format("2 January 2006, 15:04")+"; the service gave nothing to renew it with.", widgets.Muted))
	}
	for _, wrong := range []*flow.Problem{s.Problem, e.failed} {
		if wrong != nil {
			parts = append(parts, widgets.NewProse(sentence(*wrong), widgets.Plain.In(theme.Failed)))
		}
	}
	buttons := container.NewHBox(widgets.NewButton(widgets.Primary, "key", "Sign in", func() { e.begin("") }))
	if s.SignedIn {
		buttons = container.NewHBox(
			widgets.NewButton(widgets.Second, "key", "Sign in again", func() { e.begin("") }),
			widgets.NewButton(widgets.Second, "cross", "Sign out", func() { e.page.OnSignOut(e.page.open.Name) }))
	}
	parts = append(parts, buttons)
	if s.Redirect != "" && !s.SignedIn {
		text := "Redirect address to register with the service:"
		if u, err := url.Parse(s.Redirect); err == nil && u.Hostname() == "127.0.0.1" && u.Port() == "" {
			text = "Redirect address to register with the service; its port may be any:"
		}
		parts = append(parts, widgets.Spaced(theme.Gap, widgets.NewProse(text, widgets.Caption), e.copied(s.Redirect)))
	}
	return parts
}

// waiting shows what a person has to do.
func (e *entry) waiting() []fyne.CanvasObject {
	i := e.invitation
	stop := widgets.NewButton(widgets.Second, "cross", "Cancel", func() { e.page.OnCancelSignIn() })
	if i.URL == "" {
		return []fyne.CanvasObject{widgets.NewText("Asking the service…", widgets.Muted), container.NewHBox(stop)}
	}
	until := i.Until.Local().Format("15:04:05")
	parts := []fyne.CanvasObject{widgets.NewText("Waiting for you to sign in, until "+until, widgets.Strong)}
	if i.Way == kit.ByDevice {
		parts = append(parts, widgets.NewProse("Open this address on any device, and type in the code:", widgets.Muted), e.copied(i.Code))
	} else {
		parts = append(parts, widgets.NewProse("Sign in in the browser that has opened. If none has, open this address:", widgets.Muted))
	}
	parts = append(parts, e.copied(i.URL))
	if i.Way != kit.ByDevice {
		bring := widgets.NewTextField("the address that the browser ended at", func(text string) { e.address = text })
		bring.SetText(e.address)
		use := widgets.NewButton(widgets.Second, "check", "Use it", func() {
			if address := strings.TrimSpace(e.address); address != "" {
				e.page.OnPaste(i.ID, address)
			}
		})
		parts = append(parts, widgets.Spaced(theme.Gap,
			widgets.NewProse("If it cannot come back, paste the address that it ended at:", widgets.Caption),
			container.NewBorder(nil, nil, nil, use, bring)))
	}
	again := widgets.NewButton(widgets.Second, "open", "Open the browser", func() { e.page.OnBrowse(i.URL) })
	return append(parts, container.NewHBox(again, stop))
}

// sentence says a problem and what to do about it.
func sentence(p flow.Problem) string {
	if p.Fix == "" {
		return p.What
	}
	return p.What + "; " + p.Fix
}

// copied is a text with a button to copy it by.
func (e *entry) copied(text string) fyne.CanvasObject {
	take := widgets.NewSmallIconButton("copy", "Copy", func() {
		fyne.CurrentApp().Clipboard().SetContent(text)
		widgets.LayerOf(e.panel).Toast(widgets.Good, "Copied")
	})
	return container.NewBorder(nil, nil, nil, take, widgets.NewCutText(text, widgets.Code))
}

func (e *entry) begin(way kit.Way) {
	e.failed = nil
	e.invited, e.invitation = e.page.open.Name, kit.Invitation{}
	e.draw()
	e.page.OnSignIn(e.invited, way)
}

// ShowStanding shows how a connection's sign-in stands.
func (p *Page) ShowStanding(name string, s kit.Standing) {
	if p.open.Name == name && !p.fresh {
		p.entry.standing = s
		p.entry.draw()
	}
}

// ShowInvitation shows what a person has to do to sign in.
func (p *Page) ShowInvitation(name string, i kit.Invitation) {
	if p.entry.invited == name {
		p.entry.invitation = i
		p.entry.draw()
	}
}

// SignInEnded ends the waiting; wrong says why nobody is signed in, nil where somebody is.
func (p *Page) SignInEnded(name string, wrong *flow.Problem) {
	if p.entry.invited != name {
		return
	}
	p.entry.invited, p.entry.invitation = "", kit.Invitation{}
	if p.open.Name == name {
		p.entry.failed, p.entry.address = wrong, ""
	}
	p.entry.draw()
}

// Open is the name of the stored connection that is shown; "" for none.
func (p *Page) Open() string {
	if p.fresh {
		return ""
	}
	return p.open.Name
}
