package value

import (
	"fmt"
	"reflect"
	"testing"
)

func TestDocumentReadsWhatIsWanted(t *testing.T) {
	text := `{"id": 7, "customer": {"name": "Zoë", "city": "Wien", "tags": [{"a": 1}]}, "lines": [{"sku": "x", "n": 1}], "none": null, "id": 8}`
	all, err := Decode([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		want *Want
		text string
	}{
		{"all", nil, string(Append(nil, all))},
		{"nothing", Of(nil), `{}`},
		{"a member that comes twice", Of(map[string]*Want{"id": nil}), `{"id":8}`},
		{"a member inside", Of(map[string]*Want{"customer": Of(map[string]*Want{"name": nil})}), `{"customer":{"name":"Zoë"}}`},
		{"an object whole", Of(map[string]*Want{"customer": nil}), `{"customer":{"city":"Wien","name":"Zoë","tags":[{"a":1}]}}`},
		{"of a list, all of it", Of(map[string]*Want{"lines": Of(map[string]*Want{"sku": nil})}), `{"lines":[{"n":1,"sku":"x"}]}`},
		{"of no object, all of it", Of(map[string]*Want{"none": Of(nil), "id": Of(nil)}), `{"id":8,"none":null}`},
		{"one that is not there", Of(map[string]*Want{"other": nil}), `{}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, err := new(Decoder).Document([]byte(text), c.want)
			if err != nil {
				t.Fatal(err)
			}
			if got := string(Append(nil, d.Value)); got != c.text {
				t.Errorf("it has %s, not %s", got, c.text)
			}
			if !reflect.DeepEqual(d.Whole(), all) {
				t.Errorf("the whole is %v", d.Whole())
			}
		})
	}
}

func TestWantsGoTogether(t *testing.T) {
	a := Of(map[string]*Want{"x": Of(map[string]*Want{"y": nil}), "z": nil})
	b := Of(map[string]*Want{"x": Of(map[string]*Want{"w": nil}), "z": Of(nil)})
	both := a.With(b)
	for name, w := range map[string]*Want{"the first": a, "the second": b, "themselves": both} {
		if !both.Covers(w) {
			t.Errorf("together they do not cover %s", name)
		}
	}
	if a.Covers(b) || b.Covers(a) || both.Covers(nil) || !a.With(nil).Covers(nil) {
		t.Error("one covers more than it names")
	}
}

func FuzzDocument(f *testing.F) {
	for _, s := range []string{`{"a":[1,{"b":"\u00e4"}],"c":-1.5e3}`, `{"a" 1}`, `{"a":"` + "\x01" + `"}`, `[{"a":tru}]`, `{"a":"x\q"}`, `{"a":01}`, `{"a":[1,]}`, "{\"a\":\"\xff\"}", `{"a":{"a":{`} {
		f.Add(s)
	}
	wants := []*Want{Of(nil), Of(map[string]*Want{"a": nil}), Of(map[string]*Want{"a": Of(map[string]*Want{"b": nil})})}
	f.Fuzz(func(t *testing.T, text string) {
		all, want := new(Decoder).Decode([]byte(text))
		for i, w := range wants {
			d, got := new(Decoder).Document([]byte(text), w)
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("want %d: %q is judged %v, and read whole %v", i, text, got, want)
			}
			if got == nil {
				sameBehindOthers(t, text, w, d.Value)
			}
			if got == nil && !reflect.DeepEqual(d.Whole(), all) {
				t.Errorf("want %d: of %q the whole is %v", i, text, d.Whole())
			}
			if m, ok := all.(map[string]any); ok && got == nil && w.Covers(wants[1]) && !sameMember(d.Value.(*Part), m) {
				t.Errorf("want %d: of %q it has %v", i, text, d.Value)
			}
		}
	})
}

// sameMember says whether the part has the member a as m has it.
func sameMember(p *Part, m map[string]any) bool {
	v, there := p.Object()["a"]
	whole, has := m["a"]
	return there == has && reflect.DeepEqual(v, whole)
}

// sameBehindOthers reads a text once more, behind others whose members come in other
// orders, and behind itself.
func sameBehindOthers(t *testing.T, text string, w *Want, first any) {
	t.Helper()
	var d Decoder
	for _, one := range []string{`{"c":1,"a":{"b":2}}`, text, `{"a":{"c":3},"\u0061":4}`, text, text} {
		got, err := d.Document([]byte(one), w)
		if err != nil {
			t.Fatal(one, err)
		}
		if one == text && !reflect.DeepEqual(objectOf(got.Value), objectOf(first)) {
			t.Errorf("%q gives %v behind others, not %v", text, got.Value, first)
		}
	}
}

func objectOf(v any) any {
	if p, ok := v.(*Part); ok {
		return p.Object()
	}
	return v
}
