package store

import (
	"reflect"
	"strings"
	"testing"

	"jackfield/flow"
	"jackfield/flow/value"
)

func TestABatchIsALineOfJSONForEachRecord(t *testing.T) {
	data, err := appendBatch(nil, flow.Batch{
		{ID: "a1", Data: map[string]any{"a": []any{1, "<é>"}}},
		{ID: "b2", Parents: []flow.RecordID{"a1", "a2"}, Data: nil, Problem: &flow.Problem{Code: "refused", What: "no <b>"}},
		{ID: "c3", Parents: []flow.RecordID{"b2"}, Data: "\xff"},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Join([]string{
		`{"i":"a1","d":` + "\t" + `{"a":[1,"<é>"]}}`,
		`{"i":"b2","p":["a1","a2"],"x":{"code":"refused","what":"no <b>"},"d":` + "\t" + `null}`,
		`{"i":"c3","p":["b2"],"b":` + "\t" + `"ÿ"}`,
		``,
	}, "\n")
	if string(data) != want {
		t.Errorf("written is\n%s\nwant\n%s", data, want)
	}
}

func TestWhatIsNoBatchIsRefused(t *testing.T) {
	for _, text := range []string{
		"{", "{}\n", "\t\n", `{"i":"a","d":` + "\t" + `1}`, `{"i":"a","d":` + "\t" + "1\n", `{"i":"a","d":1}` + "\n",
		`"d":` + "\t}\n", `{"i":"a","c":` + "\t1}\n", `{"i":"a","d":` + "\t[}\n", `{"i":"a","p":["b],"d":` + "\t1}\n",
	} {
		if batch, err := parseBatch([]byte(text)); err == nil {
			t.Errorf("%q was read as %v", text, batch)
		}
	}
}

func FuzzRecordsComeBackAsTheyWere(f *testing.F) {
	f.Add("a", "", "", []byte(`{"n":1}`), "text", "")
	f.Add(`i"d\`, "p\xff", "q", []byte(`[1.5,null,"é"]`), "\xff\xfe", "what\t\n")
	f.Add("a", "b", "c", []byte(`"\u0000"`), `\ufffd`, "x")
	f.Fuzz(func(t *testing.T, id, p, q string, document []byte, text, what string) {
		data, err := value.Decode(document)
		if err != nil {
			data = text
		}
		valid := func(s string) string { return strings.ToValidUTF8(s, "?") } // ids and problems are text
		r := flow.Record{ID: flow.RecordID(valid(id)), Data: map[string]any{text: data, "t": []any{text}}}
		for _, parent := range []string{p, q} {
			if parent != "" {
				r.Parents = append(r.Parents, flow.RecordID(valid(parent)))
			}
		}
		if what != "" {
			r.Problem = &flow.Problem{What: valid(what), Line: len(what)}
		}
		want := flow.Batch{r, {ID: "next", Data: text}}
		written, err := appendBatch(nil, want)
		if err != nil {
			t.Fatal(err)
		}
		back, err := parseBatch(written)
		if err != nil {
			t.Fatalf("%v: %s", err, written)
		}
		if !reflect.DeepEqual(back, want) && !equalData(back, want) {
			t.Errorf("came back as\n%#v\nof\n%#v\nwritten as %s", back, want, written)
		}
	})
}

// equalData lets 1e3 come back as 1000: they are the same to jq.
func equalData(a, b flow.Batch) bool {
	for i := range a {
		if !value.Equal(a[i].Data, b[i].Data) {
			return false
		}
		b[i].Data = a[i].Data
	}
	return reflect.DeepEqual(a, b)
}
