package kit

import "encoding/json"

// Secret is a value that must not be seen. It prints, logs and marshals as dots;
// Reveal stands only where bytes leave for the service.
type Secret struct {
	// A pointer, because package fmt prints what an unexported field of somebody
	// else's struct holds without asking its methods; of a pointer, only where it is.
	hidden *string
}

const dots = "••••••"

// NewSecret hides v.
func NewSecret(v string) Secret {
	if v == "" {
		return Secret{}
	}
	return Secret{hidden: &v}
}

// Reveal gives the hidden text.
func (s Secret) Reveal() string {
	if s.hidden == nil {
		return ""
	}
	return *s.hidden
}

// Empty says whether there is nothing to hide.
func (s Secret) Empty() bool { return s.hidden == nil }

func (s Secret) String() string {
	if s.Empty() {
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
