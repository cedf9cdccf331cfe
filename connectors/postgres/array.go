package postgres

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"

	"jackfield/flow/value"
)

// This file reads and writes arrays as PostgreSQL's text has them (its manual, section
// "Arrays", "Array Input and Output Syntax").

// array reads {1,2,NULL,"a b",{…}}, with elements of a type.
func (r *rows) array(element uint32, text string) (any, error) {
	if at := strings.Index(text, "={"); at > 0 && text[0] == '[' { // with bounds: [0:2]={…}
		text = text[at+1:]
	}
	p := arrayText{rows: r, element: element, text: text}
	v, err := p.list()
	if err == nil && p.pos != len(text) {
		err = p.wrong()
	}
	return v, err
}

type arrayText struct {
	rows    *rows
	element uint32
	text    string
	pos     int
}

func (p *arrayText) wrong() error { return fmt.Errorf("the array %.60q does not read", p.text) }

func (p *arrayText) list() ([]any, error) {
	if p.pos >= len(p.text) || p.text[p.pos] != '{' {
		return nil, p.wrong()
	}
	p.pos++
	list := []any{}
	for p.pos < len(p.text) {
		switch p.text[p.pos] {
		case '}':
			p.pos++
			return list, nil
		case ',', ';':
			p.pos++
		default:
			v, err := p.one()
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
	}
	return nil, p.wrong()
}

func (p *arrayText) one() (any, error) {
	switch p.text[p.pos] {
	case '{':
		return p.list()
	case '"':
		text, err := p.quoted()
		if err != nil {
			return nil, err
		}
		return p.rows.value(p.element, []byte(text))
	}
	end := strings.IndexAny(p.text[p.pos:], ",;}")
	if end < 0 {
		return nil, p.wrong()
	}
	text := p.text[p.pos : p.pos+end]
	p.pos += end
	if text == "NULL" {
		return nil, nil
	}
	return p.rows.value(p.element, []byte(text))
}

func (p *arrayText) quoted() (string, error) {
	var b strings.Builder
	for p.pos++; p.pos < len(p.text); p.pos++ {
		switch c := p.text[p.pos]; c {
		case '"':
			p.pos++
			return b.String(), nil
		case '\\':
			if p.pos++; p.pos == len(p.text) {
				return "", p.wrong()
			}
			b.WriteByte(p.text[p.pos])
		default:
			b.WriteByte(c)
		}
	}
	return "", p.wrong()
}

// arrayOf writes a list for an array of this type.
func arrayOf(list []any, element string) (string, error) {
	var b strings.Builder
	b.WriteByte('{')
	for i, v := range list {
		if i > 0 {
			b.WriteByte(',')
		}
		if inner, ok := v.([]any); ok && !isJSON(element) {
			text, err := arrayOf(inner, element)
			if err != nil {
				return "", err
			}
			b.WriteString(text)
			continue
		}
		text, err := bindAs(element, v)
		if err != nil {
			return "", err
		}
		if text == nil {
			b.WriteString("NULL")
			continue
		}
		b.WriteByte('"')
		b.WriteString(strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text.(string)))
		b.WriteByte('"')
	}
	b.WriteByte('}')
	return b.String(), nil
}

func isJSON(native string) bool { return native == "json" || native == "jsonb" }

// bindAs makes a value into the text that a type reads; nil is null.
func bindAs(native string, v any) (any, error) {
	if v == nil {
		return nil, nil
	}
	if isJSON(native) {
		return string(value.Append(nil, v)), nil
	}
	switch v := v.(type) {
	case string:
		if native == "bytea" {
			data, err := base64.StdEncoding.DecodeString(v)
			if err != nil {
				return nil, fmt.Errorf("it is no base64")
			}
			return `\x` + hex.EncodeToString(data), nil
		}
		return v, nil
	case bool:
		if native == "boolean" || !numeric(native) {
			return fmt.Sprint(v), nil
		}
		if v {
			return "1", nil
		}
		return "0", nil
	case []any:
		if element, ok := strings.CutSuffix(native, "[]"); ok {
			return arrayOf(v, element)
		}
	}
	return string(value.Append(nil, v)), nil
}

func numeric(native string) bool {
	for _, kind := range []string{"smallint", "integer", "bigint", "real", "double precision", "numeric"} {
		if strings.HasPrefix(native, kind) {
			return true
		}
	}
	return false
}
