package cli_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"jackfield/app"
	"jackfield/app/cli"
	"jackfield/connectors/kit"
	"jackfield/flow"
)

// account is a connection with two secrets.
type account struct {
	url, plan   string
	user, token kit.Secret
}

func (a *account) Fields() kit.Fields {
	return kit.Fields{
		kit.Text(&a.url, "url", "Address"),
		kit.Pick(&a.plan, "plan", "Plan", kit.Choice{Value: "small"}, kit.Choice{Value: "large"}),
		kit.Hidden(&a.user, "user", "User"), kit.Hidden(&a.token, "token", "Token"),
	}
}

func (a *account) Test(context.Context, kit.Env) []kit.Check { return nil }

func crmDesk(t *testing.T) *desk {
	d := newDesk(t)
	d.Ops = append(d.Ops, kit.Connector{ID: "crm", Title: "CRM", Connection: func() kit.Connection { return &account{} }})
	return d
}

func TestSecretsComeByStandardInputOnly(t *testing.T) {
	for _, test := range []struct{ name, in, args, code, err string }{
		{name: "in the arguments", args: "token=abc", err: "jackfield: \"token\" is a secret; write token=- and give it on standard input\n"},
		{name: "one, whole", in: "line 1\nline 2\n", args: "token=-"},
		{name: "a line each", in: "ada\nabc\n", args: "user=- token=-"},
		{name: "a line each, from Windows", in: "ada\r\nabc\r\n", args: "user=- token=-"},
		{name: "nothing", args: "token=-", err: "jackfield: nothing came on standard input for \"token\"; give one line for each of token\n"},
		{name: "too few", in: "ada\n", args: "user=- token=-", err: "jackfield: nothing came on standard input for \"token\"; give one line for each of user, token\n"},
		{name: "too many", in: "a\nb\nc\n", args: "user=- token=-", err: "jackfield: 3 lines came on standard input for user, token\n"},
		{name: "no pair", args: "token", err: "jackfield: \"token\" is not key=value\n"},
		{name: "unknown", args: "tokn=1", err: "field \"tokn\": there is no field \"tokn\"; did you mean \"token\"?\n"},
		{name: "unfit", args: "plan=huge", err: "field \"plan\": \"huge\" is not one of the choices; one of small, large\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := crmDesk(t)
			d.in = test.in
			want := said{cli.BadUsage, "", test.err}
			if test.err == "" {
				want = said{cli.Done, "saved connection acme; try it: jackfield connections test acme\n", ""}
			}
			d.want("connections add acme crm "+test.args, want)
		})
	}
}

func TestConnectionsAreListedWithSecretsAsDots(t *testing.T) {
	d := crmDesk(t)
	d.Accounts = []flow.Connection{
		{Name: "demo", Connector: "http", Values: flow.Values{"url": "demo:"}, BuiltIn: true},
		{Name: "acme", Connector: "crm", Values: flow.Values{"url": "http://x", "rate": 3}, Secrets: map[string]string{"token": "connection/acme/token"}},
	}
	d.want("connections ls", said{cli.Done, `name  connector  settings
demo  http       url=demo: (built in)
acme  crm        rate=3 url=http://x token=•••
`, ""})
	d.want("connections rm demo", said{cli.BadUsage, "", "jackfield: connection \"demo\" is built in and stays\n"})
	d.want("connections rm acne", said{cli.BadUsage, "", "jackfield: there is no connection \"acne\"; did you mean \"acme\"?\n"})
	d.want("connections add x cmr", said{cli.BadUsage, "", "jackfield: connector \"cmr\" has no connections; did you mean \"crm\"?\n"})
	d.want("connections add x core", said{cli.BadUsage, "", "jackfield: connector \"core\" has no connections; did you mean \"crm\"?\n"})
}

func TestChecksSayWhatToDo(t *testing.T) {
	d := crmDesk(t)
	d.Accounts = []flow.Connection{{Name: "acme", Connector: "crm"}}
	d.Checks = []kit.Check{{Name: "Address", OK: true, What: "http://x"}, {Name: "Token", What: "it is not known", Took: 1500 * time.Millisecond, Fix: "ask for another"}}
	d.want("connections test acme", said{cli.RunFailed, `✓ Address      http://x
✗ Token        it is not known  (1500 ms)
               ask for another
`, ""})
}

