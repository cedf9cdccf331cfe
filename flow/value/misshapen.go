package value

import (
	"errors"
	"slices"
	"strings"
)

// misshapen tells what inside a value has no normal form, and where. Its path grows
// from the inside out while the error travels up.
type misshapen struct {
	path []string
	what string
}

// longestPath is how many names of a path are shown; a loop would show thousands.
const longestPath = 8

func (e *misshapen) Error() string {
	if len(e.path) == 0 {
		return e.what
	}
	outer := slices.Clone(e.path)
	slices.Reverse(outer)
	more := ""
	if len(outer) > longestPath {
		outer, more = outer[:longestPath], "…"
	}
	where := strings.Join(outer, "") + more
	if strings.HasPrefix(where, "[") {
		where = "." + where
	}
	return where + ": " + e.what
}

// inside says that err happened in the member or item called step.
func inside(err error, step string) error {
	m := new(misshapen)
	if !errors.As(err, &m) {
		m = &misshapen{what: err.Error()}
	}
	m.path = append(m.path, step)
	return m
}
