package ldap

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/web"
	"jackfield/flow"
	"jackfield/flow/value"
)

// write adds, changes or removes entries.
type write struct {
	settings
	Record any
	Kind   string
}

// Fields are the entry and what becomes of it; the server is folded away.
func (w *write) Fields() kit.Fields {
	return append(kit.Fields{
		kit.Value(&w.Record, "record", "Entry").AsMain().Help("An object with dn and attributes; a list is several values, null removes an attribute."),
		kit.Pick(&w.Kind, "kind", "Do",
			kit.Choice{Value: string(kit.Upsert), Label: "Add, or change what is there"}, kit.Choice{Value: string(kit.Insert), Label: "Add"},
			kit.Choice{Value: string(kit.Update), Label: "Change"}, kit.Choice{Value: string(kit.Delete), Label: "Remove"}),
	}, web.Folded(w.HostFields("ldap.example.com"))...)
}

// RunAll writes each record for itself, in their order.
func (w *write) RunAll(ctx context.Context, env kit.Env, batch flow.Batch) ([]kit.Result, error) {
	c, done, err := w.dial(ctx, env)
	if err != nil {
		return nil, err
	}
	defer done()
	results := make([]kit.Result, len(batch))
	for i, rec := range batch {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		err := w.put(c, rec.Data)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		results[i] = kit.Result{Same: err == nil, Err: err}
	}
	return results, nil
}

// attribute is one with its values; none takes it away.
type attribute struct {
	name   string
	values []string
}

func (w *write) put(c *ldap.Conn, data any) error {
	dn, attributes, err := entry(data)
	if err != nil {
		return err
	}
	switch kit.WriteKind(w.Kind) {
	case kit.Delete:
		err := c.Del(ldap.NewDelRequest(dn, nil))
		if ldap.IsErrorWithCode(err, ldap.LDAPResultNoSuchObject) {
			return nil // as it is to be
		}
		return w.told(err, true)
	case kit.Insert:
		return w.told(add(c, dn, attributes), true)
	case kit.Update:
		return w.told(modify(c, dn, attributes), true)
	}
	err = modify(c, dn, attributes)
	if ldap.IsErrorWithCode(err, ldap.LDAPResultNoSuchObject) {
		err = add(c, dn, attributes)
	}
	return w.told(err, true)
}

func add(c *ldap.Conn, dn string, all []attribute) error {
	req := ldap.NewAddRequest(dn, nil)
	for _, a := range all {
		if len(a.values) > 0 {
			req.Attribute(a.name, a.values)
		}
	}
	return c.Add(req)
}

// modify replaces attributes as a whole; others stay.
func modify(c *ldap.Conn, dn string, all []attribute) error {
	req := ldap.NewModifyRequest(dn, nil)
	for _, a := range all {
		req.Replace(a.name, a.values)
	}
	return c.Modify(req)
}

// entry reads a record.
func entry(data any) (dn string, all []attribute, err error) {
	object, ok := data.(map[string]any)
	if !ok {
		return "", nil, kit.Fail(kit.Invalid, "the record is no object").On("record").Hint("map it to {dn, …}")
	}
	dn, _ = object["dn"].(string)
	if strings.TrimSpace(dn) == "" {
		return "", nil, kit.Fail(kit.Invalid, "the record has no dn").On("record").Hint("map a dn like uid=ada,ou=people,dc=example,dc=com")
	}
	if _, err := ldap.ParseDN(dn); err != nil {
		return "", nil, kit.Fail(kit.Invalid, "%q is no dn: %v", dn, err).On("record").Hint("write it like uid=ada,ou=people,dc=example,dc=com; a comma in a name as \\,")
	}
	for name, v := range object {
		if name == "dn" || slices.ContainsFunc(times, func(t string) bool { return strings.EqualFold(t, name) }) {
			continue // the directory's own
		}
		list, is := v.([]any)
		if !is {
			list = []any{v}
		}
		a := attribute{name: name}
		for _, one := range list {
			if one == nil {
				continue
			}
			text, err := wire(name, one)
			if err != nil {
				return "", nil, err
			}
			a.values = append(a.values, text)
		}
		all = append(all, a)
	}
	slices.SortFunc(all, func(a, b attribute) int { return strings.Compare(a.name, b.name) })
	return dn, all, nil
}

// wire is a value as a directory takes it.
func wire(name string, v any) (string, error) {
	switch v := v.(type) {
	case string:
		if !binary(name) {
			return v, nil
		}
		raw, err := base64.StdEncoding.DecodeString(v)
		if err != nil {
			return "", kit.Fail(kit.Invalid, "the attribute %q is no base64", name).On("record").Hint("use @base64 in the mapping")
		}
		return string(raw), nil
	case bool:
		return strings.ToUpper(fmt.Sprint(v)), nil
	case map[string]any, []any:
		return "", kit.Fail(kit.Invalid, "the attribute %q holds an object or a list in a list", name).On("record").Hint("give texts, or a list of texts")
	}
	return string(value.Append(nil, v)), nil
}
