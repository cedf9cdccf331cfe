package core

import (
	"encoding/json"
	"errors"
	"fmt"

	"jackfield/flow"
	"jackfield/flow/value"
)

// schemaOf reads a JSON Schema that stands in a setting.
func schemaOf(v any) (flow.Schema, error) {
	var s flow.Schema
	if v == nil {
		return s, nil
	}
	if _, is := v.(map[string]any); !is {
		return s, errors.New("a JSON Schema is an object")
	}
	if err := json.Unmarshal(value.Append(nil, v), &s); err != nil {
		return s, fmt.Errorf("it is no JSON Schema: %w", err)
	}
	return s, nil
}
