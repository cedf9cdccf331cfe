package cli_test

import (
	"slices"
	"testing"
	"time"

	"jackfield/app/cli"
	"jackfield/connectors/kit"
	"jackfield/flow"
)

func TestSignInShowsWhatToDoAndHowItStandsThen(t *testing.T) {
	until := time.Date(2026, 3, 1, 12, 5, 0, 0, time.Local)
	browser := kit.Invitation{ID: "1", Way: kit.ByBrowser, URL: "https://login.test/a?state=x", Redirect: "http://127.0.0.1:4711/callback/x", Until: until}
	device := kit.Invitation{ID: "1", Way: kit.ByDevice, URL: "https://login.test/device", Code: "ABCD-EFGH", Until: until}
	paste := kit.Invitation{ID: "1", Way: kit.ByPaste, URL: "https://login.test/a", Redirect: "https://elsewhere.test/done", Until: until}
	after := kit.Standing{Asks: true, SignedIn: true, As: "ann@example.com", Renews: true}
	const open = "Open this address in a browser:\n\n  "
	for _, tt := range []struct {
		name, args, in string
		invitation     kit.Invitation
		failed         error
		want           said
		asked          string
	}{
		{
			name: "browser", invitation: browser, asked: "sign in to acme ",
			want: said{cli.Done, "acme: signed in as ann@example.com; it is renewed by itself\n", open + browser.URL + "\n\nIt has to be a browser on this machine: it comes back to " + browser.Redirect + "\nWaiting until 12:05:00\n"},
		},
		{
			name: "device", args: " --device", invitation: device, asked: "sign in to acme device",
			want: said{cli.Done, "acme: signed in as ann@example.com; it is renewed by itself\n", open + device.URL + "\n\nand type in the code ABCD-EFGH\nWaiting until 12:05:00\n"},
		},
		{
			name: "paste", args: " --paste", in: "https://elsewhere.test/done?code=1\n", invitation: paste, asked: "paste https://elsewhere.test/done?code=1 into 1",
			want: said{cli.Done, "acme: signed in as ann@example.com; it is renewed by itself\n", open + paste.URL + "\n\nThe browser ends at an address that begins https://elsewhere.test/done, maybe with an error. Paste that address here:\n"},
		},
		{
			name: "the service says no", invitation: device, failed: kit.Fail(kit.Denied, "the service did not sign in: access_denied").Hint("sign in again and allow it"), asked: "await sign-in 1",
			want: said{cli.RunFailed, "", open + device.URL + "\n\nand type in the code ABCD-EFGH\nWaiting until 12:05:00\njackfield: the service did not sign in: access_denied; sign in again and allow it\n"},
		},
		{name: "two ways", args: " --paste --device", want: said{cli.BadUsage, "", "jackfield: either --device or --paste\n"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := crmDesk(t)
			d.Accounts = []flow.Connection{{Name: "acme", Connector: "crm"}}
			d.Entrance.Standings = map[string]kit.Standing{"acme": {Asks: true}}
			d.Entrance.Invitation, d.Entrance.After, d.Entrance.Failed, d.in = tt.invitation, after, tt.failed, tt.in
			d.want("connections sign-in acme"+tt.args, tt.want)
			if tt.asked != "" && !slices.Contains(d.Asked(), tt.asked) {
				t.Errorf("asked %q, want %q", d.Asked(), tt.asked)
			}
		})
	}
}

func TestHowASignInStandsIsShown(t *testing.T) {
	problem := &flow.Problem{What: "the service takes the sign-in no longer", Fix: "sign in again"}
	until := time.Date(2026, 3, 1, 12, 5, 0, 0, time.Local)
	for text, tt := range map[string]struct {
		standing kit.Standing
		code     int
	}{
		"nobody has to sign in by hand":                                         {kit.Standing{}, cli.Done},
		"nobody is signed in":                                                   {kit.Standing{Asks: true}, cli.RunFailed},
		"the service takes the sign-in no longer; sign in again":                {kit.Standing{Asks: true, Problem: problem}, cli.RunFailed},
		"signed in, but the service takes the sign-in no longer; sign in again": {kit.Standing{Asks: true, SignedIn: true, Problem: problem}, cli.Done},
		"signed in as ann until 1 March 12:05":                                  {kit.Standing{Asks: true, SignedIn: true, As: "ann", Until: until}, cli.Done},
	} {
		d := crmDesk(t)
		d.Accounts = []flow.Connection{{Name: "acme", Connector: "crm"}}
		d.Entrance.Standings = map[string]kit.Standing{"acme": tt.standing}
		d.want("connections sign-in acme --show", said{tt.code, "acme: " + text + "\n", ""})
	}
	d := crmDesk(t)
	d.Accounts = []flow.Connection{{Name: "acme", Connector: "crm"}}
	d.want("connections sign-in acme", said{cli.BadUsage, "", "jackfield: nobody signs in to connection \"acme\" by hand; try it: jackfield connections test acme\n"})
	d.want("connections sign-out acme", said{cli.Done, "signed out of acme; the service may list the sign-in until you take it back there\n", ""})
}
