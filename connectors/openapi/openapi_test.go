package openapi

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
)

// load makes the connector of a document in testdata.
func load(t testing.TB, name string) (kit.Connector, []flow.Problem) {
	c, problems := Load(filepath.Join("testdata", name))
	t.Cleanup(func() {
		if c.Close != nil {
			if err := c.Close(); err != nil {
				t.Error(err)
			}
		}
	})
	return c, problems
}

// written makes the connector of a document, and of an overlay where there is one.
func written(t testing.TB, name, document, overlay string) (kit.Connector, []flow.Problem) {
	t.Helper()
	folder := t.TempDir()
	path := filepath.Join(folder, name)
	put(t, path, document)
	if overlay != "" {
		put(t, filepath.Join(folder, strings.TrimSuffix(name, filepath.Ext(name))+".overlay.yaml"), overlay)
	}
	return Load(path)
}

func put(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestDeclarations(t *testing.T) {
	for _, name := range []string{"shop.yaml", "library.json", "pets.yaml"} {
		t.Run(name, func(t *testing.T) {
			c, problems := load(t, name)
			if problems != nil {
				t.Errorf("problems: %v", problems)
			}
			kittest.Connector(t, c)
		})
	}
}

// told writes what a connector offers, one operation a line.
func told(c kit.Connector) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s: %s\n", c.ID, c.Title, c.Summary)
	for _, o := range c.Ops {
		var fields []string
		made := o.New()
		for _, f := range made.Fields() {
			if _, common := c.Connection().Fields().Field(f.Name); common || f.Advanced && !f.Required || !f.Matters() {
				continue
			}
			name := f.Name
			if f.Required {
				name += "!"
			}
			fields = append(fields, name)
		}
		fmt.Fprintf(&b, "%s (%s, %s) %s: %s\n", o.ID, o.Role(), o.Effect, o.Title, strings.Join(fields, " "))
		if l, is := made.(*list); is {
			fmt.Fprintf(&b, "  pages: %s items=%q cursor=%s>%s page=%s from %d offset=%s size=%s %d\n", l.Style, l.Items, l.CursorPath, l.CursorParam, l.PageParam, l.FirstPage, l.OffsetParam, l.SizeParam, l.PageSize)
		}
	}
	return b.String()
}

