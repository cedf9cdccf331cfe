package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"

	"jackfield/flow"
	"jackfield/flow/value"
)

// A batch is stored as one line of JSON for each record:
//
//	{"i":"8m3k…","p":["2c9f…"],"x":{…problem…},"d":→{"name":"Ada"}}
//
// The arrow stands for a tab, which JSON allows between tokens and which stands
// nowhere else in a line, since texts escape it: what is before it is a small head,
// what is behind it the data. Data with bytes that are not UTF-8 is under "b", each
// byte as the character of the same number, for JSON has no other way to keep them.

// appendBatch writes b behind dst.
func appendBatch(dst []byte, b flow.Batch) ([]byte, error) {
	for _, r := range b {
		dst = append(dst, `{"i":`...)
		dst = value.Append(dst, string(r.ID))
		for i, p := range r.Parents {
			dst = append(dst, parentLead(i)...)
			dst = value.Append(dst, string(p))
		}
		if len(r.Parents) > 0 {
			dst = append(dst, ']')
		}
		if r.Problem != nil {
			var err error
			if dst, err = appendJSON(append(dst, `,"x":`...), r.Problem); err != nil {
				return nil, fmt.Errorf("record %s: %w", r.ID, err)
			}
		}
		dst = append(appendData(dst, r.Data), '}', '\n')
	}
	return dst, nil
}

func parentLead(i int) string {
	if i == 0 {
		return `,"p":[`
	}
	return ","
}

func appendData(dst []byte, data any) []byte {
	if doc, ok := data.(*value.Document); ok {
		if bytes.IndexByte(doc.Text, '\n') < 0 {
			return append(append(dst, `,"d":`+"\t"...), doc.Text...)
		}
		data = doc.Whole()
	}
	start := len(dst)
	dst = value.AppendUnsorted(append(dst, `,"d":`+"\t"...), data)
	if !bytes.Contains(dst[start:], []byte(`\ufffd`)) || allText(data) {
		return dst
	}
	return value.AppendUnsorted(append(dst[:start], `,"b":`+"\t"...), widen(data))
}

// allText says whether every text in v is UTF-8.
func allText(v any) bool {
	switch v := v.(type) {
	case string:
		return utf8.ValidString(v)
	case []any:
		for _, one := range v {
			if !allText(one) {
				return false
			}
		}
	case map[string]any:
		for name, one := range v {
			if !utf8.ValidString(name) || !allText(one) {
				return false
			}
		}
	}
	return true
}

// widen makes each byte of each text in v into a character, narrow makes them bytes
// again.
func widen(v any) any {
	return eachText(v, func(s string) string {
		wide := make([]rune, len(s))
		for i := range len(s) {
			wide[i] = rune(s[i])
		}
		return string(wide)
	})
}

func narrow(v any) any {
	return eachText(v, func(s string) string {
		var bytes []byte
		for _, r := range s {
			bytes = append(bytes, byte(r))
		}
		return string(bytes)
	})
}

// eachText copies v with every text, names of members too, changed by do.
func eachText(v any, do func(string) string) any {
	switch v := v.(type) {
	case string:
		return do(v)
	case []any:
		list := make([]any, len(v))
		for i, one := range v {
			list[i] = eachText(one, do)
		}
		return list
	case map[string]any:
		m := make(map[string]any, len(v))
		for name, one := range v {
			m[do(name)] = eachText(one, do)
		}
		return m
	}
	return v
}

var errRecord = errors.New("a record of it cannot be read")

// parseBatch reads what appendBatch wrote. Nothing of data stays in the batch.
func parseBatch(data []byte) (flow.Batch, error) {
	batch := make(flow.Batch, 0, bytes.Count(data, []byte("\n")))
	var dec value.Decoder
	for len(data) > 0 {
		line, rest, found := bytes.Cut(data, []byte("\n"))
		if !found {
			return nil, errRecord
		}
		r, err := parseRecord(&dec, line)
		if err != nil {
			return nil, fmt.Errorf("record %d: %w", len(batch), err)
		}
		batch, data = append(batch, r), rest
	}
	return batch, nil
}

func parseRecord(dec *value.Decoder, line []byte) (flow.Record, error) {
	var r flow.Record
	lead, data, found := bytes.Cut(line, []byte("\t"))
	data, closed := bytes.CutSuffix(data, []byte("}"))
	lead, plain := bytes.CutSuffix(lead, []byte(`,"d":`))
	lead, wide := bytes.CutSuffix(lead, []byte(`,"b":`))
	if !found || !closed || plain == wide {
		return r, errRecord
	}
	if err := parseLead(lead, &r); err != nil {
		return r, err
	}
	v, err := dec.Decode(data)
	if err != nil {
		return r, err
	}
	if wide {
		v = narrow(v)
	}
	r.Data = v
	return r, nil
}

// parseLead reads what stands before the data, without its closing brace. Ids are
// plain text nearly always and are cut out; the rest is left to encoding/json.
func parseLead(lead []byte, r *flow.Record) error {
	if id, ok := bytes.CutPrefix(lead, []byte(`{"i":"`)); ok && bytes.IndexByte(id, '\\') < 0 {
		text, rest, found := bytes.Cut(id, []byte(`"`))
		if found && len(rest) == 0 {
			r.ID = flow.RecordID(text)
			return nil
		}
		parents, ok := bytes.CutPrefix(rest, []byte(`,"p":["`))
		if parents, only := bytes.CutSuffix(parents, []byte(`"]`)); ok && only {
			r.ID = flow.RecordID(text)
			for p := range bytes.SplitSeq(parents, []byte(`","`)) {
				r.Parents = append(r.Parents, flow.RecordID(p))
			}
			return nil
		}
	}
	var parts struct {
		ID      flow.RecordID   `json:"i"`
		Parents []flow.RecordID `json:"p"`
		Problem *flow.Problem   `json:"x"`
	}
	if err := json.Unmarshal(append(bytes.Clone(lead), '}'), &parts); err != nil {
		return err
	}
	r.ID, r.Parents, r.Problem = parts.ID, parts.Parents, parts.Problem
	return nil
}
