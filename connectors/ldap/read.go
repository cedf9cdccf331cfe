package ldap

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-ldap/ldap/v3"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/web"
	"jackfield/flow"
	"jackfield/flow/filter"
)

// read is a source of entries.
type read struct {
	settings
	kit.Sync
	Base       string
	Scope      string
	Filter     filter.Filter
	Search     string
	Attributes []string
	Most       int
}

const (
	below   = "below"
	beneath = "children"
	itself  = "itself"
)

const pageSize = 500

func newRead() *read {
	return &read{settings: newSettings(), Sync: kit.NewSync(), Scope: below, Most: 100_000}
}

// Fields are what is searched for; the server is folded away.
func (r *read) Fields() kit.Fields {
	fields := kit.Fields{
		kit.Text(&r.Base, "base", "Below").Needed().Eg("ou=people,dc=example,dc=com").Ask(func(ctx context.Context, env kit.Env) ([]kit.Choice, error) {
			c, done, err := r.dial(ctx, env)
			if err != nil {
				return nil, err
			}
			defer done()
			all, err := bases(c)
			var choices []kit.Choice
			for _, b := range all {
				choices = append(choices, kit.Choice{Value: b, Label: b})
			}
			return choices, r.told(err, false)
		}),
		kit.Pick(&r.Scope, "scope", "Which entries",
			kit.Choice{Value: below, Label: "All below it, and itself"}, kit.Choice{Value: beneath, Label: "Those right below it"}, kit.Choice{Value: itself, Label: "Itself"}),
		kit.Filter(&r.Filter, "filter", "Only where"),
		kit.Text(&r.Search, "search", "Search filter").More().Eg("(&(objectClass=person)(memberOf=cn=sales,dc=example,dc=com))").Checked(r.checkSearch).
			Help("In the directory's own language, beside the filter."),
		kit.List(&r.Attributes, "attributes", "Attributes").More().Eg("mail").Help("Empty brings all that are not about the directory itself."),
		kit.Text(&r.Cursor, "cursor", "Only what has changed, by").Eg("modifyTimestamp").Help("An attribute that grows with each change; empty reads everything each time."),
		r.KeyField("Key"),
	}
	fields = append(fields, r.Sync.More()...)
	fields = append(fields, kit.Int(&r.Most, "most", "Most entries").More().Checked(r.checkMost).Help("More than these in one run is refused, since they are held in memory."))
	return append(fields, web.Folded(r.HostFields("ldap.example.com"))...)
}

func (r *read) checkMost() error {
	if r.Most < 1 {
		return fmt.Errorf("%d entries are none", r.Most)
	}
	return nil
}

func (r *read) checkSearch() error {
	if r.Search == "" {
		return nil
	}
	_, err := ldap.CompileFilter(r.Search)
	return err
}

// times are attributes of every entry that are moments (RFC 4512, 3.4).
var times = []string{"modifyTimestamp", "createTimestamp"}

// printer knows which fields the directory can be searched by: attributes of its schema.
// Of others it does not know whether an entry has them, and neither holds nor not.
func (r *read) printer(c *ldap.Conn) (filter.LDAP, error) {
	l := filter.LDAP{Attributes: map[string]filter.Attribute{}}
	asked := r.Filter.Fields()
	if len(asked) == 0 {
		return l, nil
	}
	texts, err := schemaOf(c, "attributeTypes")
	if err != nil && !ldap.IsErrorAnyOf(err, ldap.LDAPResultNoSuchObject, ldap.LDAPResultInsufficientAccessRights) {
		return l, r.told(err, false)
	}
	known := map[string]bool{}
	for _, text := range texts {
		names, _ := parseClass(text)
		for _, name := range names {
			known[strings.ToLower(name)] = true
		}
	}
	for _, name := range asked {
		switch {
		case !known[strings.ToLower(name)] || binary(name):
		case slices.Contains(times, name):
			l.Attributes[name] = filter.Attribute{Name: name, Exact: true, Ordered: true, Time: true}
		default:
			l.Attributes[name] = filter.Attribute{Name: name}
		}
	}
	return l, nil
}

