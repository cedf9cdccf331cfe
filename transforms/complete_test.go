package transforms

import (
	"slices"
	"strings"
	"testing"
)

var completionSample = map[string]any{
	"id": 7, "name": "Ada", "first name": "Ada",
	"customer": map[string]any{"name": "Ada", "mail": "ada@example.com"},
	"items":    []any{map[string]any{"sku": "A1", "qty": 2}, map[string]any{"sku": "B2", "price": 3.5}},
}

func TestCompletionOffersWhatFitsAtTheCaret(t *testing.T) {
	vars := Vars{Steps: map[string]any{"orders": map[string]any{"total": 5}}}
	for _, c := range []struct {
		name, src string // | is the caret where it stands alone as ¦
		want      string // the first labels
		kind      TokenKind
	}{
		{name: "fields of the record", src: `.¦`, want: "customer first name id items name", kind: FieldToken},
		{name: "that begin with the word", src: `.na¦`, want: "name first name", kind: FieldToken},
		{name: "fields inside", src: `.customer.¦`, want: "mail name", kind: FieldToken},
		{name: "behind a pipe", src: `.customer | .m¦`, want: "mail name", kind: FieldToken},
		{name: "of members", src: `.items[].¦`, want: "price qty sku", kind: FieldToken},
		{name: "of one member", src: `.items[0].¦`, want: "qty sku", kind: FieldToken},
		{name: "inside of map", src: `.items | map(.s¦)`, want: "sku", kind: FieldToken},
		{name: "inside of an object inside of an array", src: `[.items[] | {sku: .¦}]`, want: "price qty sku", kind: FieldToken},
		{name: "as a key", src: `{¦}`, want: "customer first name id items name", kind: FieldToken},
		{name: "as a second key", src: `.customer | {name, m¦`, want: "mail name", kind: FieldToken},
		{name: "in a text", src: `"Dear \(.customer.¦`, want: "mail name", kind: FieldToken},
		{name: "in a condition", src: `if .customer.¦ then 1 else 2 end`, want: "mail name", kind: FieldToken},
		{name: "behind else", src: `if .id then .customer | .name else .customer.¦`, want: "mail name", kind: FieldToken},
		{name: "of a variable of its own", src: `.customer as $c | .items[] | $c.¦`, want: "mail name", kind: FieldToken},
		{name: "of a step", src: `$steps.orders.¦`, want: "total", kind: FieldToken},
		{name: "of all steps", src: `$steps.¦`, want: "orders", kind: FieldToken},
		{name: "behind definitions", src: `def f: .customer; f | .¦`, want: "mail name", kind: FieldToken},
		{name: "of what a function gives", src: `first(.items[]).¦`, want: "qty sku", kind: FieldToken},
		{name: "in with_entries", src: `with_entries(.¦)`, want: "key value", kind: FieldToken},
		{name: "fields without their dot", src: `cust¦`, want: "customer", kind: FieldToken},
		{name: "functions", src: `.items | leng¦`, want: "length utf8bytelength", kind: FunctionToken},
		{name: "functions with arguments", src: `.items | sele¦`, want: "select(f)", kind: FunctionToken},
		{name: "functions of its own", src: `def double: . * 2; .id | doub¦`, want: "double", kind: FunctionToken},
		{name: "variables", src: `$st¦`, want: "$steps", kind: VariableToken},
		{name: "variables of its own", src: `.id as $number | $nu¦`, want: "$number", kind: VariableToken},
		{name: "formats", src: `@b¦`, want: "@base64 @base64d", kind: FormatToken},
		{name: "keywords", src: `redu¦`, want: "reduce", kind: KeywordToken},
		{name: "nothing in a text", src: `"na¦"`},
		{name: "nothing in a comment", src: `# na¦`},
		{name: "nothing in a number", src: `1.¦`},
	} {
		t.Run(c.name, func(t *testing.T) {
			caret := strings.Index(c.src, "¦")
			src := strings.Replace(c.src, "¦", "", 1)
			var labels []string
			got := Complete(src, caret, completionSample, vars)
			for _, one := range got {
				if one.Kind == c.kind {
					labels = append(labels, one.Label)
				}
				if one.Start > caret || one.End < caret {
					t.Errorf("%+v does not stand at the caret", one)
				}
			}
			if c.want == "" && len(got) > 0 || strings.Join(labels, " ") != c.want {
				t.Errorf("%s: got %q", c.src, labels)
			}
		})
	}
}

func TestCompletionOfAnUnusualNameIsQuoted(t *testing.T) {
	for src, want := range map[string]string{`.fir`: `.["first name"]`, `{fir`: `{"first name"`, `fir`: `.["first name"]`} {
		got := Complete(src, len(src), completionSample, Vars{})
		i := slices.IndexFunc(got, func(c Completion) bool { return c.Label == "first name" })
		if i < 0 {
			t.Fatalf("%s: nothing offered", src)
		}
		if text := src[:got[i].Start] + got[i].Text; text != want {
			t.Errorf("%s: got %s", src, text)
		}
	}
}

func TestCompletionStopsAnEndlessProgram(t *testing.T) {
	src := `last(repeat(.)) | .`
	if got := Complete(src, len(src), completionSample, Vars{}); len(got) != 0 {
		t.Errorf("got %v", got)
	}
}

func FuzzComplete(f *testing.F) {
	for _, src := range corpusPrograms {
		f.Add(src, len(src))
	}
	f.Fuzz(func(t *testing.T, src string, caret int) {
		for _, c := range Complete(src, caret, completionSample, Vars{}) {
			if c.Start < 0 || c.Start > c.End || c.End > len(src) {
				t.Errorf("%q: %+v", src, c)
			}
		}
	})
}
