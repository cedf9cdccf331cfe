package declared

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/auth"
	"jackfield/connectors/kit/web"
	"jackfield/flow"
)

// Draft writes a manifest from one example request, such as a person pastes it. A request
// that only looks is sent, and what comes back says where the records are, how the list is
// divided and what a record looks like; one that changes something is not sent. What signs
// in is recognised, and does not stand in the manifest.
func Draft(ctx context.Context, client *web.Client, pasted web.Pasted, name string) ([]byte, error) {
	d := &draft{pasted: pasted, account: pasted.Account()}
	host, path, query := pasted.Place()
	if host == "" {
		return nil, kit.Fail(kit.Invalid, "the example names no address").Hint("paste a whole command line of curl")
	}
	d.query = query
	d.divide(host, path)
	if pasted.Method == http.MethodGet {
		if err := d.ask(ctx, client); err != nil {
			return nil, err
		}
	}
	provider := object("title", web.Spaced(name), "url", d.base)
	d.signIn(provider)
	add(provider, "test", d.tested())
	root := object("manifest", version, "provider", provider)
	if d.items != nil {
		add(root, "streams", object(d.name, d.stream()))
	} else {
		add(root, "actions", object(d.name, d.action()))
	}
	var out bytes.Buffer
	e := yaml.NewEncoder(&out)
	e.SetIndent(2)
	if err := e.Encode(root); err != nil {
		return nil, fmt.Errorf("write the manifest: %w", err)
	}
	return out.Bytes(), e.Close()
}

// draft is a manifest in the making.
type draft struct {
	pasted  web.Pasted
	account flow.Values
	base    string
	path    string
	name    string
	query   map[string]any
	ids     []string // inputs that the path has

	reply *web.Reply
	body  any
	where string // the list is
	items []any  // nil where the reply holds no list
}

var (
	versionPart = regexp.MustCompile(`^(v\d+(\.\d+)*|api|rest)$`)
	idPart      = regexp.MustCompile(`^(\d+|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{24})$`)
)

// divide parts the address into what all requests begin with, and the path of this one.
func (d *draft) divide(host, path string) {
	path, more, _ := strings.Cut(path, "?")
	segments := strings.Split(strings.Trim(path, "/"), "/")
	split := 0
	for i, s := range segments {
		if versionPart.MatchString(strings.ToLower(s)) && i+1 < len(segments) {
			split = i + 1
		}
	}
	d.base = strings.TrimSuffix(host+"/"+strings.Join(segments[:split], "/"), "/")
	d.name = "list"
	for i, s := range segments[split:] {
		if idPart.MatchString(strings.ToLower(s)) {
			input := "id"
			if len(d.ids) > 0 {
				input = fmt.Sprintf("id_%d", len(d.ids)+1)
			}
			d.ids = append(d.ids, input)
			segments[split+i] = "{.input." + input + "}"
		} else if s != "" {
			plain, _ := url.PathUnescape(s)
			d.name = web.Snake(plain)
			segments[split+i] = doubled(s)
		}
	}
	d.path = "/" + strings.Join(segments[split:], "/")
	if more != "" {
		d.path += "?" + doubled(more)
	}
	if d.pasted.Method != http.MethodGet {
		d.name = strings.ToLower(d.pasted.Method) + "_" + d.name
	} else if len(d.ids) > 0 && strings.HasSuffix(d.path, "}") {
		d.name = "get_" + d.name
	}
}

// doubled writes braces so that they stand for themselves.
func doubled(text string) string {
	return strings.NewReplacer("{", "{{", "}", "}}").Replace(text)
}

