package declared

import (
	"net/http"
	"strings"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/kittest"
	"jackfield/connectors/kit/web"
	"jackfield/flow"
)

// drafted makes a manifest of a command line.
func drafted(t *testing.T, command string) (string, error) {
	t.Helper()
	pasted, ok := web.Paste(command)
	if !ok {
		t.Fatalf("%s is no command line", command)
	}
	client := web.NewClient()
	defer client.Close()
	text, err := Draft(t.Context(), client, pasted, "my_shop")
	return string(text), err
}

func TestAManifestIsDraftedFromAnExample(t *testing.T) {
	s := newShop(t)
	text, err := drafted(t, "curl -H 'Authorization: Bearer canary-token' -H 'X-Kind: a{b' '"+s.server.URL+"/v2/orders?updated_since=2020-01-01&sort=updated_at'")
	if err != nil {
		t.Fatal(err)
	}
	want := `manifest: 1
provider:
  title: My shop
  url: ADDRESS/v2
  auth: [bearer]
  test:
    path: /orders
    query:
      sort: updated_at
      updated_since: "2020-01-01"
streams:
  orders:
    title: Orders
    path: /orders
    query:
      sort: updated_at
      updated_since: '{.since}'
    headers:
      X-Kind: a{{b
    records: .reply.orders
    paging:
      by: token
      param: cursor
      next: .reply.next
    key: id
    incremental:
      field: updated_at
    schema:
`
	if got := strings.ReplaceAll(text, s.server.URL, "ADDRESS"); !strings.HasPrefix(got, want) || strings.Contains(text, "canary") {
		t.Errorf("got\n%s", got)
	}
	d := desk(t, strings.Replace(text, "param: cursor", "param: after", 1), flow.Values{"auth": "bearer", "token": "canary-token"})
	got, mark := d.Read("orders", nil, nil)
	if ids(got) != "1 2 3 4 5" || mark == nil {
		t.Errorf("the connector gives %s", ids(got))
	}
}

func TestARequestThatChangesSomethingIsDraftedAndNotSent(t *testing.T) {
	s := newShop(t)
	text, err := drafted(t, "curl -X PATCH '"+s.server.URL+"/v2/customers/17/tags' -H 'X-Api-Key: canary-key' --json '{\"firstName\": \"A\", \"level\": 3}'")
	if err != nil {
		t.Fatal(err)
	}
	if len(s.asked) != 0 {
		t.Errorf("it was sent: %q", s.asked)
	}
	c, problems := loaded(t, "shop", text)
	op, ok := c.Op("patch_tags")
	if !ok || len(problems) > 0 || strings.Contains(text, "canary") {
		t.Fatalf("%v\n%s", problems, text)
	}
	d := kittest.NewDesk(t, c, flow.Values{"key": "k"})
	s.before = func(w http.ResponseWriter, r *http.Request) bool {
		give(w, map[string]any{"key": r.Header.Get("X-Api-Key"), "path": r.URL.Path})
		return true
	}
	got, err := d.Bind("patch_tags", flow.Values{"id": "9", "first_name": "B", "level": "4"}).(kit.Action).Run(t.Context(), d.Env, flow.Record{ID: "r"})
	if err != nil || kittest.JSON(got.Data) != `[{"key":"k","path":"/v2/customers/9/tags"}]` || op.Effect != kit.Once {
		t.Errorf("%s, %v", kittest.JSON(got.Data), err)
	}
}

func TestPagingIsGuessedFromAnExample(t *testing.T) {
	for _, tt := range []struct {
		name, query, link, reply, want string
	}{
		{"a page number", "page=0&per_page=50", "", `[{"id": 1}]`, "by: page\n      param: page\n      first: 0\n      size: 50\n      size_param: per_page"},
		{"an offset", "skip=0&limit=10&q=a", "", `{"data": {"rows": [{"id": 1}]}}`, "by: offset\n      param: skip\n      size: 10\n      size_param: limit"},
		{"a header", "page=1", `</b?page=2>; rel="next"`, `[{"id": 1}]`, "by: link"},
		{"an address", "", "", `{"items": [{"id": 1}], "links": {"next": "/b?x=2"}}`, "by: url\n      next: .reply.links.next"},
		{"an address of OData", "", "", `{"value": [{"id": 1}], "@odata.nextLink": "https://a.example/b"}`, `next: .reply.["@odata.nextLink"]`},
		{"a token", "", "", `{"items": [{"id": 1}], "nextPageToken": "x"}`, "by: token\n      param: pageToken\n      next: .reply.nextPageToken"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newShop(t)
			s.before = func(w http.ResponseWriter, _ *http.Request) bool {
				w.Header().Set("Link", tt.link)
				_, _ = w.Write([]byte(tt.reply))
				return true
			}
			text, err := drafted(t, "curl '"+s.server.URL+"/b?"+tt.query+"'")
			if err != nil || !strings.Contains(text, tt.want) {
				t.Errorf("%v\n%s", err, text)
			}
			if c, problems := loaded(t, "shop", text); c.ID == "" || len(problems) > 0 {
				t.Errorf("%v\n%s", problems, text)
			}
		})
	}
}

func TestAnExampleThatFailsIsTold(t *testing.T) {
	s := newShop(t)
	_, err := drafted(t, "curl -H 'Authorization: Bearer canary-wrong' "+s.server.URL+"/v2/orders")
	kittest.WantFailure(t, err, kit.Denied, "", "who are you?")
	if strings.Contains(err.Error(), "canary") {
		t.Error(err)
	}
}
