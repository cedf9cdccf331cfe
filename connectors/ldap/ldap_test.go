package ldap

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
	"jackfield/flow/filter"
	"jackfield/transforms"
)

func eval(src string, in any) ([]any, error) {
	p, err := transforms.Compile(src)
	if err != nil {
		return nil, err
	}
	v, err := p.One(context.Background(), in, transforms.Vars{})
	return []any{v}, err
}

func TestDeclaration(t *testing.T) { kittest.Connector(t, New(), kittest.Eval(eval)) }

const people = "ou=people," + kittest.DirectoryBase

// start is a desk before a real slapd.
func start(t *testing.T) (*kittest.Desk, *kittest.Slapd) {
	t.Helper()
	s, err := kittest.StartSlapd()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	c := New()
	c.Close = func() error { return nil }
	return kittest.NewDesk(t, c, flow.Values{
		"host": "127.0.0.1", "port": strconv.Itoa(s.Port), "secure": "none", "user": kittest.DirectoryUser, "password": kittest.DirectoryPassword,
	}), s
}

func person(uid string, more map[string]any) map[string]any {
	p := map[string]any{"dn": "uid=" + uid + "," + people, "objectClass": []any{"inetOrgPerson"}, "uid": uid, "cn": uid, "sn": "of " + uid}
	for name, v := range more {
		p[name] = v
	}
	return p
}

func refused(t *testing.T, said []string, which ...int) {
	t.Helper()
	for i, text := range said {
		if (text != "") != slices.Contains(which, i) {
			t.Errorf("record %d: %q", i, text)
		}
	}
}

