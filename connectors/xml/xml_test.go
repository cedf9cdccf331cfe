package xml_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/kittest"
	"jackfield/connectors/xml"
	"jackfield/flow"
	"jackfield/flow/value"
	"jackfield/transforms"
)

type object = map[string]any

func eval(src string, in any) ([]any, error) {
	p, err := transforms.Compile(src)
	if err != nil {
		return nil, err
	}
	v, err := p.One(context.Background(), in, transforms.Vars{})
	return []any{v}, err
}

func TestDeclaration(t *testing.T) {
	kittest.Connector(t, xml.New(), kittest.Eval(eval), kittest.Files(map[string]string{
		"orders.xml": "<orders><order id=\"1\"><item>a</item><item>b</item></order><order id=\"2\"><item>c</item></order></orders>",
	}))
}

func made(t testing.TB, name string, with flow.Values) kit.Operation {
	t.Helper()
	op, ok := xml.New().Op(name)
	if !ok {
		t.Fatalf("there is no operation %q", name)
	}
	o := op.New()
	if problems := o.Fields().Bind("step", with); len(problems) > 0 {
		t.Fatal(problems)
	}
	return o
}

func put(t testing.TB, env kit.Env, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(env.Dir, name), []byte(content), 0o666); err != nil {
		t.Fatal(err)
	}
}

