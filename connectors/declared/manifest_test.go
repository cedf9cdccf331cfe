package declared

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
)

// documented is the example of the docs.
func documented(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/manifests.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "```yaml\n")
	example, _, found := strings.Cut(rest, "```")
	if !found {
		t.Fatal("the docs have no example")
	}
	return example
}

// loaded makes a connector of a manifest.
func loaded(t *testing.T, name, text string) (kit.Connector, []flow.Problem) {
	t.Helper()
	path := filepath.Join(t.TempDir(), name+".yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	load := Load
	if KnowsAirbyte([]byte(text)) {
		load = LoadAirbyte
	}
	c, problems := load(path)
	for i := range problems {
		problems[i].File = filepath.Base(problems[i].File)
	}
	return c, problems
}

// desk is a connector of a manifest at work; what is wrong with the manifest ends the test.
func desk(t *testing.T, text string, all flow.Values) *kittest.Desk {
	t.Helper()
	c, problems := loaded(t, "shop", text)
	for _, p := range problems {
		t.Error(p)
	}
	if t.Failed() {
		t.FailNow()
	}
	return kittest.NewDesk(t, c, all)
}

func TestTheExampleOfTheDocsIsADeclaration(t *testing.T) {
	c, problems := loaded(t, "shop", documented(t))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	kittest.Connector(t, c)
	var ids []string
	for _, op := range c.Ops {
		ids = append(ids, op.ID)
	}
	if got := strings.Join(ids, " "); got != "new_order customers orders lines create_customer delete_customer" {
		t.Errorf("operations: %s", got)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

func TestWhatIsWrongWithAManifestIsSaidWithItsPlace(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"nothing", "", `shop.yaml:1:1: the file is empty; begin it with "manifest: 1"`},
		{"no YAML", "manifest: 1\nprovider: [", "shop.yaml:2:1: the file is not YAML: did not find expected node content; mend it there, or in the line before"},
		{"another version", "manifest: 2\nprovider: {url: 'https://a.example'}\nstreams: {a: {path: /a}}", `shop.yaml:1:11: the manifest is of version 2, and this program knows version 1; write "manifest: 1"`},
		{"an unknown key", "manifest: 1\nprovider: {url: 'https://a.example', titel: x}\nstreams: {a: {path: /a}}", `shop.yaml:2:38: the provider has no "titel"; did you mean "title"?`},
		{"no provider", "manifest: 1\nstreams: {a: {path: /a}}", "shop.yaml:1:1: the manifest has no provider; write provider: {title: …, url: https://…}"},
		{"nothing in it", "manifest: 1\nprovider: {url: 'https://a.example'}", "shop.yaml:1:1: the manifest describes nothing that can be done; describe a stream or an action"},
		{"jq that does not read", shopOf("    records: .reply | map(.a"), `shop.yaml:6:26: streams.a.records: this ( is not closed; add a )`},
		{"jq in braces", shopOf("    query: {q: \"a{.since | nosuch}\"}"), `shop.yaml:6:28: streams.a.query.q: there is no function nosuch|`},
		{"jq in a block", shopOf("    filter: |\n      .record.a\n      | nosuch"), `shop.yaml:8:9: streams.a.filter: there is no function nosuch|`},
		{"a brace that is open", shopOf("    query: {q: 'a{.b'}"), "shop.yaml:6:18: streams.a.query.q: a brace is not closed; write a brace itself twice: {{"},
		{"a setting that is not there", shopOf("    query: {q: '{.config.regoin}'}"), `shop.yaml:6:26: the provider has no setting "regoin"; did you mean "region"?`},
		{"a stream that is not there", shopOf("    partitions: [{name: x, of: other}]"), `shop.yaml:6:32: there is no stream "other"; describe it under streams`},
		{"a stream that is its own parent", shopOf("    partitions: [{name: x, of: a}]"), `shop.yaml:5:5: stream "a" is parted by its own records; part it by another stream`},
		{"paging by nothing", shopOf("    paging: {param: p}"), "shop.yaml:6:13: paging does not say by what; write by: page, offset, token, link or url"},
		{"a token from nowhere", shopOf("    paging: {by: token}"), "shop.yaml:6:13: paging by token needs to know where the next one is; write next: .reply.next"},
		{"a rule without a meaning", shopOf("    errors: [{status: 404}]"), "shop.yaml:6:14: the rule does not say what the reply means; write then: retry, fail, ignore or fine"},
		{"a schema that is none", shopOf("    schema: {type: 7}"), "shop.yaml:6:13: the schema does not read: |"},
		{"a length of time", shopOf("    incremental: {field: at, step: 5}"), "shop.yaml:6:36: the step is a length of time, and this is \"5\"; write it like 30s, 5m, 1h30m or 7d"},
		{"a trigger of what is not new", shopOf("triggers: {t: {stream: a}}"), `shop.yaml:6:24: stream "a" does not say what is new; say in the stream by which field new records are known: incremental: {field: updated_at}`},
		{"a name twice", shopOf("actions: {a: {path: /a}}"), `shop.yaml:6:11: there is a "a" already; name it in another way`},
		{"a key twice", shopOf("    path: /b"), `shop.yaml:6:5: "path" is there twice, first in line 5; remove one of them`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, problems := loaded(t, "shop", tt.text)
			if c.ID != "" || len(problems) == 0 {
				t.Fatalf("it is a connector: %v", problems)
			}
			want, open := strings.CutSuffix(tt.want, "|")
			got := problems[0].Error()
			if got != want && !(open && strings.HasPrefix(got, want)) {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// shopOf is a manifest with one stream and more behind it.
func shopOf(more string) string {
	return "manifest: 1\nprovider: {url: 'https://a.example', settings: {region: {}}}\nstreams:\n  a:\n    path: /a\n" + more
}
