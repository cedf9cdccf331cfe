// Package ldap reads and writes directories (RFC 4511).
//
// Its nouns: an entry is a record with a dn and the attributes that it has; one value of an
// attribute is itself, several are a list; what is no text is base64. Its rules: a filter is
// searched for by the directory as far as that means the same, and looked at again here;
// each record that is written succeeds or fails for itself.
package ldap

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/auth"
	"jackfield/connectors/kit/server"
	"jackfield/flow"
)

// New declares the connector.
func New() kit.Connector {
	return kit.Connector{
		ID: "ldap", Title: "Directory (LDAP)", Icon: "user", Tint: "teal",
		Summary:    "Read people, groups and machines of a directory such as OpenLDAP or Active Directory, and change them.",
		Connection: func() kit.Connection { return &connection{newSettings()} },
		Ops: []kit.Op{{
			ID: "read", Title: "Read entries", Icon: "list", Effect: kit.Reads,
			Summary: "Reads the entries below a place in the directory, all or those that have changed since the last run.",
			Words:   []string{"ldap", "active directory", "users", "groups", "people", "search", "source"},
			New:     func() kit.Operation { return newRead() },
			Out:     flow.ObjectOf(flow.Property{Name: "dn", Required: true, Schema: flow.Of(flow.String)}),
			Examples: []kit.Example{{
				Title: "People of sales",
				With:  flow.Values{"host": "ldap.example.com", "user": "cn=reader,dc=example,dc=com", "base": "ou=people,dc=example,dc=com", "filter": "objectClass = 'person' and departmentNumber = 'sales'"},
			}},
		}, {
			ID: "write", Title: "Write entries", Icon: "edit", Effect: kit.Repeatable,
			Summary: "Adds, changes or removes an entry for each record, which has its dn and its attributes.",
			Words:   []string{"ldap", "active directory", "users", "add", "modify", "delete", "sync"},
			New:     func() kit.Operation { return &write{settings: newSettings(), Kind: string(kit.Upsert)} },
			Examples: []kit.Example{{
				Title: "Keep people as a list of staff says",
				With:  flow.Values{"host": "ldap.example.com", "user": "cn=sync,dc=example,dc=com"},
				Map:   `{dn: "uid=\(.id),ou=people,dc=example,dc=com", objectClass: ["inetOrgPerson"], uid: .id, cn: .name, sn: .surname, mail: [.mail]}`,
			}},
		}},
	}
}

type settings struct{ server.Server }

func newSettings() settings {
	return settings{server.New(389, 636, server.StartTLS, auth.Basic, auth.None)}
}

// dial connects and signs in. The line ends with ctx, or when done is called.
func (s *settings) dial(ctx context.Context, env kit.Env) (c *ldap.Conn, done func(), err error) {
	line, err := s.Dial(ctx, env)
	if err != nil {
		return nil, nil, err
	}
	c = ldap.NewConn(line, s.Secure == server.Implicit)
	c.SetTimeout(s.Timeout)
	c.Start()
	stop := context.AfterFunc(ctx, func() { c.Close() })
	done = func() { stop(); c.Close() }
	if err := s.open(env, c, line); err != nil {
		done()
		return nil, nil, s.Unreached(ctx, err)
	}
	return c, done, nil
}

func (s *settings) open(env kit.Env, c *ldap.Conn, line net.Conn) error {
	_, sealed := line.(*tls.Conn)
	if s.Secure == server.StartTLS || s.Secure == server.Opportunistic {
		config, err := s.Seal(env)
		if err != nil {
			return err
		}
		err = c.StartTLS(config)
		said, refused := errors.AsType[*ldap.Error](err)
		switch {
		case err == nil:
			sealed = true
		case refused && said.ResultCode < ldap.ErrorNetwork && s.Secure == server.StartTLS:
			return s.NoTLS(said.Err.Error())
		case refused && said.ResultCode < ldap.ErrorNetwork:
		case refused && said.Err != nil:
			return said.Err
		default:
			return err
		}
	}
	if s.Scheme == auth.None {
		return nil
	}
	if err := s.MayShow(sealed); err != nil {
		return err
	}
	if s.Password.Empty() {
		return kit.Fail(kit.Invalid, "a directory takes a name without a password for nobody").On("password").Hint("set the password, or choose to be nobody")
	}
	err := c.Bind(s.User, s.Password.Reveal())
	if ldap.IsErrorAnyOf(err, ldap.LDAPResultInvalidCredentials, ldap.LDAPResultInvalidDNSyntax, ldap.LDAPResultInappropriateAuthentication) {
		return s.Refused(ldap.LDAPResultCodeMap[err.(*ldap.Error).ResultCode])
	}
	return s.told(err, false)
}

