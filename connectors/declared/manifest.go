package declared

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/auth"
	"jackfield/flow"
)

// version is what our own manifests begin with.
const version = 1

var ours = regexp.MustCompile(`(?m)(^|[{,])\s*["']?manifest["']?\s*:\s*["']?[0-9]`)

// Knows says whether a text is one of our own manifests.
func Knows(text []byte) bool { return ours.Match(text[:min(len(text), 1<<20)]) }

// Load makes the connector that one of our own manifests describes, by the name of its
// file. It has no ID where the manifest cannot be used at all.
func Load(path string) (kit.Connector, []flow.Problem) {
	text, err := os.ReadFile(path)
	if err != nil {
		return kit.Connector{}, []flow.Problem{kit.AsFailure(err).Problem("", "")}
	}
	s, problems := readManifest(path, text)
	if s == nil {
		return kit.Connector{}, problems
	}
	return s.connector(), problems
}

// readManifest reads one of our own manifests. It is nil where something is wrong with it.
func readManifest(path string, text []byte) (*service, []flow.Problem) {
	m := &manifest{document: document{file: path}, service: &service{id: idOf(path)}, streams: map[string]*stream{}}
	if root := m.parse(text); root != nil {
		m.read(root)
	}
	slices.SortStableFunc(m.problems, func(a, b flow.Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	if m.failed() {
		return nil, m.problems
	}
	return m.service, m.problems
}

// idOf is the name of the file up to its first dot, as far as it serves as an id.
func idOf(path string) string {
	name, _, _ := strings.Cut(filepath.Base(path), ".")
	id := strings.TrimLeft(notID.ReplaceAllString(strings.ToLower(name), ""), "0123456789")
	return cmp.Or(id, "service")
}

var notID = regexp.MustCompile(`[^a-z0-9]+`)

// manifest reads one of our own.
type manifest struct {
	document
	service *service
	streams map[string]*stream
	later   []func() // what refers to streams that stand behind
}

func (m *manifest) read(root *yaml.Node) {
	known := false
	provider := child(root, "provider")
	if provider != nil {
		m.provider(provider) // what is behind it hangs on it
	}
	m.object(root, "a manifest",
		key{"manifest", func(n *yaml.Node) {
			known = true
			if m.plain(n) != version {
				m.report(n, wrongType, `write "manifest: 1"`, "the manifest is of version %s, and this program knows version %d", n.Value, version)
			}
		}},
		key{"provider", func(*yaml.Node) {}},
		key{"streams", func(n *yaml.Node) {
			for _, one := range m.members(n, "streams") {
				m.stream(one)
			}
		}},
		key{"actions", func(n *yaml.Node) {
			for _, one := range m.members(n, "actions") {
				m.action(one)
			}
		}},
		key{"triggers", func(n *yaml.Node) {
			for _, one := range m.members(n, "triggers") {
				m.trigger(one)
			}
		}})
	if !known {
		m.report(root, missingPart, `begin it with "manifest: 1"`, "the file does not say which version it is written for")
	}
	if provider == nil {
		m.report(root, missingPart, "write provider: {title: …, url: https://…}", "the manifest has no provider")
	}
	for _, one := range m.later {
		one()
	}
	m.circles(root)
	if !m.failed() && len(m.service.streams)+len(m.service.actions) == 0 {
		m.report(root, missingPart, "describe a stream or an action", "the manifest describes nothing that can be done")
	}
	m.settingsThere(root)
}

// circles looks for streams that are parted by themselves.
func (m *manifest) circles(root *yaml.Node) {
	for _, s := range m.service.streams {
		if within(s, s, 0) {
			m.report(child(child(root, "streams"), s.id), badReference, "part it by another stream", "stream %q is parted by its own records", s.id)
			return
		}
	}
}

func within(s, of *stream, depth int) bool {
	for _, d := range of.dividers {
		for _, p := range d.parents {
			if p.stream == s || depth < 50 && within(s, p.stream, depth+1) {
				return true
			}
		}
	}
	return false
}

var (
	asksSetting = regexp.MustCompile(`\.config\.([A-Za-z_][A-Za-z0-9_]*)`)
	opName      = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
)

// settingsThere looks for expressions that ask for settings which the provider has not.
func (m *manifest) settingsThere(root *yaml.Node) {
	names := make([]string, len(m.service.settings))
	for i, s := range m.service.settings {
		names[i] = s.name
	}
	var walk func(n *yaml.Node)
	walk = func(n *yaml.Node) {
		for _, one := range n.Content {
			walk(one)
		}
		if n.Kind != yaml.ScalarNode {
			return
		}
		for _, at := range asksSetting.FindAllStringSubmatchIndex(n.Value, -1) {
			name := n.Value[at[2]:at[3]]
			if slices.Contains(names, name) {
				continue
			}
			fix := "add it to the settings of the provider"
			if near, ok := flow.Nearest(name, names); ok {
				fix = fmt.Sprintf("did you mean %q?", near)
			}
			before := n.Value[:at[2]]
			p := flow.Problem{File: m.file, Code: badReference, What: fmt.Sprintf("the provider has no setting %q", name), Fix: fix}
			p.Line, p.Column = m.inText(n, 1+strings.Count(before, "\n"), len([]rune(before[strings.LastIndexByte(before, '\n')+1:]))+1)
			m.problems = append(m.problems, p)
		}
	}
	walk(root)
}

func (m *manifest) provider(n *yaml.Node) {
	s := m.service
	var rate, address string
	m.object(n, "the provider",
		key{"title", m.text(&s.title, "the title")},
		key{"summary", m.text(&s.summary, "the summary")},
		key{"icon", m.text(&s.icon, "the icon")},
		key{"url", func(n *yaml.Node) {
			m.text(&address, "the address")(n)
			s.base = m.expression(n, "provider.url")
			if f, is := s.base.(fixed); is {
				s.base, s.address = nil, plainText(f.v)
				if u, err := url.Parse(s.address); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
					m.report(n, wrongType, "write it like https://api.example.com/v1", "%q is no address", s.address)
				}
			}
		}},
		key{"settings", func(n *yaml.Node) {
			for _, one := range m.members(n, "settings") {
				s.settings = append(s.settings, m.setting(one))
			}
		}},
		key{"auth", m.auth},
		key{"headers", func(n *yaml.Node) { s.headers = m.expression(n, "provider.headers") }},
		key{"rate", func(n *yaml.Node) {
			m.text(&rate, "the rate")(n)
			r, err := flow.ParseRate(rate)
			if err != nil {
				m.report(n, wrongType, "write it like 10/s, 600/m or 5/10s", "the rate is %q", rate)
				return
			}
			s.rate = float64(r.N) / r.Per.Seconds()
		}},
		key{"errors", func(n *yaml.Node) { s.rules = m.rules(n) }},
		key{"test", func(n *yaml.Node) {
			s.test = &request{method: http.MethodGet}
			m.object(n, "the test", m.requestKeys(s.test, "provider.test")...)
			s.test.signIn = m.own()
		}})
	if address == "" {
		m.report(n, missingPart, "write url: https://api.example.com", "the provider has no address")
	}
}

// own is the manifest's own way to sign in.
func (m *manifest) own() signIn { return m.service.signIn }

func (m *manifest) setting(one memberOf) setting {
	s := setting{name: one.name, path: []string{one.name}, title: titled("", one.name)}
	kinds := map[string]settingKind{
		"text": textSetting, "long": longSetting, "secret": secretSetting, "number": numberSetting,
		"toggle": toggleSetting, "choice": choiceSetting, "list": listSetting, "value": valueSetting,
	}
	kind := "text"
	if !opName.MatchString(one.name) {
		m.report(one.at, wrongType, "use a-z, 0-9 and _, beginning with a letter", "%q does not serve as the name of a setting", one.name)
	}
	m.object(one.node, "a setting",
		key{"title", m.text(&s.title, "the title")},
		key{"help", m.text(&s.help, "the help")},
		key{"example", m.text(&s.sample, "the example")},
		key{"type", m.oneOf(&kind, "the type", sortedNames(kinds)...)},
		key{"choices", func(n *yaml.Node) {
			kind = "choice"
			if n.Kind == yaml.MappingNode {
				for _, c := range m.members(n, "the choices") {
					choice := kit.Choice{Value: c.name}
					m.text(&choice.Label, "a choice")(c.node)
					s.choices = append(s.choices, choice)
				}
				return
			}
			for _, c := range m.items(n) {
				s.choices = append(s.choices, kit.Choice{Value: c.Value, Label: c.Value})
			}
		}},
		key{"default", func(n *yaml.Node) { s.initial = m.value(n) }},
		key{"needed", m.toggle(&s.needed, "needed")},
		key{"more", m.toggle(&s.more, "more")},
		key{"when", func(n *yaml.Node) {
			for _, c := range m.members(n, "when") {
				var values []string
				m.texts(&values, "a value")(c.node)
				s.shown = append(s.shown, condition{c.name, values})
			}
		}})
	if s.kind = kinds[kind]; kind == "choice" && len(s.choices) == 0 {
		m.report(one.at, missingPart, "write choices: [one, other]", "the setting %q has no choices", one.name)
	}
	if s.kind == choiceSetting && s.initial == nil && len(s.choices) > 0 {
		s.initial = s.choices[0].Value
	}
	return s
}

// authNames are the schemes of kit/auth, and the two ways of a manifest's own.
var authNames = []string{auth.None, auth.Basic, auth.Bearer, auth.APIKey, auth.OAuth2, auth.Digest, auth.AWSv4, auth.Signed, auth.Certificate, auth.Custom}

func (m *manifest) auth(n *yaml.Node) {
	if n.Kind == yaml.ScalarNode || n.Kind == yaml.SequenceNode {
		m.schemes(n)
		return
	}
	var presets []func(*auth.Access)
	var parts allWays
	m.object(n, "the sign-in",
		key{"schemes", m.schemes},
		key{"key", func(n *yaml.Node) {
			name, in := "", auth.InHeader
			m.object(n, "the key", key{"name", m.text(&name, "the name")}, key{"in", m.oneOf(&in, "in", auth.InHeader, auth.InQuery, auth.InCookie)})
			presets = append(presets, func(a *auth.Access) { a.KeyName, a.KeyIn = name, in })
		}},
		key{"oauth", func(n *yaml.Node) {
			if p := m.oauth(n); p != nil {
				presets = append(presets, p)
			}
		}},
		key{"headers", func(n *yaml.Node) { parts = append(parts, m.carried(n, inHeader)...) }},
		key{"query", func(n *yaml.Node) { parts = append(parts, m.carried(n, inQuery)...) }},
		key{"body", func(n *yaml.Node) { parts = append(parts, m.carried(n, inBody)...) }},
		key{"login", func(n *yaml.Node) { parts = append(parts, m.login(n)) }})
	if len(parts) > 0 {
		m.service.signIn = parts
	}
	if len(presets) > 0 {
		m.service.preset = func(a *auth.Access) {
			for _, p := range presets {
				p(a)
			}
		}
	}
}

func (m *manifest) schemes(n *yaml.Node) {
	for _, one := range m.items(n) {
		var scheme string
		if m.oneOf(&scheme, "a scheme of signing in", authNames...)(one); scheme != "" {
			m.service.schemes = append(m.service.schemes, scheme)
		}
	}
}

func (m *manifest) oauth(n *yaml.Node) func(*auth.Access) {
	o := auth.New().OAuth
	o.Grant, o.ClientAuth = auth.CodeGrant, "header"
	pairs := func(to *map[string]string) func(*yaml.Node) {
		return func(n *yaml.Node) {
			*to = map[string]string{}
			for _, one := range m.members(n, "the parameters") {
				var text string
				m.text(&text, "a parameter")(one.node)
				(*to)[one.name] = text
			}
		}
	}
	m.object(n, "oauth",
		key{"grant", m.oneOf(&o.Grant, "the grant", auth.CodeGrant, auth.DeviceGrant, auth.ClientGrant)},
		key{"auth_url", m.text(&o.AuthURL, "the address")},
		key{"token_url", m.text(&o.TokenURL, "the address")},
		key{"device_url", m.text(&o.DeviceURL, "the address")},
		key{"scopes", m.texts(&o.Scopes, "a scope")},
		key{"audience", m.text(&o.Audience, "the audience")},
		key{"auth_params", pairs(&o.AuthParams)},
		key{"token_params", pairs(&o.TokenParams)},
		key{"redirects", m.texts(&o.Redirects, "an address")},
		key{"ended", m.texts(&o.Ended, "a text")},
		key{"client_in", m.oneOf(&o.ClientAuth, "client_in", "header", "body")})
	if !slices.Contains(m.service.schemes, auth.OAuth2) {
		m.service.schemes = append(m.service.schemes, auth.OAuth2)
	}
	return func(a *auth.Access) {
		to := &a.OAuth
		to.Grant, to.AuthURL, to.TokenURL, to.DeviceURL, to.ClientAuth = o.Grant, o.AuthURL, o.TokenURL, o.DeviceURL, o.ClientAuth
		to.Scopes, to.Audience, to.AuthParams, to.TokenParams = slices.Clone(o.Scopes), o.Audience, o.AuthParams, o.TokenParams
		to.Redirects, to.Ended = slices.Clone(o.Redirects), slices.Clone(o.Ended)
	}
}

// allWays signs in by all of some ways.
type allWays []signIn

func (s allWays) prepare(ctx context.Context, by *carrier) error {
	for _, one := range s {
		if err := one.prepare(ctx, by); err != nil {
			return err
		}
	}
	return nil
}

func (m *manifest) carried(n *yaml.Node, in place) []signIn {
	var all []signIn
	for _, one := range m.members(n, "what signs in") {
		all = append(all, carried{in: in, name: fixed{one.name}, what: m.expression(one.node, "provider.auth."+one.name)})
	}
	return all
}

func (m *manifest) login(n *yaml.Node) signIn {
	l := &login{ask: request{method: http.MethodPost}, in: inHeader, id: "login"}
	token, in, name, prefix := "", "header", "Authorization", "Bearer "
	var lasts time.Duration
	keys := m.requestKeys(&l.ask, "provider.auth.login")
	keys = append(keys,
		key{"token", m.text(&token, "where the token is")},
		key{"expires_in", m.text(&l.ends, "where its life is")},
		key{"lasts", m.duration(&lasts, "its life")},
		key{"in", m.oneOf(&in, "in", "header", "query", "cookie")},
		key{"name", func(n *yaml.Node) { m.text(&name, "the name")(n); prefix = "" }},
		key{"prefix", m.text(&prefix, "the prefix")})
	m.object(n, "the login", keys...)
	if token == "" {
		m.report(n, missingPart, "write token: access_token, the path of the token in the reply", "the login does not say where the token is")
	}
	for part := range strings.SplitSeq(token, ".") {
		l.token = append(l.token, fixed{part})
	}
	l.in, l.name, l.prefix, l.lasts.Length = place(in), fixed{name}, prefix, lasts
	return l
}

// requestKeys are those of everything that is asked.
func (m *manifest) requestKeys(r *request, of string) []key {
	read := func(to *expression, name string) key {
		return key{name, func(n *yaml.Node) { *to = m.expression(n, of+"."+name) }}
	}
	return []key{
		{"method", m.oneOf(&r.method, "the method", "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")},
		read(&r.base, "url"), read(&r.path, "path"), read(&r.query, "query"), read(&r.headers, "headers"), read(&r.body, "body"),
		{"form", m.toggle(&r.form, "form")},
		{"errors", func(n *yaml.Node) { r.rules = m.rules(n) }},
		{"decode", func(n *yaml.Node) {
			form := ""
			m.oneOf(&form, "decode", "json", "lines", "csv", "xml", "text")(n)
			if r.decode.form = format(form); form == "json" {
				r.decode.form = asJSON
			}
		}},
		{"packed", m.oneOf(&r.decode.packed, "packed", "gzip", "zip")},
	}
}

func (m *manifest) rules(n *yaml.Node) (all []rule) {
	for _, one := range m.items(n) {
		var r rule
		then := ""
		m.object(one, "a rule",
			key{"status", func(n *yaml.Node) {
				for _, s := range m.items(n) {
					var status int
					m.whole(&status, "a status")(s)
					r.statuses = append(r.statuses, status)
				}
			}},
			key{"contains", m.text(&r.contains, "contains")},
			key{"when", func(n *yaml.Node) {
				if e, ok := m.jq(n, "errors.when"); ok {
					r.when = e
				}
			}},
			key{"then", m.oneOf(&then, "then", string(isPassing), string(isFailure), string(isNothing), string(isFine), string(isLimited), string(isSignOut))},
			key{"message", func(n *yaml.Node) { r.message = m.expression(n, "errors.message") }},
			key{"wait", func(n *yaml.Node) { r.waits = append(r.waits, m.wait(n)) }})
		if r.says = verdict(then); then == "" {
			m.report(one, missingPart, "write then: retry, fail, ignore or fine", "the rule does not say what the reply means")
		}
		if r.statuses == nil && r.contains == "" && r.when == nil {
			m.report(one, missingPart, "write status, contains or when", "the rule does not say when it counts")
		}
		all = append(all, r)
	}
	return all
}

func (m *manifest) wait(n *yaml.Node) wait {
	var w wait
	if n.Kind == yaml.ScalarNode {
		m.duration(&w.fixed, "the wait")(n)
		return w
	}
	m.object(n, "the wait",
		key{"header", m.text(&w.header, "the header")},
		key{"until", m.toggle(&w.until, "until")},
		key{"least", m.duration(&w.least, "least")})
	return w
}

func (m *manifest) named(one memberOf) {
	taken := func(id string) bool {
		return slices.ContainsFunc(m.service.streams, func(s *stream) bool { return s.id == id }) ||
			slices.ContainsFunc(m.service.actions, func(a *action) bool { return a.id == id }) ||
			slices.ContainsFunc(m.service.triggers, func(t *trigger) bool { return t.id == id })
	}
	switch {
	case !opName.MatchString(one.name):
		m.report(one.at, wrongType, "use a-z, 0-9 and _, beginning with a letter", "%q does not serve as a name", one.name)
	case taken(one.name):
		m.report(one.at, duplicateKey, "name it in another way", "there is a %q already", one.name)
	}
}

func (m *manifest) stream(one memberOf) {
	s := &stream{id: one.name, title: titled("", one.name), service: m.service, ask: request{method: http.MethodGet, signIn: m.own()}}
	m.named(one)
	of := "streams." + one.name
	keys := m.requestKeys(&s.ask, of)
	keys = append(keys,
		key{"title", m.text(&s.title, "the title")},
		key{"summary", m.text(&s.summary, "the summary")},
		key{"hidden", m.toggle(&s.inner, "hidden")},
		key{"records", func(n *yaml.Node) {
			if e, ok := m.jq(n, of+".records"); ok {
				s.items = byJQ{e}
			}
		}},
		key{"filter", func(n *yaml.Node) {
			if e, ok := m.jq(n, of+".filter"); ok {
				s.filter = e
			}
		}},
		key{"make", func(n *yaml.Node) {
			if e, ok := m.jq(n, of+".make"); ok {
				s.changes = append(s.changes, remade{e})
			}
		}},
		key{"set", func(n *yaml.Node) {
			for _, f := range m.members(n, "set") {
				s.changes = append(s.changes, adding{path: []expression{fixed{f.name}}, to: m.expression(f.node, of+".set."+f.name)})
			}
		}},
		key{"remove", func(n *yaml.Node) {
			var names []string
			m.texts(&names, "a field")(n)
			var c removing
			for _, name := range names {
				c.paths = append(c.paths, strings.Split(name, "."))
			}
			s.changes = append(s.changes, c)
		}},
		key{"paging", func(n *yaml.Node) { s.pager = m.paging(n, of+".paging") }},
		key{"key", m.texts(&s.key, "the key")},
		key{"incremental", func(n *yaml.Node) { s.news = m.news(n, of+".incremental") }},
		key{"partitions", func(n *yaml.Node) {
			for _, d := range m.items(n) {
				m.divider(s, d, of+".partitions")
			}
		}},
		key{"schema", m.schema(&s.schema, "the schema")})
	before := len(m.problems)
	m.object(one.node, fmt.Sprintf("stream %q", one.name), keys...)
	if len(m.problems) == before && s.ask.path == nil && s.ask.base == nil {
		m.report(one.at, missingPart, "write path: /things", "stream %q has no path", one.name)
	}
	if s.items == nil {
		e, _ := m.compiled(one.at, ".reply", 0, of+".records")
		s.items = byJQ{e}
	}
	m.streams[one.name] = s
	m.service.streams = append(m.service.streams, s)
}

func (m *manifest) paging(n *yaml.Node, of string) *pager {
	p := &pager{in: inQuery, sizeIn: inQuery, strict: true, first: 1}
	by, in, sizeIn, param, sizeParam := "", "query", "", "", ""
	m.object(n, "paging",
		key{"by", m.oneOf(&by, "by", "page", "offset", "token", "link", "url", "none")},
		key{"param", m.text(&param, "param")},
		key{"in", m.oneOf(&in, "in", "query", "header", "body")},
		key{"first", m.whole(&p.first, "first")},
		key{"size", func(n *yaml.Node) { p.size = m.expression(n, of+".size") }},
		key{"size_param", m.text(&sizeParam, "size_param")},
		key{"size_in", m.oneOf(&sizeIn, "size_in", "query", "header", "body")},
		key{"next", func(n *yaml.Node) {
			if e, ok := m.jq(n, of+".next"); ok {
				p.next = e
			}
		}},
		key{"stop", func(n *yaml.Node) {
			if e, ok := m.jq(n, of+".stop"); ok {
				p.stop = e
			}
		}},
		key{"short", func(n *yaml.Node) { short := false; m.toggle(&short, "short")(n); p.strict = !short }})
	p.style = map[string]pageStyle{"page": numberedPages, "offset": offsetPages, "token": tokenPages, "url": tokenPages, "link": linkedPages}[by]
	p.in, p.sizeIn = place(in), place(cmp.Or(sizeIn, in))
	p.always = by == "page"
	if by == "url" {
		p.in = inPath
	} else {
		p.as = fixed{cmp.Or(param, map[string]string{"page": "page", "offset": "offset", "token": "cursor"}[by])}
	}
	if p.size != nil {
		p.sizeAs = fixed{cmp.Or(sizeParam, "limit")}
	}
	switch {
	case by == "":
		m.report(n, missingPart, "write by: page, offset, token, link or url", "paging does not say by what")
	case p.style == tokenPages && p.next == nil:
		m.report(n, missingPart, "write next: .reply.next", "paging by %s needs to know where the next one is", by)
	case !p.strict && p.size == nil:
		m.report(n, missingPart, "write size: 100", "a short page ends the list only where its size is known")
	}
	return p
}

// formats are the short names of ways to write a time.
var formats = map[string]string{"rfc3339": "%Y-%m-%dT%H:%M:%SZ", "date": "%Y-%m-%d", "unix": "%s", "unix_ms": "%ms"}

func (m *manifest) news(n *yaml.Node, of string) *news {
	s := &news{format: formats["rfc3339"], fromIn: inQuery, toIn: inQuery}
	format, recorded, step, from, to, in := "", "", time.Duration(0), "", "", "query"
	m.object(n, "incremental",
		key{"field", m.text(&s.field, "the field")},
		key{"format", m.text(&format, "the format")},
		key{"record_format", m.text(&recorded, "the format")},
		key{"number", m.toggle(&s.number, "number")},
		key{"start", func(n *yaml.Node) { s.start = m.expression(n, of+".start") }},
		key{"end", func(n *yaml.Node) { s.end = m.expression(n, of+".end") }},
		key{"step", m.duration(&step, "the step")},
		key{"lookback", m.duration(&s.lookback.Length, "lookback")},
		key{"sorted", m.toggle(&s.sorted, "sorted")},
		key{"from", m.text(&from, "from")},
		key{"to", m.text(&to, "to")},
		key{"in", m.oneOf(&in, "in", "query", "header", "body")})
	if s.field == "" {
		m.report(n, missingPart, "write field: updated_at", "incremental does not say by which field")
	}
	for _, f := range []struct {
		text string
		to   func(string)
	}{{format, func(f string) { s.format = f }}, {recorded, func(f string) { s.formats = []string{f} }}} {
		if f.text == "" {
			continue
		}
		known, ok := formats[f.text]
		if !ok && !strings.Contains(f.text, "%") {
			m.report(child(n, "format"), wrongType, "write rfc3339, date, unix, unix_ms, or a pattern such as %Y-%m-%d", "%q is no format of a time", f.text)
		}
		f.to(cmp.Or(known, f.text))
	}
	s.step.Length = step
	s.fromIn, s.toIn = place(in), place(in)
	if from != "" {
		s.fromAs = fixed{from}
	}
	if to != "" {
		s.toAs = fixed{to}
	}
	return s
}

func (m *manifest) divider(s *stream, n *yaml.Node, of string) {
	var name, parentID string
	d := divider{}
	var byKey expression
	var at *yaml.Node
	m.object(n, "a partition",
		key{"name", m.text(&name, "the name")},
		key{"values", func(n *yaml.Node) { d.values = m.expression(n, of+".values") }},
		key{"of", func(n *yaml.Node) { at = n; m.text(&parentID, "the stream")(n) }},
		key{"key", func(n *yaml.Node) {
			if e, ok := m.jq(n, of+".key"); ok {
				byKey = e
			}
		}})
	if d.name = name; name == "" {
		m.report(n, missingPart, "write name: region; expressions then find it as .partition.region", "the partition has no name")
	}
	if (d.values == nil) == (parentID == "") {
		m.report(n, missingPart, "write values: [a, b], or of: a stream, with key: .record.id", "the partition is of values or of another stream")
	}
	i := len(s.dividers)
	s.dividers = append(s.dividers, d)
	if parentID == "" {
		return
	}
	if byKey == nil {
		byKey, _ = m.compiled(n, ".record.id", 0, of+".key")
	}
	m.later = append(m.later, func() {
		up, ok := m.streams[parentID]
		if !ok {
			fix := "describe it under streams"
			if near, ok := flow.Nearest(parentID, sortedNames(m.streams)); ok {
				fix = fmt.Sprintf("did you mean %q?", near)
			}
			m.report(at, badReference, fix, "there is no stream %q", parentID)
			return
		}
		s.dividers[i].parents = []parent{{stream: up, key: byKey, name: name}}
	})
}

func (m *manifest) action(one memberOf) {
	a := &action{id: one.name, title: titled("", one.name), service: m.service, ask: request{method: http.MethodPost, signIn: m.own()}}
	m.named(one)
	of := "actions." + one.name
	effect, idempotent := "", false
	var inputs *yaml.Node
	keys := m.requestKeys(&a.ask, of)
	keys = append(keys,
		key{"title", m.text(&a.title, "the title")},
		key{"summary", m.text(&a.summary, "the summary")},
		key{"input", func(n *yaml.Node) { inputs = n; m.schema(&a.in, "the input")(n) }},
		key{"whole", m.toggle(&a.whole, "whole")},
		key{"records", func(n *yaml.Node) {
			if e, ok := m.jq(n, of+".records"); ok {
				a.gives = byJQ{e}
			}
		}},
		key{"output", m.schema(&a.out, "the output")},
		key{"effect", m.oneOf(&effect, "the effect", string(kit.Reads), string(kit.Repeatable), string(kit.Once))},
		key{"idempotent", m.toggle(&idempotent, "idempotent")})
	before := len(m.problems)
	m.object(one.node, fmt.Sprintf("action %q", one.name), keys...)
	if len(m.problems) == before && a.ask.path == nil && a.ask.base == nil {
		m.report(one.at, missingPart, "write path: /things", "action %q has no path", one.name)
	}
	a.effect = effectOf(a.ask.method)
	if a.ask.keyed = idempotent; idempotent && a.effect == kit.Once {
		a.effect = kit.Repeatable
	}
	if effect != "" {
		a.effect = kit.Effect(effect)
	}
	if !a.whole {
		a.inputs = m.inputs(inputs, a.in)
	}
	m.service.actions = append(m.service.actions, a)
}

// inputs makes a setting of each property.
func (m *manifest) inputs(at *yaml.Node, in flow.Schema) (all []setting) {
	for _, p := range in.Properties {
		s := setting{name: p.Name, path: []string{p.Name}, title: titled(p.Schema.Title, p.Name), help: p.Schema.Description, needed: p.Required, initial: p.Schema.Default}
		if !opName.MatchString(p.Name) {
			m.report(at, wrongType, "name it with a-z, 0-9 and _, and write {.input.…} where the service wants another name", "%q does not serve as the name of an input", p.Name)
		}
		has := func(k flow.Kind) bool { return slices.Contains(p.Schema.Types, k) }
		switch {
		case len(p.Schema.Enum) > 0:
			s.kind = choiceSetting
			if !p.Required {
				s.choices = append(s.choices, kit.Choice{Label: "—"})
			}
			for _, v := range p.Schema.Enum {
				s.choices = append(s.choices, kit.Choice{Value: plainText(v), Label: plainText(v)})
			}
			if s.initial == nil && p.Required {
				s.initial = s.choices[0].Value
			}
		case has(flow.String):
		case has(flow.Integer), has(flow.Number):
			s.kind = numberSetting
		default:
			s.kind = valueSetting
		}
		all = append(all, s)
	}
	return all
}

func (m *manifest) trigger(one memberOf) {
	t := &trigger{id: one.name, title: titled("", one.name), service: m.service, every: 5 * time.Minute}
	m.named(one)
	of := ""
	at := one.at
	m.object(one.node, fmt.Sprintf("trigger %q", one.name),
		key{"title", m.text(&t.title, "the title")},
		key{"summary", m.text(&t.summary, "the summary")},
		key{"stream", func(n *yaml.Node) { at = n; m.text(&of, "the stream")(n) }},
		key{"every", m.duration(&t.every, "every")},
		key{"old", m.toggle(&t.old, "old")})
	m.later = append(m.later, func() {
		s, ok := m.streams[of]
		switch {
		case !ok:
			fix := "name one of the streams"
			if near, ok := flow.Nearest(of, sortedNames(m.streams)); ok {
				fix = fmt.Sprintf("did you mean %q?", near)
			}
			m.report(at, badReference, fix, "there is no stream %q", of)
		case s.news == nil:
			m.report(at, missingPart, "say in the stream by which field new records are known: incremental: {field: updated_at}", "stream %q does not say what is new", of)
		default:
			t.of = s
			m.service.triggers = append(m.service.triggers, t)
		}
	})
}
