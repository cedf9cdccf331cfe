package kit

import "encoding/json"

// Secret is a value that must not be seen. It prints, logs and marshals as dots;
// Reveal stands only where bytes leave for the service.
type Secret struct{ value string }

const dots = "••••••"

// NewSecret hides v.
func NewSecret(v string) Secret { return Secret{value: v} }

// Reveal gives the hidden text.
func (s Secret) Reveal() string { return s.value }

// Empty says whether there is nothing to hide.
func (s Secret) Empty() bool { return s.value == "" }

func (s Secret) String() string {
	if s.value == "" {
		return ""
	}
	return dots
}

// GoString hides it from %#v too.
func (s Secret) GoString() string { return `kit.Secret("` + s.String() + `")` }

// MarshalJSON writes dots.
func (s Secret) MarshalJSON() ([]byte, error) { return json.Marshal(s.String()) }

// MarshalText writes dots.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