// told puts into words what a directory says (RFC 4511, appendix A).
func (s *settings) told(err error, unsure bool) error {
	said, ok := errors.AsType[*ldap.Error](err)
	if !ok {
		return err
	}
	word, more := ldap.LDAPResultCodeMap[said.ResultCode], ""
	if said.Err != nil && said.Err.Error() != "" {
		more = ": " + said.Err.Error()
	}
	fail := func(kind flow.Code, fix string) error {
		return kit.Fail(kind, "%s says: %s%s", s.Address(), word, more).Hint("%s", fix)
	}
	switch said.ResultCode {
	case ldap.ErrorNetwork, ldap.LDAPResultServerDown, ldap.LDAPResultConnectError:
		return s.Lost(fmt.Errorf("%s%s", word, more), unsure)
	case ldap.LDAPResultBusy, ldap.LDAPResultUnavailable:
		return fail(kit.Busy, "retry later")
	case ldap.LDAPResultTimeLimitExceeded, ldap.LDAPResultTimeout:
		return fail(kit.TimedOut, "search less: a deeper base, or a filter")
	case ldap.LDAPResultNoSuchObject:
		return fail(kit.Missing, "check the dn; what is above an entry has to be there first")
	case ldap.LDAPResultInsufficientAccessRights, ldap.LDAPResultStrongAuthRequired, ldap.LDAPResultConfidentialityRequired:
		return fail(kit.Denied, "sign in as somebody who may, and with TLS")
	case ldap.LDAPResultSizeLimitExceeded, ldap.LDAPResultAdminLimitExceeded:
		return fail(kit.Refused, "search less: a deeper base, or a filter; or have who runs it raise the limit")
	case ldap.LDAPResultInvalidDNSyntax:
		return fail(kit.Invalid, "write a dn like uid=ada,ou=people,dc=example,dc=com")
	case ldap.LDAPResultObjectClassViolation, ldap.LDAPResultUndefinedAttributeType, ldap.LDAPResultInvalidAttributeSyntax, ldap.LDAPResultConstraintViolation, ldap.LDAPResultNamingViolation:
		return fail(kit.Invalid, "give the attributes that the entry's classes ask for and allow")
	}
	return fail(kit.Refused, "see what the directory says")
}

// connection is the settings as a connection of their own.
type connection struct{ settings }

func (c *connection) Fields() kit.Fields { return c.HostFields("ldap.example.com") }

// Test goes the way to what the directory says of itself.
func (c *connection) Test(ctx context.Context, env kit.Env) []kit.Check {
	t := kit.NewTrial(env)
	c.Reach(ctx, env, t)
	var line *ldap.Conn
	var end func()
	t.Try("Sign in", func() (string, error) {
		made, done, err := c.dial(ctx, env)
		if err != nil {
			return "", err
		}
		line, end = made, done
		if state, ok := made.TLSConnectionState(); ok {
			return c.SignedIn(&state), nil
		}
		return c.SignedIn(nil), nil
	})
	if line == nil {
		return t.Checks()
	}
	defer end()
	t.Try("Permission", func() (string, error) {
		bases, err := bases(line)
		if err != nil {
			return "", c.told(err, false)
		}
		return "holds " + strings.Join(bases, "; "), nil
	})
	return t.Checks()
}

// bases are the tops of the trees that a directory holds (RFC 4512, 5.1).
func bases(c *ldap.Conn) ([]string, error) {
	found, err := c.Search(ldap.NewSearchRequest("", ldap.ScopeBaseObject, ldap.NeverDerefAliases, 1, 0, false, "(objectClass=*)", []string{"namingContexts", "subschemaSubentry"}, nil))
	if err != nil || len(found.Entries) == 0 {
		return nil, err
	}
	return found.Entries[0].GetAttributeValues("namingContexts"), nil
}