// ask sends the example.
func (d *draft) ask(ctx context.Context, client *web.Client) error {
	site, access := web.NewSite(client), auth.New()
	site.URL = d.base
	fields := access.Fields()
	for _, p := range fields.Bind("", web.Fitting(fields, withoutAddress(d.account))) {
		return p
	}
	c := web.Call{Method: http.MethodGet, URL: d.pasted.URL, Headers: http.Header{}}
	for name, v := range d.pasted.Headers {
		c.Headers.Set(name, v)
	}
	var err error
	if d.reply, err = site.Send(ctx, kit.Env{}, access.Signer(kit.Env{}), c); err != nil {
		return err
	}
	if d.reply.Status >= 300 {
		return d.reply.Refusal(time.Now())
	}
	if d.body, err = d.reply.JSON(); err != nil {
		return err
	}
	d.where, d.items = listIn(d.body, "", 0)
	if d.items != nil && len(d.ids) > 0 { // a list of one thing is read as it was asked for
		_, path, _ := d.pasted.Place()
		d.ids = nil
		u, err := url.Parse(d.base)
		if err == nil {
			d.path = "/" + strings.TrimLeft(doubled(strings.TrimPrefix(path, u.EscapedPath())), "/")
		}
		d.name = strings.TrimPrefix(d.name, "get_")
	}
	return nil
}

func withoutAddress(all flow.Values) flow.Values {
	out := flow.Values{}
	for name, v := range all {
		if name != "url" && name != "timeout" {
			out[name] = v
		}
	}
	return out
}

// listIn finds the longest list of objects in a reply, not deep inside.
func listIn(v any, path string, depth int) (where string, items []any) {
	switch v := v.(type) {
	case []any:
		if len(v) == 0 {
			return path, v
		}
		if _, is := v[0].(map[string]any); is {
			return path, v
		}
	case map[string]any:
		if depth > 2 {
			return "", nil
		}
		for _, name := range sortedNames(v) {
			at, found := listIn(v[name], member(path, name), depth+1)
			if found != nil && (items == nil || len(found) > len(items)) {
				where, items = at, found
			}
		}
	}
	return where, items
}

var plainMember = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// member is jq for a member.
func member(path, name string) string {
	if plainMember.MatchString(name) {
		return path + "." + name
	}
	quoted, _ := json.Marshal(name)
	return path + ".[" + string(quoted) + "]"
}

// signIn names the scheme that the example uses.
func (d *draft) signIn(provider *yaml.Node) {
	scheme, _ := d.account["auth"].(string)
	if scheme == "" {
		add(provider, "auth", listOf(auth.None))
		return
	}
	if name, is := d.account["key_name"].(string); is && scheme == auth.APIKey {
		in, _ := d.account["key_in"].(string)
		add(provider, "auth", object("schemes", listOf(scheme), "key", object("name", name, "in", cmp.Or(in, auth.InHeader))))
		return
	}
	add(provider, "auth", listOf(scheme))
}

// tested is the request by which a connection is tried; nothing where none is harmless.
func (d *draft) tested() *yaml.Node {
	if d.pasted.Method != http.MethodGet || len(d.ids) > 0 {
		return nil
	}
	test := object("path", d.path)
	add(test, "query", d.parameters(nil))
	return test
}

// parameters are those of the example, without some.
func (d *draft) parameters(without []string) *yaml.Node {
	n := object()
	for _, name := range sortedNames(d.query) {
		if !slices.Contains(without, name) {
			add(n, name, doubled(plainText(d.query[name])))
		}
	}
	if len(n.Content) == 0 {
		return nil
	}
	return n
}

func (d *draft) headers() *yaml.Node {
	n := object()
	for _, name := range sortedNames(d.pasted.Headers) {
		if !strings.EqualFold(name, "Content-Type") {
			add(n, name, doubled(d.pasted.Headers[name]))
		}
	}
	if len(n.Content) == 0 {
		return nil
	}
	return n
}