func TestDocumentsBecomeConnectors(t *testing.T) {
	for name, want := range map[string]string{
		"shop.yaml": `shop: Corner shop: Orders, articles and files of a corner shop.
list_categories (source, reads) List categories: cursor
  pages: link items="" cursor=next>cursor page=page from 1 offset=offset size= 0
upload_file (action, once) Upload file: body
orders (source, reads) List orders: updated_since status filter param_url cursor overlap first
  pages: cursor items="data" cursor=meta.next_cursor>cursor page=page from 1 offset=offset size=limit 3
create_order (action, repeatable) Add an order: body
get_order (action, reads) Look at an order: order_id! detailed currency
replace_order (action, repeatable) Replace an order: order_id! body
remove_order (action, repeatable) Remove an order: order_id!
add_note (action, once) Notes: add a note: order_id! body
`,
		"library.json": `library: Town library: Books and who has them.
books_search (source, reads) Books search: author cursor
  pages: page items="books" cursor=next>cursor page=page from 0 offset=offset size=per_page 100
books_add (action, once) Books add: body
loans (source, reads) Loans: cursor
  pages: cursor items="_embedded.loans" cursor=_links.next.href> page=page from 1 offset=offset size= 0
`,
		"pets.yaml": `pets: Pet register: What the API Pet register can do.
pets_get (source, reads) List of all pets: kinds cursor
  pages: offset items="" cursor=next>cursor page=page from 1 offset=offset size=limit 2
pets_post (action, once) Pets post: body
photo (action, once) Photo: id! body
`,
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := load(t, name)
			if got := told(c); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestSecuritySchemesBecomeTheSignIn(t *testing.T) {
	for name, want := range map[string]string{
		"shop.yaml":    "https://eu.shop.example/v1 bearer bearer,api_key X-Shop-Key header   ",
		"library.json": " oauth2 oauth2,none X-API-Key header https://login.example/authorize https://login.example/token books:read,books:write",
		"pets.yaml":    "http://pets.example/v2 basic basic,none X-API-Key header   ",
	} {
		c, _ := load(t, name)
		s := c.Connection().(*connection)
		f, _ := c.Connection().Fields().Field("auth")
		var offered []string
		for _, choice := range f.Choices {
			offered = append(offered, choice.Value)
		}
		slices.Sort(offered)
		wanted := strings.Fields(want)
		got := fmt.Sprint(s.URL, " ", s.Scheme, " ", strings.Join(offered, ","), " ", s.KeyName, " ", s.KeyIn, " ", s.OAuth.AuthURL, " ", s.OAuth.TokenURL, " ", strings.Join(s.OAuth.Scopes, ","))
		sortedWant := strings.Replace(want, "bearer,api_key", "api_key,bearer", 1)
		sortedWant = strings.Replace(sortedWant, "oauth2,none", "none,oauth2", 1)
		if got != sortedWant {
			t.Errorf("%s: got  %q\nwant %q (%v)", name, got, sortedWant, wanted)
		}
	}
}

func TestTheOverlayNamesTheServer(t *testing.T) {
	const doc = "openapi: 3.0.0\ninfo: {title: x, version: '1'}\nservers: [{url: /api}]\npaths:\n  /a:\n    get:\n      responses: {'200': {description: fine}}\n" +
		"components: {securitySchemes: {o: {type: oauth2, flows: {clientCredentials: {tokenUrl: 'http://openly.example/token', scopes: {}}}}}}\n"
	for overlay, want := range map[string]string{"": "", "server: https://x.example/api/\n": "https://x.example/api"} {
		c, problems := written(t, "x.yaml", doc, overlay)
		s := c.Connection().(*connection)
		if problems != nil || s.URL != want || s.OAuth.TokenURL != "" || s.Scheme != "oauth2" {
			t.Errorf("%q: server %q, token address %q, %v", overlay, s.URL, s.OAuth.TokenURL, problems)
		}
		if f, _ := c.Connection().Fields().Field("url"); f.Required != (want == "") {
			t.Errorf("%q: the address is asked for: %v", overlay, f.Required)
		}
	}
}

// shapeText writes a shape in one line.
func shapeText(s flow.Schema) string {
	var kinds []string
	for _, k := range s.Types {
		kinds = append(kinds, string(k))
	}
	text := strings.Join(kinds, "|")
	switch {
	case s.Items != nil:
		text = "[" + shapeText(*s.Items) + "]"
	case len(s.Properties) > 0:
		var parts []string
		for _, p := range s.Properties {
			mark := ""
			if p.Required {
				mark = "!"
			}
			parts = append(parts, p.Name+mark+": "+shapeText(p.Schema))
		}
		text = "{" + strings.Join(parts, ", ") + "}"
		if slices.Contains(s.Types, flow.Null) {
			text += "|null"
		}
	case len(s.Enum) > 0:
		text += fmt.Sprint(s.Enum)
	}
	return text
}

func TestSchemasBecomeShapes(t *testing.T) {
	shop, _ := load(t, "shop.yaml")
	library, _ := load(t, "library.json")
	for _, tt := range []struct {
		c       kit.Connector
		op      string
		in, out string
	}{
		{shop, "create_order", "{number!: integer, lines: [{article!: string, count: integer}], secret: string, status: string[open paid sent], total: number|null}", "{id: string, updated_at: string, number!: integer, lines: [{article!: string, count: integer}], status: string[open paid sent], total: number|null}"},
		{shop, "orders", "", "{id: string, updated_at: string, number!: integer, lines: [{article!: string, count: integer}], status: string[open paid sent], total: number|null}"},
		{shop, "list_categories", "", "{children: [object], name: string, parent: object}"},
		{library, "books_add", "{kind!: [book], title!: string, owner: {friend: object, name: string}|null, pages: integer|null}", "{kind!: [book], title!: string, id: integer|null, owner: {friend: object, name: string}|null, pages: integer|null}"},
	} {
		o, ok := tt.c.Op(tt.op)
		if !ok {
			t.Errorf("there is no %s", tt.op)
			continue
		}
		if got := shapeText(o.In); got != tt.in {
			t.Errorf("%s takes %s\nwant %s", tt.op, got, tt.in)
		}
		if got := shapeText(o.Out); got != tt.out {
			t.Errorf("%s gives %s\nwant %s", tt.op, got, tt.out)
		}
	}
}

func TestProblemsOfADocumentHaveTheirPlace(t *testing.T) {
	const head = "openapi: 3.0.0\ninfo: {title: x, version: '1'}\n"
	const fine = "  /fine:\n    get:\n      responses: {'200': {description: fine}}\n"
	for _, tt := range []struct {
		name, file, document, overlay string
		line, column                  int
		says                          string
		usable                        bool
	}{
		{"no JSON", "a.json", "{\n  \"openapi\": \"3.0.0\",\n  \"paths\": oh\n}", "", 3, 12, "no JSON", false},
		{"no YAML", "a.yaml", "openapi: 3.0.0\ninfo:\n  title: [x\npaths: {}\n", "", 2, 1, "cannot be used", false},
		{"no paths", "a.yaml", head, "", 0, 0, "has no paths", false},
		{"nothing in it", "a.yaml", head + "paths: {}\n", "", 0, 0, "no operation that can be used", false},
		{"a reference to nothing", "a.yaml", head + "paths:\n  /a:\n    get:\n      responses: {'200': {$ref: '#/components/responses/Gone'}}\n", "", 6, 34, "refers to #/components/responses/Gone, which is not there", false},
		{"a reference outside its folder", "a.yaml", head + "paths:\n  /a: {$ref: '../../secret.yaml'}\n", "", 0, 0, "outside its folder", false},
		{"a reference to the network", "a.yaml", head + "paths:\n  /a: {$ref: 'http://169.254.169.254/x.yaml'}\n", "", 0, 0, "put that file beside it", false},
		{"a body that is not written here", "a.yaml", head + "paths:\n" + fine + "  /a:\n    post:\n      requestBody: {required: true, content: {application/x-old: {}}}\n      responses: {'200': {description: fine}}\n", "", 8, 5, "POST /a is left out: its body is application/x-old", true},
		{"a word that an overlay does not know", "a.yaml", head + "paths:\n" + fine, "title: x\noperations:\n  get_fine:\n    curser: x\n", 4, 5, `did you mean "cursor"?`, true},
		{"an operation that is not there", "a.yaml", head + "paths:\n" + fine, "operations:\n  get_fin: {name: x}\n", 2, 3, `did you mean "get_fine"?`, true},
		{"an effect that is none", "a.yaml", head + "paths:\n" + fine, "operations:\n  get_fine: {effect: often}\n", 2, 22, `no effect "often"`, true},
		{"a style that is none", "a.yaml", head + "paths:\n" + fine, "paging: {style: pagewise}\n", 1, 17, "none, link, cursor", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, problems := written(t, tt.file, tt.document, tt.overlay)
			if usable := c.ID != ""; usable != tt.usable {
				t.Errorf("usable: %v", usable)
			}
			if len(problems) != 1 {
				t.Fatalf("problems: %v", problems)
			}
			p := problems[0]
			if p.Line != tt.line || p.Column != tt.column || !strings.Contains(p.What+"; "+p.Fix, tt.says) || p.Fix == "" || p.File == "" {
				t.Errorf("got %d:%d %s; %s", p.Line, p.Column, p.What, p.Fix)
			}
		})
	}
}

func TestWhatIsADocument(t *testing.T) {
	knows := Loader().Knows
	for text, want := range map[string]bool{
		"openapi: 3.0.0\n": true, "# hello\n\nswagger: \"2.0\"\n": true, `{"openapi": "3.1.0"}`: true, "{\n  'swagger': '2.0'}": true,
		`{"info": {"title": "x"}, "openapi":"3.0.3"}`: true, "type: DeclarativeSource\n": false, "note: openapi is fine\n": false, "": false,
	} {
		if got := knows([]byte(text)); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}
