package widgets

import (
	"fmt"
	"math/big"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"jackfield/flow"
)

type object = map[string]any

func order() object {
	return object{"id": 7, "customer": object{"name": "Ada", "e mail": "ada@example.org"}, "items": []any{object{"sku": "A-1"}, "loose"}, "note": nil}
}

func TestJoinPathQuotesWhatJQWouldNotRead(t *testing.T) {
	tests := []struct{ path, name, want string }{
		{".", "a", ".a"},
		{".a", "b_1", ".a.b_1"},
		{".", "e mail", `."e mail"`},
		{".a", "1st", `.a."1st"`},
		{".a", "", `.a.""`},
		{".", `q"`, `."q\""`},
		{".", "größe", `."größe"`},
	}
	for _, tt := range tests {
		if got := JoinPath(tt.path, tt.name); got != tt.want {
			t.Errorf("%s and %q make %s, want %s", tt.path, tt.name, got, tt.want)
		}
	}
}

func TestPreviewStaysShort(t *testing.T) {
	tests := []struct {
		name string
		v    any
		want string
	}{
		{"null", nil, "null"},
		{"text", "a\nb", `"a\nb"`},
		{"big number", new(big.Int).Lsh(big.NewInt(1), 70), "1180591620717411303424"},
		{"object", object{"b": 1, "a": []any{true}}, "{a: [true], b: 1}"},
	}
	for _, tt := range tests {
		if got := Preview(tt.v); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
	long := Preview([]any{strings.Repeat("ä", 10_000), object{}})
	if len(long) > mostPreview+4 || !strings.HasSuffix(long, "…") || strings.ContainsRune(long, '\ufffd') {
		t.Errorf("a long one is %d bytes: %s", len(long), long)
	}
}

func newShownJSON(t testing.TB, x any) *JSONView {
	v := NewJSONView()
	v.SetValue(x)
	shown(t, v, fyne.NewSize(400, 600))
	return v
}

func TestSmallValueIsOpenFromTheStart(t *testing.T) {
	v := newShownJSON(t, order())
	want := `. {4}
.customer {2}
.customer."e mail" "ada@example.org"
.customer.name "Ada"
.id 7
.items [2]
.items[0] {1}
.items[0].sku "A-1"
.items[1] "loose"
.note null`
	if got := strings.Join(v.Rows(), "\n"); got != want {
		t.Fatalf("it shows\n%s\nwant\n%s", got, want)
	}
}

func TestFoldingStaysWhenTheRecordChanges(t *testing.T) {
	v := newShownJSON(t, order())
	v.Pick(".items")
	key(v.list, fyne.KeyLeft)
	if n := len(v.Rows()); n != 7 {
		t.Fatalf("folded it has %d rows: %v", n, v.Rows())
	}
	v.SetValue(order())
	if n := len(v.Rows()); n != 7 {
		t.Fatalf("the next record has %d rows", n)
	}
	key(v.list, fyne.KeyRight)
	if n := len(v.Rows()); n != 10 {
		t.Fatalf("opened again it has %d rows", n)
	}
	v.Pick(".items[0].sku")
	key(v.list, fyne.KeyLeft)
	if v.Picked() != ".items[0]" {
		t.Fatalf("from a member the arrow goes to %s", v.Picked())
	}
}

func TestChevronFolds(t *testing.T) {
	v := newShownJSON(t, order())
	press(v.list, v.x(v.rows[1])+2, 1.5*v.list.sheet.height(), 0)
	if got := v.Rows()[1]; !strings.HasPrefix(got, `.customer {e mail: "ada`) || len(v.Rows()) != 8 {
		t.Fatalf("it shows %v", v.Rows())
	}
	if v.Picked() != "" {
		t.Error("folding chooses the row")
	}
}

func TestLargeValueIsFolded(t *testing.T) {
	list := make([]any, 5000)
	for i := range list {
		list[i] = order()
	}
	if n := len(newShownJSON(t, list).Rows()); n != 1 {
		t.Fatalf("a long list has %d rows", n)
	}
	if n := len(newShownJSON(t, object{"rows": list, "id": 1}).Rows()); n != 3 {
		t.Fatalf("an object around it has %d rows", n)
	}
}

func TestFindOpensWhatItFinds(t *testing.T) {
	v := newShownJSON(t, order())
	v.FoldAll()
	if n := v.Find("A"); n != 3 {
		t.Fatalf("found %d: %v", n, v.hits)
	}
	if n := v.Find("sku"); n != 1 || v.Picked() != ".items[0].sku" {
		t.Fatalf("found %d, at %q", n, v.Picked())
	}
	v.Find("a")
	first := v.Picked()
	at, of := v.FindNext(-1)
	if at != 3 || of != 3 {
		t.Fatalf("back from the first is %d of %d", at, of)
	}
	v.FindNext(1)
	if v.Picked() != first {
		t.Fatalf("on from the last is %s", v.Picked())
	}
	if n := v.Find(""); n != 0 {
		t.Fatalf("nothing is found %d times", n)
	}
}

func TestCopyTakesTheValue(t *testing.T) {
	v := newShownJSON(t, order())
	clip := test.NewClipboard()
	for path, want := range map[string]string{
		".customer.name": "Ada",
		".items[0]":      "{\n  \"sku\": \"A-1\"\n}",
		".id":            "7",
	} {
		v.Pick(path)
		v.list.TypedShortcut(&fyne.ShortcutCopy{Clipboard: clip})
		if clip.Content() != want {
			t.Errorf("%s gives %q", path, clip.Content())
		}
	}
}

func TestRowOfAValueIsUsed(t *testing.T) {
	v := newShownJSON(t, order())
	var used []string
	v.OnUse = func(path string) { used = append(used, path) }
	v.Pick(`.customer."e mail"`)
	key(v.list, fyne.KeyReturn)
	if fmt.Sprint(used) != `[.customer."e mail"]` {
		t.Fatalf("used %v", used)
	}
}

func batch() flow.Batch {
	return flow.Batch{
		{ID: "a", Data: object{"id": 3, "name": "C", "total": 10.5, "tags": []any{"x"}}},
		{ID: "b", Data: object{"id": 1, "name": "A", "total": 9}},
		{ID: "c", Data: object{"id": 2, "total": "n/a", "zip": "1010"}, Problem: &flow.Problem{Step: "push", What: "the total is no number", Fix: "correct it", Code: "invalid"}},
	}
}

func TestRecordsBecomeATable(t *testing.T) {
	r := NewRecordTable()
	shown(t, r, fyne.NewSize(1200, 300))
	r.SetRecords(batch())
	if got := strings.Join(r.Columns(), " "); got != "# Problem id name total tags zip" {
		t.Fatalf("its columns are %s", got)
	}
	if got := drawn(r.table.rows.sheet)[2]; got != "3|the total is no num…|2|n/a|1010" && !strings.HasPrefix(got, "3|the total is no number|2|") {
		t.Fatalf("the third row is %s", got)
	}
	r.table.SortBy(2, false)
	if r.table.Shown(0) != 1 || r.table.Shown(2) != 0 {
		t.Error("numbers are not sorted by size")
	}
	r.table.SortBy(4, false)
	if r.table.Shown(0) != 1 || r.table.Shown(2) != 2 {
		t.Error("numbers do not stand before texts")
	}
}

func TestChosenRecordIsShownAsJSON(t *testing.T) {
	r := NewRecordTable()
	shown(t, r, fyne.NewSize(1200, 300))
	r.SetRecords(batch())
	if r.detail.Visible() {
		t.Error("a record is shown that nobody chose")
	}
	var told flow.Record
	r.OnPick = func(rec flow.Record) { told = rec }
	key(r.table.rows, fyne.KeyEnd)
	if told.ID != "c" {
		t.Fatalf("told %q", told.ID)
	}
	rows := strings.Join(r.detail.View.Rows(), "\n")
	if !strings.Contains(rows, `.problem.fix "correct it"`) || !strings.Contains(rows, `.data.zip "1010"`) {
		t.Fatalf("it shows\n%s", rows)
	}
}

func TestRecordsThatAreNoObjects(t *testing.T) {
	r := NewRecordTable()
	shown(t, r, fyne.NewSize(600, 300))
	r.SetRecords(flow.Batch{{Data: 1}, {Data: []any{2}}, {Data: nil}})
	if got := fmt.Sprint(r.Columns(), drawn(r.table.rows.sheet)); got != "[# value] [1|1 2|[2] 3]" {
		t.Fatalf("it shows %s", got)
	}
	r.SetRecords(nil)
	if _, ok := r.Picked(); ok {
		t.Error("a record is chosen of none")
	}
}