func (d *draft) stream() *yaml.Node {
	n := object("title", web.Spaced(d.name), "path", d.path)
	paging, used := d.paging()
	query := d.parameters(used)
	field := d.newest()
	if since := d.among(sinceNames); since != "" && field != "" {
		query = orObject(query)
		for i := 0; i < len(query.Content); i += 2 {
			if query.Content[i].Value == since {
				query.Content[i+1] = node("{.since}")
			}
		}
	} else {
		field = ""
	}
	add(n, "query", query)
	add(n, "headers", d.headers())
	if d.where != "" {
		add(n, "records", ".reply"+d.where)
	}
	add(n, "paging", paging)
	if first, is := firstOf(d.items); is {
		for _, key := range []string{"id", "uuid", "key", "ID", "Id", "_id"} {
			if _, there := first[key]; there {
				add(n, "key", key)
				break
			}
		}
	}
	if field != "" {
		add(n, "incremental", object("field", field))
	}
	if len(d.items) > 0 {
		add(n, "schema", schemaNode(flow.Infer(d.items...)))
	}
	return n
}

func orObject(n *yaml.Node) *yaml.Node {
	if n == nil {
		return object()
	}
	return n
}

func firstOf(items []any) (map[string]any, bool) {
	if len(items) == 0 {
		return nil, false
	}
	m, is := items[0].(map[string]any)
	return m, is
}

// The names that services give to what divides a list, without capitals and separators.
var (
	pageNames   = []string{"page", "pagenumber", "pageno", "p"}
	offsetNames = []string{"offset", "skip", "start", "startat"}
	tokenNames  = []string{"cursor", "after", "pagetoken", "nexttoken", "startingafter", "continuation", "marker"}
	sizeNames   = []string{"limit", "perpage", "pagesize", "size", "count", "maxresults", "take", "top"}
	sinceNames  = []string{"since", "updatedsince", "updatedafter", "modifiedsince", "modifiedafter", "changedsince", "from", "startdate"}
	fieldNames  = []string{"updatedat", "modifiedat", "updated", "modified", "lastmodified", "changedat", "createdat", "created"}
)

func bare(name string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "", ".", "", "[", "", "]", "", "@", "", "$", "").Replace(name))
}

// among is the parameter of the example that has one of some names.
func (d *draft) among(list []string) string {
	for _, want := range list {
		for _, name := range sortedNames(d.query) {
			if bare(name) == want {
				return name
			}
		}
	}
	return ""
}

// newest is the field of the records that grows with time.
func (d *draft) newest() string {
	rec, _ := firstOf(d.items)
	for _, want := range fieldNames {
		for _, name := range sortedNames(rec) {
			if bare(name) == want {
				return name
			}
		}
	}
	return ""
}

// paging guesses how the list is divided; used are the parameters that it sets itself.
func (d *draft) paging() (n *yaml.Node, used []string) {
	n = object()
	size := d.among(sizeNames)
	next, address := nextIn(d.body, "", 0)
	switch page, offset := d.among(pageNames), d.among(offsetNames); {
	case web.NextLink(d.reply.Header) != "":
		add(n, "by", "link")
	case next != "" && address:
		add(n, "by", "url")
		add(n, "next", ".reply"+next)
	case next != "":
		param := cmp.Or(d.among(tokenNames), tokenFor(next))
		add(n, "by", "token")
		add(n, "param", param)
		add(n, "next", ".reply"+next)
		used = append(used, param)
	case page != "":
		first := 1
		if plainText(d.query[page]) == "0" {
			first = 0
		}
		add(n, "by", "page")
		add(n, "param", page)
		if first == 0 {
			add(n, "first", 0)
		}
		used = append(used, page)
	case offset != "":
		add(n, "by", "offset")
		add(n, "param", offset)
		used = append(used, offset)
	default:
		return nil, nil
	}
	if v, ok := numberOf(plainText(d.query[size])); ok && size != "" {
		add(n, "size", v)
		add(n, "size_param", size)
		used = append(used, size)
	}
	return n, used
}

// tokenFor is the usual name of the parameter that takes what a member of a reply gives.
func tokenFor(next string) string {
	name := next[strings.LastIndexByte(next, '.')+1:]
	switch plain := bare(name); {
	case strings.HasPrefix(plain, "next") && len(plain) > len("next"):
		rest := strings.TrimLeft(name[len("next"):], "_-")
		return strings.ToLower(rest[:1]) + rest[1:]
	case plain == "endcursor" || plain == "after":
		return "after"
	}
	return "cursor"
}