func content(t testing.TB, env kit.Env, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(env.Dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func text(v any) string { return string(value.Append(nil, v)) }

// values reads a file to its end: its records, the problems of the bad ones, and how
// many pages there were.
func values(t testing.TB, env kit.Env, with flow.Values) (records []any, bad []string, pages int) {
	t.Helper()
	var after flow.Cursor
	for pages < 10_000 {
		page, err := made(t, "read", with).(kit.Source).Read(t.Context(), env, after)
		if err != nil {
			t.Fatal(err)
		}
		pages++
		records = append(records, page.Data...)
		for _, b := range page.Bad {
			bad = append(bad, b.Failure.Problem("", "").Error())
		}
		if !page.More {
			return records, bad, pages
		}
		after = page.Next
	}
	t.Fatal("the source does not end")
	return nil, nil, 0
}

func batch(name string, data ...any) (b flow.Batch) {
	for i, d := range data {
		b = append(b, flow.Record{ID: flow.Child(flow.StepID(name), nil, i), Data: d})
	}
	return b
}

func wrote(t testing.TB, env kit.Env, with flow.Values, batches ...flow.Batch) {
	t.Helper()
	for _, b := range batches {
		if _, err := made(t, "write", with).(kit.Bulk).RunAll(t.Context(), env, b); err != nil {
			t.Fatal(err)
		}
	}
	if err := made(t, "write", with).(kit.Finisher).Finish(t.Context(), env); err != nil {
		t.Fatal(err)
	}
}

func nextRun(t testing.TB, env kit.Env) kit.Env {
	env.Run += "2"
	env.Scratch = t.TempDir()
	return env
}

func TestReadGivesTheElementsAtThePath(t *testing.T) {
	for _, tt := range []struct {
		name, file string
		with       flow.Values
		want, err  string
	}{
		{name: "forms", file: `<r><a/><a>x</a><a> y </a><a k="1"/><a k="1">t</a><a><b>1</b><b>2</b><c/></a></r>`, want: `["","x"," y ",{"@k":"1"},{"#text":"t","@k":"1"},{"b":["1","2"],"c":""}]`},
		{name: "path", file: "<r><n>9</n><l><o>1</o><p>2</p><o>3</o></l></r>", with: flow.Values{"records": "/r/l/o"}, want: `["1","3"]`},
		{name: "the outermost itself", file: "<r><n>9</n></r>", with: flow.Values{"records": "/r"}, want: `[{"n":"9"}]`},
		{name: "lists", file: "<r><o><i>1</i></o></r>", with: flow.Values{"lists": []any{"i"}}, want: `[{"i":["1"]}]`},
		{name: "prefixes", file: `<s:r xmlns:s="urn:s"><s:o s:k="1" xmlns="u"><s:i>1</s:i></s:o></s:r>`, want: `[{"@s:k":"1","@xmlns":"u","s:i":"1"}]`},
		{name: "prefixes left out", file: `<s:r xmlns:s="urn:s"><s:o s:k="1" xmlns="u"><s:i>1</s:i></s:o></s:r>`, with: flow.Values{"records": "/r/o", "drop_prefixes": true}, want: `[{"@k":"1","i":"1"}]`},
		{name: "mixed", file: "<r><p>one <b>two</b> three<!-- no --></p></r>", want: `[{"#text":"one  three","b":"two"}]`},
		{name: "CDATA and signs", file: "<r><p><![CDATA[<&]]>&lt;&#228;</p></r>", want: `["<&<ä"]`},
		{name: "latin", file: "<?xml version='1.0' encoding='ISO-8859-1'?><r><p>\xe4</p></r>", want: `["ä"]`},
		{name: "UTF-16", file: "\xff\xfe<\x00r\x00>\x00<\x00p\x00>\x00\xe4\x00<\x00/\x00p\x00>\x00<\x00/\x00r\x00>\x00", want: `["ä"]`},
		{name: "doctype", file: "\ufeff<!DOCTYPE r SYSTEM 'r.dtd'><r><p>1</p></r>", want: `["1"]`},
		{name: "empty", file: "<r/>", want: `[]`},
		{name: "a bomb", file: "<!DOCTYPE r [<!ENTITY a 'x'>]><r><p>&a;</p></r>", err: "refused"},
		{name: "unknown entity", file: "<r><p>&a;</p></r>", err: "in.xml:1:10: invalid character entity &a;"},
		{name: "half a file", file: "<r>\n<p>1</p><p>", want: `["1"]`, err: "in.xml:2:12: the file ends within <p>"},
		{name: "wrong end", file: "<r><p></r>", err: "</r> ends an element that is not open"},
		{name: "two", file: "<r></r><r/>", err: "stands behind the outermost element"},
		{name: "text around", file: "x<r/>", err: "a text outside the outermost element"},
		{name: "nothing", file: " ", err: "there is no element"},
		{name: "not UTF-8", file: "<r><p>\xff</p></r>", err: "in.xml:1:"},
		{name: "another outermost", file: "<r/>", with: flow.Values{"records": "/x/y"}, err: "the outermost element is <r>, not <x>"},
		{name: "an archive", file: "PK\x03\x04", err: "a zip archive"},
		{name: "deep", file: strings.Repeat("<a>", 501), err: "deeper than 500"},
		{name: "unknown encoding", file: "<?xml version='1.0' encoding='x-none'?><r/>", err: "its encoding \"x-none\" is not known"},
		{name: "large", file: "<r><p>" + strings.Repeat("x", 17<<20) + "</p></r>", err: "larger than 16 MB"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			env := kittest.Env(t)
			put(t, env, "in.xml", tt.file)
			with := flow.Values{"path": "in.xml"}
			for k, v := range tt.with {
				with[k] = v
			}
			got, after := []any{}, flow.Cursor(nil)
			for {
				page, err := made(t, "read", with).(kit.Source).Read(t.Context(), env, after)
				if err != nil {
					if tt.err == "" || !strings.Contains(err.Error(), tt.err) {
						t.Errorf("%v", err)
					}
					break
				}
				got = append(got, page.Data...)
				if after = page.Next; !page.More {
					if tt.err != "" {
						t.Errorf("it is read")
					}
					break
				}
			}
			if want := tt.want; text(got) != want && want != "" {
				t.Errorf("%s\nwant %s", text(got), want)
			}
		})
	}
}

func TestPagesGoOnWhereTheOneBeforeEnded(t *testing.T) {
	for _, head := range []string{"", "<?xml version='1.0' encoding='ISO-8859-1'?>"} {
		var b strings.Builder
		b.WriteString(head + "<r>\n<list>")
		for i := range 2500 {
			fmt.Fprintf(&b, "<o id='%d'>\n \xc3\xa4</o>", i)
		}
		b.WriteString("</list></r>")
		env := kittest.Env(t)
		put(t, env, "in.xml", b.String())
		with := flow.Values{"path": "in.xml", "records": "/r/list/o"}
		got, _, pages := values(t, env, with)
		if len(got) != 2500 || pages != 3 {
			t.Fatalf("%d records in %d pages", len(got), pages)
		}
		for i, v := range got {
			if v.(object)["@id"] != fmt.Sprint(i) {
				t.Fatalf("record %d is %v", i, v)
			}
		}
		page, err := made(t, "read", with).(kit.Source).Read(t.Context(), env, nil)
		if err != nil {
			t.Fatal(err)
		}
		put(t, env, "in.xml", " "+b.String())
		if _, err := made(t, "read", with).(kit.Source).Read(t.Context(), env, page.Next); err == nil || !strings.Contains(err.Error(), "was exchanged") {
			t.Errorf("%v", err)
		}
	}
}

func TestWriteMakesElements(t *testing.T) {
	env := kittest.Env(t)
	with := flow.Values{"path": "out.xml", "root": "l", "element": "o"}
	wrote(t, env, with, batch("1", object{"@k": 1, "b": []any{"<", nil}, "c": nil}, 1.5), batch("2", nil), batch("2", nil))
	want := declared + "<l>\n  <o k=\"1\"><b>&lt;</b><b></b></o>\n  <o>1.5</o>\n  <o></o>\n"
	if got := content(t, env, "out.xml"); got != want+"</l>\n" {
		t.Errorf("%s", got)
	}
	env, with["mode"] = nextRun(t, env), "append"
	wrote(t, env, with, batch("3", "x"))
	if got := content(t, env, "out.xml"); got != want+"  <o>x</o>\n</l>\n" {
		t.Errorf("%s", got)
	}
	with["root"] = "m"
	if _, err := made(t, "write", with).(kit.Bulk).RunAll(t.Context(), nextRun(t, env), batch("3", "x")); err == nil || !strings.Contains(err.Error(), "does not end with </m>") {
		t.Errorf("%v", err)
	}
	with["mode"] = "overwrite"
	wrote(t, nextRun(t, nextRun(t, env)), with)
	if got := content(t, env, "out.xml"); got != declared+"<m>\n</m>\n" {
		t.Errorf("%s", got)
	}
}

const declared = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"

func TestRecordThatXMLCannotHoldFailsAlone(t *testing.T) {
	env := kittest.Env(t)
	with := flow.Values{"path": "out.xml"}
	results, err := made(t, "write", with).(kit.Bulk).RunAll(t.Context(), env, batch("1", object{"a b": 1}, "fine", []any{1}, "\x01", object{"@a": object{}}))
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range results {
		if (r.Err == nil) != (i == 1) {
			t.Errorf("%d: %+v", i, r)
		}
	}
	wrote(t, env, with)
	if got := content(t, env, "out.xml"); got != declared+"<records>\n  <record>fine</record>\n</records>\n" {
		t.Errorf("%s", got)
	}
}

// back writes a value as a document and reads it again; false where XML cannot hold it.
func back(t testing.TB, v any) (any, bool) {
	t.Helper()
	res, err := made(t, "format", flow.Values{"value": v, "element": "r"}).(kit.Action).Run(t.Context(), kit.Env{}, flow.Record{})
	if err != nil {
		return nil, false
	}
	out := res.Data[0].(object)["text"].(string)
	res, err = made(t, "parse", flow.Values{"text": out, "records": "/r"}).(kit.Action).Run(t.Context(), kit.Env{}, flow.Record{})
	if err != nil || len(res.Data) != 1 {
		t.Fatalf("%v of %q", err, out)
	}
	return res.Data[0], true
}

func TestWhatIsWrittenReadsTheSame(t *testing.T) {
	for _, v := range []any{
		"", " ", "a\r\nb\t", "<&>\"'", "]]>", "Jörg 😀",
		object{"@a": "x\n\"<"},
		object{"@a": "", "#text": " "},
		object{"a": []any{"1", "", object{"b": "2"}}, "#text": "t "},
		object{"s:a": "1", "@xmlns:s": "u"},
	} {
		if got, ok := back(t, v); !ok || !value.Equal(got, v) {
			t.Errorf("%s became %s", text(v), text(got))
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{"<r a='1'>x</r>", "<r><a/><a>b</a> </r>", "<r><![CDATA[x]]>&#13;</r>", "<!DOCTYPE r><r xmlns:a='b' a:c=''/>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		res, err := made(t, "parse", flow.Values{"text": s, "records": "/r"}).(kit.Action).Run(t.Context(), kit.Env{}, flow.Record{})
		if err != nil {
			return
		}
		for _, v := range res.Data {
			if got, ok := back(t, v); ok && !value.Equal(got, v) {
				t.Errorf("%s became %s", text(v), text(got))
			}
		}
	})
}