// Paste takes an address alone.
func (a *account) Paste(text string) (flow.Values, bool) {
	return flow.Values{"url": strings.TrimSpace(text), "token": kit.NewSecret("t")}, strings.HasPrefix(text, "https://")
}

// keeper writes down what is saved.
type keeper struct {
	*desk
	saved flow.Connection
}

func (k *keeper) SaveConnection(_ context.Context, c flow.Connection) error {
	k.saved = c
	return nil
}

func TestAConnectionIsFilledByWhatIsPasted(t *testing.T) {
	d := crmDesk(t)
	k := &keeper{desk: d}
	d.program.Open = func(context.Context, string) (app.Service, func() error, error) {
		return k, func() error { return nil }, nil
	}
	d.in = "https://crm.example\n"
	if got := d.call("connections", "add", "acme", "crm", "plan=large", "--paste"); got.code != 0 {
		t.Fatalf("%+v", got)
	}
	token, _ := k.saved.Values["token"].(kit.Secret)
	if k.saved.Values["url"] != "https://crm.example" || k.saved.Values["plan"] != "large" || token.Reveal() != "t" {
		t.Errorf("saved %v", k.saved.Values)
	}
	d.in = "hello"
	if got := d.call("connections", "add", "acme", "crm", "--paste"); got.code != cli.BadUsage || !strings.Contains(got.err, "fills no connection") {
		t.Errorf("words: %+v", got)
	}
}

func TestAConnectionIsShownWithItsHealth(t *testing.T) {
	d := crmDesk(t)
	d.Accounts = []flow.Connection{{Name: "acme", Connector: "crm", Values: flow.Values{"url": "http://x"}}}
	at := func(hour int) time.Time { return time.Date(2026, 3, 1, hour, 30, 0, 0, time.Local) }
	d.Healths = map[string]app.Health{"acme": {
		Connection: "acme",
		Fared: app.Fared{
			Worked: at(8), WorkedFor: "Orders, push", Failed: at(9), FailedFor: "a test",
			Problem: &flow.Problem{What: "Token: it is not known"}, Certificate: at(20),
		},
		Uses: []app.Use{{Flow: "orders", Name: "Orders", Step: "push", Title: "push", Enabled: true}},
		Next: at(22), By: "Orders", Left: 7, Renews: at(10),
		Warning: &flow.Problem{What: "it will fail", Fix: "test it"},
	}}
	d.want("connections show acme", said{cli.Done, `name               acme
connector          crm
settings           url=http://x
last success       1 March 2026 08:30, Orders, push
last failure       1 March 2026 09:30, a test: Token: it is not known
certificate        until 1 March 2026 20:30
next use           1 March 2026 22:30, Orders
the service takes  7 more requests until 1 March 2026 10:30
used by            Orders, push (enabled)
warning            it will fail; test it
`, ""})
	got := d.call("connections", "show", "acme", "--json")
	for _, want := range []string{`"name": "acme"`, `"worked_for": "Orders, push"`, `"next":`, `"left": 7`} {
		if !strings.Contains(got.out, want) {
			t.Errorf("%s is not in %s", want, got.out)
		}
	}
	d.want("connections show acne", said{cli.BadUsage, "", "jackfield: there is no connection \"acne\"; did you mean \"acme\"?\n"})
}

func TestConnectionsAreBoundToWhatFlowsName(t *testing.T) {
	d := crmDesk(t)
	d.Accounts = []flow.Connection{{Name: "acme", Connector: "crm"}}
	d.Slotted = []app.Slot{{Name: "crm", Connector: "crm", Flows: []flow.ID{"orders"}, Connection: "acme", Bound: true}, {Name: "shop", Connector: "http", Flows: []flow.ID{"a", "b"}}}
	d.want("connections slots", said{cli.Done, `slot  connector  flows  connection
crm   crm        1      acme
shop  http       2      nothing yet
`, ""})
	d.want("connections bind crm acme", said{cli.Done, "crm is acme on this machine\n", ""})
	d.want("connections bind crm acne", said{cli.BadUsage, "", "jackfield: there is no connection \"acne\"; did you mean \"acme\"?\n"})
	d.want("connections bind crm", said{cli.Done, "crm is bound to nothing; a connection of that name serves\n", ""})
	if got := d.Asked(); !slices.Contains(got, "bind crm to acme") || !slices.Contains(got, "bind crm to ") {
		t.Errorf("it asked %q", got)
	}
}
