package redis

import (
	"encoding/base64"
	"unicode/utf8"

	"jackfield/connectors/kit"
	"jackfield/flow/value"
)

// What the bytes of a value become.
const (
	asAuto   = "auto"
	asJSON   = "json"
	asText   = "text"
	asBase64 = "base64"
)

// payload says what the bytes that a service keeps become.
type payload struct{ As string }

func (p *payload) field() kit.Field {
	return kit.Pick(&p.As, "values_as", "Values are",
		kit.Choice{Value: asAuto, Label: "JSON where they are an object or a list, else text"},
		kit.Choice{Value: asJSON, Label: "JSON where they are any, else text"},
		kit.Choice{Value: asText, Label: "Text"},
		kit.Choice{Value: asBase64, Label: "Bytes, as base64"}).More().
		Help("What is no text in UTF-8 becomes {base64: …}.")
}

// read is the value that bytes become. None are refused, so that one message never holds
// up those behind it.
func (p *payload) read(text string) any {
	if p.As == asBase64 {
		return base64.StdEncoding.EncodeToString([]byte(text))
	}
	if !utf8.ValidString(text) {
		return map[string]any{"base64": base64.StdEncoding.EncodeToString([]byte(text))}
	}
	if p.As == asText {
		return text
	}
	v, err := value.Decode([]byte(text))
	if err != nil {
		return text
	}
	switch v.(type) {
	case map[string]any, []any:
		return v
	}
	if p.As == asJSON {
		return v
	}
	return text
}

// written is a value as bytes: a text as it is, {base64: …} as what it stands for, all
// else as JSON.
func written(v any) (string, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case map[string]any:
		if text, ok := v["base64"].(string); ok && len(v) == 1 {
			b, err := base64.StdEncoding.DecodeString(text)
			if err != nil {
				return "", kit.Fail(kit.Malformed, "{base64: …} holds no base64: %w", err).Hint("map bytes to base64, or give a text")
			}
			return string(b), nil
		}
	}
	v, err := value.Normal(v)
	if err != nil {
		return "", err
	}
	return string(value.Append(nil, v)), nil
}