func uids(records []any) string {
	var list []string
	for _, r := range records {
		list = append(list, fmt.Sprint(r.(map[string]any)["uid"]))
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}

func TestEntriesAreAddedChangedAndRemoved(t *testing.T) {
	d, _ := start(t)
	photo := "/9j/4AAQSkZJRg=="
	ann := person("ann", map[string]any{"mail": []any{"ann@example.com", "a@example.com"}, "jpegPhoto": photo, "description": "old"})
	refused(t, d.Write("write", flow.Values{"kind": "insert"}, ann, person("bob", nil), map[string]any{"dn": "uid=x," + people, "objectClass": "person"}, map[string]any{"dn": "no dn"}, ann), 2, 3, 4)
	refused(t, d.Write("write", flow.Values{"kind": "upsert"}, person("ann", map[string]any{"description": nil, "title": "Chief"}), person("zoe", nil), person("zoe", nil)))
	refused(t, d.Write("write", flow.Values{"kind": "update"}, map[string]any{"dn": "uid=bob," + people, "title": "Guard"}, map[string]any{"dn": "uid=nobody," + people, "title": "x"}), 1)
	refused(t, d.Write("write", flow.Values{"kind": "delete"}, map[string]any{"dn": "uid=zoe," + people}, map[string]any{"dn": "uid=zoe," + people}))
	got, _ := d.Read("read", flow.Values{"base": people, "scope": "children", "filter": "uid = 'ann'"}, nil)
	if len(got) != 1 {
		t.Fatalf("there are %d", len(got))
	}
	rec := got[0].(map[string]any)
	if fmt.Sprint(rec["mail"]) != "[ann@example.com a@example.com]" || rec["jpegPhoto"] != photo || rec["title"] != "Chief" || rec["description"] != nil {
		t.Errorf("it is %v", rec)
	}
	if at, ok := rec["modifyTimestamp"].(string); !ok || !strings.Contains(at, "T") {
		t.Errorf("it was changed at %v", rec["modifyTimestamp"])
	}
	if got, _ = d.Read("read", flow.Values{"base": people, "scope": "children"}, nil); uids(got) != "ann bob" {
		t.Errorf("there are %s", uids(got))
	}
}

func TestAFilterMeansTheSameInTheDirectoryAndHere(t *testing.T) {
	d, _ := start(t)
	rows := []any{
		person("ann", map[string]any{"title": "Chief (acting)", "departmentNumber": "5"}),
		person("bob", map[string]any{"title": "chief (acting)"}),
		person("carl", map[string]any{"title": `50% * \ star`, "departmentNumber": "40"}),
		person("dora", map[string]any{"title": "Größe"}),
		person("eve", nil),
	}
	refused(t, d.Write("write", flow.Values{"kind": "insert"}, rows...))
	all, _ := d.Read("read", flow.Values{"base": people, "scope": "children"}, nil)
	for _, src := range []string{
		"title = 'Chief (acting)'", "title contains 'ief (a'", "title contains '*'", `title contains E'\\'`, "title = 'Größe'",
		"title = null", "title != null", "title != 'Größe'", "not title = 'Größe'", "uid in ('ann', 'eve', 'nobody')",
		"title = 'Chief (acting)' or title = null", "not (uid = 'ann' or title = null)", "departmentNumber > 6", "departmentNumber = 5",
		"uid > 'bob'", "modifyTimestamp >= 2020-01-01T00:00:00Z", "modifyTimestamp < 2020-01-01T00:00:00Z", "sn contains 'OF'", "missing = null", "missing = 'x'",
		"dn = 'uid=ann," + people + "'",
	} {
		f, err := filter.Parse(src)
		if err != nil {
			t.Fatal(src, err)
		}
		matcher := f.Matcher(flow.Schema{Types: []flow.Kind{flow.Object}, Properties: []flow.Property{{Name: "modifyTimestamp", Schema: flow.Schema{Types: []flow.Kind{flow.String}, Format: "date-time"}}}})
		var want []any
		for _, r := range all {
			if matcher.Match(r) {
				want = append(want, r)
			}
		}
		got, _ := d.Read("read", flow.Values{"base": people, "scope": "children", "filter": src}, nil)
		if uids(got) != uids(want) {
			t.Errorf("%s gives %q, want %q", src, uids(got), uids(want))
		}
	}
	if !strings.Contains(d.Log(), "the directory filters title = ") {
		t.Error("nothing tells who filters:", d.Log())
	}
}

func TestMoreThanAPageIsRead(t *testing.T) {
	d, _ := start(t)
	var rows []any
	for i := range pageSize + 30 {
		rows = append(rows, person(fmt.Sprintf("p%04d", i), nil))
	}
	refused(t, d.Write("write", flow.Values{"kind": "insert"}, rows...))
	got, _ := d.Read("read", flow.Values{"base": people, "scope": "children"}, nil)
	if len(got) != len(rows) {
		t.Errorf("%d of %d", len(got), len(rows))
	}
	_, err := d.Bind("read", flow.Values{"base": people, "most": 10}).(kit.Source).Read(t.Context(), d.Env, nil)
	kittest.WantFailure(t, err, kit.Refused, "most", "more than 10")
}

func TestOnlyWhatHasChangedIsRead(t *testing.T) {
	d, _ := start(t)
	with := flow.Values{"base": people, "scope": "children", "cursor": "modifyTimestamp", "key": "dn"}
	refused(t, d.Write("write", nil, person("ann", nil), person("bob", nil)))
	got, mark := d.Read("read", with, nil)
	if uids(got) != "ann bob" {
		t.Fatal(uids(got))
	}
	if got, mark = d.Read("read", with, mark); len(got) != 0 {
		t.Errorf("again %s", uids(got))
	}
	// also within the same second, which is all that modifyTimestamp tells
	refused(t, d.Write("write", nil, person("bob", map[string]any{"title": "Guard"}), person("carl", nil)))
	if got, mark = d.Read("read", with, mark); uids(got) != "bob carl" {
		t.Errorf("changed are %s", uids(got))
	}
	if got, _ = d.Read("read", with, mark); len(got) != 0 {
		t.Errorf("again %s", uids(got))
	}
}

func TestWhatIsWrongIsSaidInWords(t *testing.T) {
	d, s := start(t)
	for _, c := range []struct {
		name, field string
		with        flow.Values
		kind        flow.Code
	}{
		{"a wrong password", "password", flow.Values{"password": "wrong-canary"}, kit.Denied},
		{"no password", "password", flow.Values{"password": ""}, kit.Invalid},
		{"no such base", "", flow.Values{"base": "ou=gone," + kittest.DirectoryBase}, kit.Missing},
		{"no STARTTLS", "secure", flow.Values{"secure": "starttls"}, kit.Refused},
		{"no password without TLS", "secure", flow.Values{"secure": "opportunistic"}, kit.Denied},
		{"no TLS", "", flow.Values{"secure": "implicit"}, kit.Unavailable},
	} {
		t.Run(c.name, func(t *testing.T) {
			with := flow.Values{"base": people}
			for name, v := range c.with {
				with[name] = v
			}
			_, err := d.Bind("read", with).(kit.Source).Read(t.Context(), d.Env, nil)
			kittest.WantFailure(t, err, c.kind, c.field)
			if err != nil && strings.Contains(err.Error(), "canary") {
				t.Error("the password is told:", err)
			}
		})
	}
	made := New().Connection()
	made.Fields().Bind("c", d.All)
	var said []string
	for _, check := range made.Test(t.Context(), d.Env) {
		said = append(said, check.Name+map[bool]string{true: " ok", false: " no: " + check.What}[check.OK])
	}
	if got := strings.Join(said, ", "); got != "Name ok, Connection ok, Sign in ok, Permission ok" {
		t.Error(got)
	}
	e, err := made.(kit.Catalog).Entity(t.Context(), d.Env, "inetOrgPerson")
	if err != nil {
		t.Fatal(err)
	}
	var needed, names []string
	for _, f := range e.Fields {
		names = append(names, f.Name)
		if f.Needed {
			needed = append(needed, f.Name)
		}
	}
	slices.Sort(needed)
	if fmt.Sprint(needed) != "[cn dn objectClass sn]" || !slices.Contains(names, "mail") || !slices.Contains(names, "telephoneNumber") {
		t.Errorf("needed are %v of %v", needed, names)
	}
	s.Kill()
	_, err = d.Bind("read", flow.Values{"base": people}).(kit.Source).Read(t.Context(), d.Env, nil)
	kittest.WantFailure(t, err, kit.Unavailable, "")
}