// Read gives all entries on one page: what marks a page in a directory holds for a line
// alone.
func (r *read) Read(ctx context.Context, env kit.Env, after flow.Cursor) (page kit.Page, err error) {
	c, done, err := r.dial(ctx, env)
	if err != nil {
		return page, err
	}
	defer done()
	printer, err := r.printer(c)
	if err != nil {
		return page, err
	}
	pushed, rest := printer.Split(r.Filter)
	text, err := printer.Filter(pushed.Where)
	if err != nil {
		return page, err
	}
	kit.TellFilter(env, "the directory", pushed, rest)
	parts := []string{text, r.Search}
	var reading *kit.Reading
	if r.Cursor != "" {
		if reading, err = r.Resume(env, r.Base+" "+r.Scope+" "+r.Cursor, after, kit.AnyOrder); err != nil {
			return page, err
		}
		if err = reading.Begin(nil, nil); err != nil {
			return page, err
		}
		if since, ok := reading.Since(); ok {
			parts = append(parts, "("+r.Cursor+">="+filter.EscapeLDAP(generalized(since))+")")
		}
	}
	types := flow.Schema{Types: []flow.Kind{flow.Object}}
	for _, name := range times {
		types.Properties = append(types.Properties, flow.Property{Name: name, Schema: flow.Schema{Types: []flow.Kind{flow.String}, Format: "date-time"}})
	}
	matcher := rest.Matcher(types)
	err = r.search(ctx, c, both(parts), func(e *ldap.Entry) error {
		rec := record(e)
		if wanted, _ := matcher.Take(rec); wanted {
			page.Data = append(page.Data, rec)
		}
		if len(page.Data) > r.Most {
			return kit.Fail(kit.Refused, "there are more than %d entries", r.Most).On("most").Hint("search less: a deeper base, or a filter; or raise \"most\"")
		}
		return nil
	})
	if err != nil || reading == nil {
		return page, err
	}
	if err := reading.Sift(&page); err != nil {
		return kit.Page{}, err
	}
	if err := reading.End(false); err != nil {
		return kit.Page{}, err
	}
	page.Mark, err = reading.Mark()
	return page, err
}

// both joins search filters; those that are empty say nothing.
func both(parts []string) string {
	text := ""
	for _, p := range parts {
		text += p
	}
	if text == "" {
		return "(objectClass=*)"
	}
	return "(&" + text + ")"
}

// search asks page by page (RFC 2696).
func (r *read) search(ctx context.Context, c *ldap.Conn, text string, take func(*ldap.Entry) error) error {
	scope := map[string]int{below: ldap.ScopeWholeSubtree, beneath: ldap.ScopeSingleLevel, itself: ldap.ScopeBaseObject}[r.Scope]
	attributes := r.Attributes
	if len(attributes) == 0 {
		attributes = []string{"*"}
	}
	attributes = append(attributes[:len(attributes):len(attributes)], times...)
	if r.Cursor != "" {
		attributes = append(attributes, r.Cursor)
	}
	attributes = append(attributes, r.Filter.Fields()...)
	paging := ldap.NewControlPaging(pageSize)
	for {
		found, err := c.Search(ldap.NewSearchRequest(r.Base, scope, ldap.NeverDerefAliases, 0, 0, false, text, attributes, []ldap.Control{paging}))
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			return r.told(err, false)
		}
		for _, e := range found.Entries {
			if err := take(e); err != nil {
				return err
			}
		}
		next, ok := ldap.FindControl(found.Controls, ldap.ControlTypePaging).(*ldap.ControlPaging)
		if !ok || len(next.Cookie) == 0 {
			return nil
		}
		paging.SetCookie(next.Cookie)
	}
}

// record is an entry as a record: one value is itself, several are a list.
func record(e *ldap.Entry) map[string]any {
	rec := map[string]any{"dn": e.DN}
	for _, a := range e.Attributes {
		var list []any
		for _, raw := range a.ByteValues {
			list = append(list, given(a.Name, raw))
		}
		if len(list) == 1 {
			rec[a.Name] = list[0]
		} else {
			rec[a.Name] = list
		}
	}
	return rec
}

// binary are attributes that are never text, whatever their bytes look like.
func binary(name string) bool {
	name, option, _ := strings.Cut(strings.ToLower(name), ";")
	switch name {
	case "jpegphoto", "usercertificate", "cacertificate", "objectguid", "objectsid", "thumbnailphoto", "audio", "photo":
		return true
	}
	return option == "binary"
}

// given is a value as it stands in a record.
func given(name string, raw []byte) any {
	if binary(name) || !utf8.Valid(raw) {
		return base64.StdEncoding.EncodeToString(raw)
	}
	for _, t := range times {
		if strings.EqualFold(name, t) {
			for _, layout := range []string{"20060102150405Z", "20060102150405.999999Z"} {
				if at, err := time.Parse(layout, string(raw)); err == nil {
					return at.UTC().Format(time.RFC3339Nano)
				}
			}
		}
	}
	return string(raw)
}

// generalized is a cursor value as the directory compares it (RFC 4517, 3.3.13 for times).
func generalized(v any) string {
	text := fmt.Sprint(v)
	if at, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return at.UTC().Format("20060102150405Z")
	}
	return text
}