// Entities lists the object classes of the directory's schema.
func (c *connection) Entities(ctx context.Context, env kit.Env, path, _ string) (page kit.EntityPage, err error) {
	if path != "" {
		return page, nil
	}
	classes, err := c.classes(ctx, env)
	for name := range classes {
		page.Entities = append(page.Entities, kit.Entity{Path: name, Kind: "object class", Holds: true})
	}
	slices.SortFunc(page.Entities, func(a, b kit.Entity) int { return strings.Compare(a.Path, b.Path) })
	return page, err
}

// Entity describes an object class by the attributes that its entries may have.
func (c *connection) Entity(ctx context.Context, env kit.Env, path string) (kit.Entity, error) {
	classes, err := c.classes(ctx, env)
	if err != nil {
		return kit.Entity{}, err
	}
	own, ok := classes[path]
	if !ok {
		return kit.Entity{}, kit.Fail(kit.Missing, "the directory has no object class %q", path).Hint("choose one that it lists")
	}
	e := kit.Entity{Path: path, Kind: "object class", Holds: true}
	e.Fields = []kit.EntityField{{Name: "dn", Schema: flow.Of(flow.String), Key: true, Needed: true}}
	seen := map[string]bool{}
	for list := []class{own}; len(list) > 0; list = list[1:] {
		for i, names := range [][]string{list[0].must, list[0].may} {
			for _, name := range names {
				if !seen[strings.ToLower(name)] {
					seen[strings.ToLower(name)] = true
					e.Fields = append(e.Fields, kit.EntityField{
						Name: name, Needed: i == 0,
						Schema: flow.Schema{Types: []flow.Kind{flow.String, flow.Array, flow.Null}},
					})
				}
			}
		}
		for _, above := range list[0].above {
			if up, ok := classes[above]; ok && !seen["class "+above] {
				seen["class "+above] = true
				list = append(list, up)
			}
		}
	}
	return e, nil
}

// class is an object class as the schema describes it (RFC 4512, 4.1.1).
type class struct{ must, may, above []string }

func (c *connection) classes(ctx context.Context, env kit.Env) (map[string]class, error) {
	line, done, err := c.dial(ctx, env)
	if err != nil {
		return nil, err
	}
	defer done()
	texts, err := schemaOf(line, "objectClasses")
	if err != nil {
		return nil, c.told(err, false)
	}
	if len(texts) == 0 {
		return nil, kit.Fail(kit.Missing, "the directory does not show its schema").Hint("sign in as somebody who may see it")
	}
	all := map[string]class{}
	for _, text := range texts {
		names, one := parseClass(text)
		for _, name := range names {
			all[name] = one
		}
	}
	return all, nil
}

// schemaOf gives a part of a directory's schema (RFC 4512, 4.2); none where it shows none.
func schemaOf(line *ldap.Conn, part string) ([]string, error) {
	dn, texts := "", []string(nil)
	for _, attribute := range []string{"subschemaSubentry", part} {
		found, err := line.Search(ldap.NewSearchRequest(dn, ldap.ScopeBaseObject, ldap.NeverDerefAliases, 1, 0, false, "(objectClass=*)", []string{attribute}, nil))
		if err != nil || len(found.Entries) == 0 {
			return nil, err
		}
		if texts = found.Entries[0].GetAttributeValues(attribute); len(texts) == 0 {
			return nil, nil
		}
		dn = texts[0]
	}
	return texts, nil
}

// parseClass reads a description like ( 2.5.6.6 NAME 'person' SUP top MUST ( sn $ cn ) ).
func parseClass(text string) (names []string, c class) {
	words := strings.Fields(strings.NewReplacer("(", " ( ", ")", " ) ", "$", " ").Replace(text))
	for i := 0; i < len(words); i++ {
		var into *[]string
		switch words[i] {
		case "NAME":
			into = &names
		case "SUP":
			into = &c.above
		case "MUST":
			into = &c.must
		case "MAY":
			into = &c.may
		case "DESC":
			for i++; i < len(words) && !strings.HasSuffix(words[i], "'"); i++ {
			}
			continue
		default:
			continue
		}
		if i++; i < len(words) && words[i] == "(" {
			for i++; i < len(words) && words[i] != ")"; i++ {
				*into = append(*into, strings.Trim(words[i], "'"))
			}
		} else if i < len(words) {
			*into = append(*into, strings.Trim(words[i], "'"))
		}
	}
	return names, c
}
