package kit

import (
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"jackfield/flow"
)

// Paste gives what a text says about the settings of a connection. Where the connection is
// no Paster, or does not know the text, it takes an address with user and password, and
// lines of NAME=value whose names end like its fields: FTP_HOST is its host. ok is false
// where the text says nothing.
func Paste(c Connection, text string) (values flow.Values, ok bool) {
	text = strings.TrimSpace(text)
	if p, is := c.(Paster); is {
		if values, ok := p.Paste(text); ok {
			return values, true
		}
	}
	p := pasting{c.Fields(), flow.Values{}}
	if !p.address(text) {
		p.lines(text)
	}
	return p.values, len(p.values) > 0
}

// pasting gathers what fits the fields.
type pasting struct {
	fields Fields
	values flow.Values
}

// otherNames are what files and addresses call fields, where it is not the field's own name.
var otherNames = map[string][]string{
	"host":     {"hostname", "server"},
	"user":     {"username", "login"},
	"password": {"pass", "pwd"},
	"database": {"db", "dbname", "db_name"},
	"url":      {"uri", "address", "endpoint"},
	"endpoint": {"endpoint_url", "url", "uri"},
	"base":     {"folder", "root", "path"},
	"key_id":   {"access_key_id", "access_key"},
	"secret":   {"secret_access_key", "secret_key"},
}

var (
	pastedAddress = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*://\S+$`)
	pastedName    = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*$`)
)

// address takes scheme://user:password@host:port/path?field=value.
func (p pasting) address(text string) bool {
	if !pastedAddress.MatchString(text) {
		return false
	}
	u, err := url.Parse(text)
	if err != nil {
		return false
	}
	bare := *u
	bare.User, bare.RawQuery, bare.Fragment = nil, "", ""
	if !p.put("url", bare.String()) && !p.put("endpoint", bare.String()) {
		if strings.HasPrefix(u.Scheme, "http") || !p.put("host", u.Hostname()) {
			return false
		}
		p.put("port", u.Port())
		if path := strings.TrimPrefix(u.Path, "/"); !p.put("database", path) && path != "" {
			p.put("base", u.Path)
		}
	}
	p.put("user", u.User.Username())
	password, _ := u.User.Password()
	p.put("password", password)
	for name := range u.Query() {
		p.put(name, u.Query().Get(name))
	}
	return true
}

// lines takes NAME=value, as in a file .env; a line of another kind makes it no such text.
func (p pasting) lines(text string) {
	found := map[string]string{}
	for line := range strings.Lines(text) {
		line = strings.TrimPrefix(strings.TrimSpace(line), "export ")
		if line == "" || line[0] == '#' {
			continue
		}
		name, v, ok := strings.Cut(line, "=")
		if name = strings.TrimSpace(name); !ok || !pastedName.MatchString(name) {
			return
		}
		found[name] = unquoted(strings.TrimSpace(v))
	}
	for _, f := range p.fields {
		if v, ok := named(found, f.Name); ok {
			p.put(f.Name, v)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(found)) {
		if len(p.values) == 0 && p.address(found[name]) {
			return // DATABASE_URL=…
		}
	}
}

func unquoted(v string) string {
	if len(v) > 1 && (v[0] == '"' || v[0] == '\'') && v[len(v)-1] == v[0] {
		return v[1 : len(v)-1]
	}
	return v
}

// named finds the value that is meant for a field: the name that is like the field's before
// one that only ends so, and that before what others call it.
func named(found map[string]string, field string) (string, bool) {
	for _, want := range append([]string{field}, otherNames[field]...) {
		best := ""
		for name := range found {
			plain := strings.ToLower(strings.NewReplacer("-", "_", ".", "_").Replace(name))
			if (plain == want || strings.HasSuffix(plain, "_"+want)) && (best == "" || len(name) < len(best) || len(name) == len(best) && name < best) {
				best = name
			}
		}
		if best != "" {
			return found[best], true
		}
	}
	return "", false
}

// put sets a field where there is one that takes the text.
func (p pasting) put(name, text string) bool {
	f, ok := p.fields.Field(name)
	if !ok || text == "" {
		return false
	}
	switch f.Kind {
	case TextField, LongField, FileField, FolderField:
		p.values[name] = text
	case SecretField:
		p.values[name] = NewSecret(text)
	case IntField:
		n, err := strconv.Atoi(text)
		if err != nil {
			return false
		}
		p.values[name] = n
	case ToggleField:
		on, err := strconv.ParseBool(text)
		if err != nil {
			return false
		}
		p.values[name] = on
	case ChoiceField:
		if !slices.ContainsFunc(f.Choices, func(c Choice) bool { return c.Value == text }) {
			return false
		}
		p.values[name] = text
	default:
		return false
	}
	return true
}