var nextNames = []string{"nextcursor", "nextpagetoken", "nexttoken", "nextpage", "nextlink", "odatanextlink", "nexturl", "nextpageurl", "next", "endcursor", "after", "cursor"}

// nextIn finds where the reply says what the next page is, and whether that is an address.
func nextIn(v any, path string, depth int) (where string, address bool) {
	object, is := v.(map[string]any)
	if !is || depth > 2 {
		return "", false
	}
	for _, want := range nextNames {
		for _, name := range sortedNames(object) {
			text, isText := object[name].(string)
			if bare(name) != want || !isText && object[name] != nil {
				continue
			}
			address := strings.Contains(text, "://") || strings.HasPrefix(text, "/") || text == "" && (strings.HasSuffix(want, "link") || strings.HasSuffix(want, "url") || want == "next")
			return member(path, name), address
		}
	}
	for _, name := range sortedNames(object) {
		if where, address := nextIn(object[name], member(path, name), depth+1); where != "" {
			return where, address
		}
	}
	return "", false
}

// action is a request for each record.
func (d *draft) action() *yaml.Node {
	n := object("title", web.Spaced(d.name), "method", d.pasted.Method, "path", d.path)
	add(n, "query", d.parameters(nil))
	add(n, "headers", d.headers())
	properties, needed := object(), []string{}
	for _, id := range d.ids {
		add(properties, id, object("type", "string"))
		needed = append(needed, id)
	}
	if body, is := d.pasted.Body.(map[string]any); is {
		sent := object()
		for _, p := range flow.Infer(body).Properties {
			input := web.Snake(p.Name)
			if slices.Contains(d.ids, input) {
				input += "_of_body"
			}
			add(properties, input, schemaNode(p.Schema))
			add(sent, p.Name, "{.input."+input+"}")
		}
		add(n, "body", sent)
		if d.pasted.As == "form" {
			add(n, "form", true)
		}
	} else if d.pasted.Body != nil {
		add(n, "body", doubled(plainText(d.pasted.Body)))
	}
	if len(properties.Content) > 0 {
		input := object("type", "object")
		if len(needed) > 0 {
			add(input, "required", listOf(needed...))
		}
		add(input, "properties", properties)
		add(n, "input", input)
	}
	if d.body != nil {
		add(n, "output", schemaNode(flow.Infer(d.body)))
	}
	return n
}

// schemaNode writes a schema as YAML.
func schemaNode(s flow.Schema) *yaml.Node {
	text, err := json.Marshal(s)
	var n yaml.Node
	if err != nil || yaml.Unmarshal(text, &n) != nil || len(n.Content) == 0 {
		return object()
	}
	return inLines(n.Content[0], 0)
}

// inLines gives the outer objects lines of their own.
func inLines(n *yaml.Node, depth int) *yaml.Node {
	if n.Kind == yaml.ScalarNode {
		n.Style = 0
	}
	if n.Kind == yaml.MappingNode && depth < 2 {
		n.Style = 0
	}
	for _, one := range n.Content {
		inLines(one, depth+1)
	}
	return n
}

// object makes an object of names and values.
func object(members ...any) *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode}
	for i := 0; i+1 < len(members); i += 2 {
		add(n, members[i].(string), members[i+1])
	}
	return n
}

// add puts a member behind the others; nothing is left out.
func add(n *yaml.Node, name string, v any) {
	value, is := v.(*yaml.Node)
	if is && value == nil {
		return
	}
	if !is {
		value = node(v)
	}
	n.Content = append(n.Content, node(name), value)
}

func node(v any) *yaml.Node {
	var n yaml.Node
	if err := n.Encode(v); err != nil {
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null"} // never: it is a text or a number
	}
	return &n
}

func listOf(list ...string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
	for _, one := range list {
		n.Content = append(n.Content, node(one))
	}
	return n
}
