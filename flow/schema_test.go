package flow

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"jackfield/flow/value"
)

func TestSchemasAreWrittenAsJSONSchema(t *testing.T) {
	text := Schema{Types: []Kind{String}, Format: "email"}
	s := Schema{
		Types: []Kind{Object, Null}, Title: "Order", Description: `One "order"`, Closed: true,
		Properties: []Property{
			{Name: "z", Required: true, Schema: Of(Integer)},
			{Name: "a b", Schema: ListOf(text)},
			{Name: "rest", Required: true, Schema: Schema{Types: []Kind{Object}, Rest: &text}},
			{Name: "state", Schema: Schema{Enum: []any{"open", 1, nil}, Default: "open"}},
			{Name: "password", Schema: Schema{Types: []Kind{String}, Secret: true}},
			{Name: "any"},
		},
	}
	want := `{"type":["object","null"],"title":"Order","description":"One \"order\"","properties":{"z":{"type":"integer"},` +
		`"a b":{"type":"array","items":{"type":"string","format":"email"}},"rest":{"type":"object","additionalProperties":{"type":"string","format":"email"}},` +
		`"state":{"enum":["open",1,null],"default":"open"},"password":{"type":"string","x-secret":true},"any":{}},"required":["z","rest"],"additionalProperties":false}`
	got, err := json.Marshal(map[string]any{"s": s})
	if err != nil || string(got) != `{"s":`+want+"}" {
		t.Errorf("got %s, %v", got, err)
	}
	var back Schema
	if err := json.Unmarshal([]byte(want), &back); err != nil || !reflect.DeepEqual(back, s) {
		t.Errorf("read back it is %#v, %v", back, err)
	}
}

func TestSchemasAreReadBackAsTheyWereWritten(t *testing.T) {
	for seed := range uint64(2000) {
		s := randomSchema(rand.New(rand.NewPCG(seed, 1)), 4)
		data, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var back Schema
		if err := json.Unmarshal(data, &back); err != nil || !reflect.DeepEqual(back, s) {
			t.Fatalf("%s\nis %#v\nwant %#v\nerror %v", data, back, s, err)
		}
	}
}

func randomSchema(rnd *rand.Rand, depth int) Schema {
	s := Schema{Title: pick(rnd, "", "T"), Description: pick(rnd, "", "ü \"d\""), Format: pick(rnd, "", "date"), Secret: rnd.IntN(9) == 0, Default: pick[any](rnd, nil, 1, "x")}
	for _, k := range []Kind{Object, Array, String, Integer, Null} {
		if rnd.IntN(3) == 0 {
			s.Types = append(s.Types, k)
		}
	}
	if rnd.IntN(4) == 0 {
		s.Enum = []any{1, "a", nil}
	}
	if depth == 0 {
		return s
	}
	for _, name := range []string{"b", "a", "", "ü.x"} {
		if rnd.IntN(3) == 0 {
			s.Properties = append(s.Properties, Property{name, rnd.IntN(2) == 0, randomSchema(rnd, depth-1)})
		}
	}
	switch rnd.IntN(4) {
	case 0:
		s.Closed = true
	case 1:
		rest := randomSchema(rnd, depth-1)
		s.Rest = &rest
	}
	if rnd.IntN(3) == 0 {
		items := randomSchema(rnd, depth-1)
		s.Items = &items
	}
	return s
}

func TestJSONSchemaIsReadAsFarAsItGoes(t *testing.T) {
	tests := []struct{ name, schema, want string }{
		{name: "anything", schema: `true`, want: `{}`},
		{name: "null", schema: `null`, want: `{}`},
		{name: "unknown keywords", schema: `{"$schema": "x", "$id": "y", "type": "string", "pattern": "a", "minLength": 3, "x-other": {}}`, want: `{"type":"string"}`},
		{name: "unknown type", schema: `{"type": ["string", "file"]}`, want: `{}`},
		{name: "nullable", schema: `{"type": "string", "enum": ["a"], "nullable": true}`, want: `{"type":["string","null"],"enum":["a",null]}`},
		{name: "const", schema: `{"const": {"a": 1.5}}`, want: `{"enum":[{"a":1.5}]}`},
		{name: "numbers keep their kind", schema: `{"default": 9007199254740993, "enum": [12345678901234567890, 1.0]}`, want: `{"enum":[12345678901234567890,1],"default":9007199254740993}`},
		{name: "required without a property", schema: `{"type": "object", "required": ["b"], "properties": {"a": {}}}`, want: `{"type":"object","properties":{"a":{},"b":{}},"required":["b"]}`},
		{name: "required of draft 3", schema: `{"type": "string", "required": true}`, want: `{"type":"string"}`},
		{name: "additional properties", schema: `{"additionalProperties": true, "properties": {"a": false}}`, want: `{"properties":{"a":{}}}`},
		{name: "pattern properties may allow more", schema: `{"additionalProperties": false, "patternProperties": {"^x": {}}}`, want: `{}`},
		{name: "tuple", schema: `{"type": "array", "prefixItems": [{"type": "string"}], "items": {"type": "number"}}`, want: `{"type":"array"}`},
		{name: "tuple of draft 7", schema: `{"type": "array", "items": [{"type": "string"}]}`, want: `{"type":"array"}`},
		{
			name: "reference", schema: `{"properties": {"home": {"$ref": "#/$defs/address"}}, "$defs": {"address": {"type": "object", "properties": {"zip": {"$ref": "#/$defs/zip~1code"}}}, "zip/code": {"type": "string"}}}`,
			want: `{"properties":{"home":{"type":"object","properties":{"zip":{"type":"string"}}}}}`,
		},
		{name: "reference with words of its own", schema: `{"$ref": "#/definitions/a", "title": "Mine", "definitions": {"a": {"type": "string", "title": "Theirs", "description": "d"}}}`, want: `{"type":"string","title":"Mine","description":"d"}`},
		{
			name: "reference into itself", schema: `{"type": "object", "properties": {"next": {"$ref": "#"}, "kids": {"type": "array", "items": {"$ref": "#"}}}}`,
			want: `{"type":"object","properties":{"next":{"type":"object","properties":{"next":{},"kids":{"type":"array","items":{}}}},"kids":{"type":"array","items":{"type":"object","properties":{"next":{},"kids":{"type":"array","items":{}}}}}}}`,
		},
		{name: "reference to nowhere", schema: `{"properties": {"a": {"$ref": "#/$defs/gone"}, "b": {"$ref": "https://example.org/x"}}}`, want: `{"properties":{"a":{},"b":{}}}`},
		{name: "reference that only refers", schema: `{"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}`, want: `{}`},
		{name: "one of, with null", schema: `{"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]}`, want: `{"type":["string","null"],"format":"date"}`},
		{
			name: "one of several objects", schema: `{"oneOf": [{"type": "object", "properties": {"a": {"type": "string"}, "k": {"const": 1}}, "required": ["a", "k"], "additionalProperties": false}, {"type": "object", "properties": {"b": {"type": "integer"}, "k": {"const": 2}}, "required": ["k"], "additionalProperties": false}]}`,
			want: `{"type":"object","properties":{"a":{"type":"string"},"k":{"enum":[1,2]},"b":{"type":"integer"}},"required":["k"],"additionalProperties":false}`,
		},
		{name: "one of objects that are open", schema: `{"oneOf": [{"properties": {"a": {"type": "string"}}}, {"properties": {"b": {"type": "string"}}}]}`, want: `{"properties":{"a":{},"b":{}}}`},
		{
			name: "all of", schema: `{"allOf": [{"type": "object", "properties": {"a": {"type": ["string", "null"]}}, "required": ["a"]}, {"properties": {"a": {"type": "string"}, "b": {"type": "integer"}}}]}`,
			want: `{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"integer"}},"required":["a"]}`,
		},
		{name: "integer and number", schema: `{"type": "number", "allOf": [{"type": ["integer", "string"]}]}`, want: `{"type":"integer"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var s Schema
			if err := json.Unmarshal([]byte(tt.schema), &s); err != nil {
				t.Fatal(err)
			}
			if got, _ := json.Marshal(s); string(got) != tt.want {
				t.Errorf("got %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestBrokenSchemasSayWhere(t *testing.T) {
	tests := []struct{ schema, want string }{
		{`5`, "a schema is an object, and this is a number"},
		{`{"properties": {"a": {"items": 7}}}`, "properties: a: items: a schema is an object, and this is a number"},
		{`{"type": 5}`, "type: it is a text or a list of texts, and this is a number"},
		{`{"title": []}`, "title: it cannot be a list"},
		{`{"required": "a"}`, "required: it cannot be a text"},
		{`{"enum": 1}`, "enum: it is a list, and this is a number"},
		{`{"anyOf": [{}, "x"]}`, "anyOf: 1: a schema is an object, and this is a text"},
		{`{"$ref": 1}`, "$ref: it cannot be a number"},
	}
	for _, tt := range tests {
		var s Schema
		if err := json.Unmarshal([]byte(tt.schema), &s); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %s", tt.schema, err, tt.want)
		}
	}
}

func TestReferencesCannotBlowUp(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"$ref": "#/$defs/l30", "$defs": {"l0": {"type": "string"}`)
	for i := 1; i <= 30; i++ {
		fmt.Fprintf(&b, `, "l%d": {"properties": {"a": {"$ref": "#/$defs/l%d"}, "b": {"$ref": "#/$defs/l%d"}, "c": {"$ref": "#/$defs/l%d"}}}`, i, i-1, i-1, i-1)
	}
	b.WriteString("}}")
	var s Schema
	if err := json.Unmarshal([]byte(b.String()), &s); err != nil {
		t.Fatal(err)
	}
	if n := len(s.Fields()); n == 0 || n > mostSchemas {
		t.Errorf("%d fields", n)
	}
	deep := strings.Repeat(`{"items":`, 5000) + "{}" + strings.Repeat("}", 5000)
	if err := json.Unmarshal([]byte(deep), &s); err != nil {
		t.Errorf("a deep one: %v", err)
	}
}

func TestCheckNamesThePathOfWhatDoesNotFit(t *testing.T) {
	text := Of(String)
	order := ObjectOf(
		Property{"id", true, Of(Integer)},
		Property{"state", false, Schema{Types: []Kind{String, Null}, Enum: []any{"open", "done", nil}}},
		Property{"total", false, Of(Number)},
		Property{"lines", true, ListOf(Schema{Types: []Kind{Object}, Closed: true, Properties: []Property{{"sku", true, Of(String)}, {"quantity", false, Of(Integer)}}})},
		Property{"labels", false, Schema{Types: []Kind{Object}, Rest: &text}},
		Property{"odd name", false, Of(Boolean)},
	)
	tests := []struct {
		name, value string
		want        []string
	}{
		{name: "fits", value: `{"id": 1, "state": null, "total": 1, "lines": [{"sku": "a"}], "labels": {"x": "y"}, "more": 1}`},
		{name: "whole floats are whole", value: `{"id": 2.0, "total": 2.5, "lines": []}`},
		{name: "not an object", value: `[1]`, want: []string{"an object is wanted, and this is a list"}},
		{name: "missing", value: `{}`, want: []string{`field "id": it is missing`, `field "lines": it is missing`}},
		{name: "deep", value: `{"id": "1", "lines": [{"sku": "a"}, {"sku": "b"}, {"sku": null, "quantity": 1.5}]}`, want: []string{
			`field "id": a whole number is wanted, and this is "1"`, `field "lines[2].sku": a text is wanted, and this is null`, `field "lines[2].quantity": a whole number is wanted, and this is the number 1.5`,
		}},
		{name: "unknown", value: `{"id": 1, "lines": [{"sku": "a", "quantiti": 1, "zzzzzzzz": 2}]}`, want: []string{
			`field "lines[0].quantiti": there is no "quantiti" here; did you mean "quantity"?`, `field "lines[0].zzzzzzzz": there is no "zzzzzzzz" here; known are sku, quantity`,
		}},
		{name: "enum", value: `{"id": 1, "lines": [], "state": "gone"}`, want: []string{`field "state": "gone" is not one of the values; one of open, done, null`}},
		{name: "two kinds", value: `{"id": 1, "lines": [], "state": 5}`, want: []string{`a text or null is wanted, and this is the number 5`}},
		{name: "rest", value: `{"id": 1, "lines": [], "labels": {"x": 1, "a.b": true}}`, want: []string{`field "labels[\"a.b\"]": a text is wanted, and this is true`, `field "labels.x": a text is wanted, and this is the number 1`}},
		{name: "odd name", value: `{"id": 1, "lines": [], "odd name": "` + strings.Repeat("x", 50) + `"}`, want: []string{`field "[\"odd name\"]": true or false is wanted, and this is a text`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v, err := value.Decode([]byte(tt.value))
			if err != nil {
				t.Fatal(err)
			}
			wantProblems(t, order.Check(v), tt.want)
		})
	}
}

func TestInferMergesSamples(t *testing.T) {
	huge := new(big.Int).Lsh(big.NewInt(1), 80)
	tests := []struct {
		name    string
		samples []any
		want    string
	}{
		{name: "nothing", want: `{}`},
		{name: "one", samples: []any{map[string]any{"b": 1, "a": "x", "c": nil}}, want: `{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"integer"},"c":{"type":"null"}},"required":["a","b","c"]}`},
		{name: "sometimes there", samples: []any{map[string]any{"a": 1}, map[string]any{"a": 2, "b": 1}}, want: `{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"integer"}},"required":["a"]}`},
		{name: "whole and not", samples: []any{1, 2.0, huge, 1.5}, want: `{"type":"number"}`},
		{name: "whole", samples: []any{1, 2.0, huge}, want: `{"type":"integer"}`},
		{name: "kinds", samples: []any{nil, true, "x", 1}, want: `{"type":["string","integer","boolean","null"]}`},
		{name: "lists", samples: []any{[]any{}, []any{1}, []any{map[string]any{"a": 1}, map[string]any{}}}, want: `{"type":"array","items":{"type":["object","integer"],"properties":{"a":{"type":"integer"}}}}`},
		{name: "empty list", samples: []any{[]any{}}, want: `{"type":"array"}`},
		{name: "Go's own kinds", samples: []any{map[string]string{"a": "b"}}, want: `{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]}`},
		{name: "what cannot be", samples: []any{make(chan int)}, want: `{}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, _ := json.Marshal(Infer(tt.samples...)); string(got) != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestEverySampleFitsWhatIsInferred(t *testing.T) {
	for seed := range uint64(500) {
		rnd := rand.New(rand.NewPCG(seed, 2))
		samples := make([]any, 1+rnd.IntN(6))
		for i := range samples {
			samples[i] = someValue(rnd, 3)
		}
		s := Infer(samples...)
		shuffled := append([]any{}, samples...)
		rnd.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		if !reflect.DeepEqual(Infer(shuffled...), s) {
			t.Fatalf("the order of the samples counts: %v", samples)
		}
		for _, v := range samples {
			if p := s.Check(v); len(p) > 0 {
				data, _ := json.Marshal(s)
				t.Fatalf("%v does not fit %s: %s", v, data, p[0].Error())
			}
		}
	}
}

// TestUnionsRefuseNothingThatOneAllows holds anyOf, and allOf too, against its parts.
func TestUnionsRefuseNothingThatOneAllows(t *testing.T) {
	fits := 0
	for seed := range uint64(4000) {
		rnd := rand.New(rand.NewPCG(seed, 3))
		a, b := randomSchema(rnd, 2), randomSchema(rnd, 2)
		v := schemaValue(rnd, 2)
		okA, okB := len(a.Check(v)) == 0, len(b.Check(v)) == 0
		if okA || okB {
			fits++
			if p := union(a, b).Check(v); len(p) > 0 {
				t.Fatalf("%v fits one of\n%s\n%s\nbut: %s", v, a.append(nil), b.append(nil), p[0].Error())
			}
		}
		if okA && okB {
			if p := both(a, b).Check(v); len(p) > 0 {
				t.Fatalf("%v fits\n%s\nand\n%s\nbut: %s", v, a.append(nil), b.append(nil), p[0].Error())
			}
		}
	}
	if fits < 1000 {
		t.Errorf("only %d values fit anything", fits)
	}
}

func schemaValue(rnd *rand.Rand, depth int) any {
	switch n := rnd.IntN(8); {
	case n < 4 && depth > 0:
		m := map[string]any{}
		for _, name := range []string{"a", "b", "", "ü.x", "z"} {
			if rnd.IntN(2) == 0 {
				m[name] = schemaValue(rnd, depth-1)
			}
		}
		return m
	case n == 4 && depth > 0:
		return []any{schemaValue(rnd, depth-1)}
	}
	return pick[any](rnd, nil, 1, "a", "x", 2, 1.5, math.Pi)
}

func TestFieldsListsThePaths(t *testing.T) {
	s := Infer(map[string]any{"customer": map[string]any{"name": "x", "e-mail": "y"}, "lines": []any{map[string]any{"sku": 1}}, "odd name": []any{[]any{map[string]any{"x": 1}}}})
	want := []string{"customer", "customer.e-mail", "customer.name", "lines", "lines[].sku", `["odd name"]`, `["odd name"][][].x`}
	if got := s.Fields(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %q", got)
	}
	if got := ListOf(ObjectOf(Property{Name: "a"})).Fields(); !reflect.DeepEqual(got, []string{"[].a"}) {
		t.Errorf("got %q", got)
	}
}

func FuzzSchemasAreReadOrRefused(f *testing.F) {
	f.Add([]byte(`{"type":["object"],"properties":{"a":{"$ref":"#"}},"anyOf":[{},true],"allOf":[],"required":["b"],"nullable":true}`))
	f.Add([]byte(`{"$ref":"#/$defs/x","$defs":{"x":{"oneOf":[{"$ref":"#/$defs/x"},{"items":{"const":1}}]}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var s Schema
		if json.Unmarshal(data, &s) != nil {
			return
		}
		first, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var again Schema
		if err := json.Unmarshal(first, &again); err != nil {
			t.Fatalf("%s became %s: %v", data, first, err)
		}
		if second, _ := json.Marshal(again); string(second) != string(first) {
			t.Fatalf("%s became %s and then %s", data, first, second)
		}
	})
}
