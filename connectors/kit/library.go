package kit

import (
	"context"

	"jackfield/flow"
)

// Library gives the connectors as they are now. A Set is one that stays as it is; that of a
// home folder changes with the files that describe connectors, and gives another Set then.
type Library interface {
	Now() Set
}

// Now gives the set itself.
func (s Set) Now() Set { return s }

// Shelf is a library that connectors can be put into, as files that describe them.
type Shelf interface {
	Library
	// Described lists the files, those with problems too.
	Described() []Described
	// Add takes a file, or what is at an address, as the connector of that name; "" makes
	// a name of where it comes from. A command line of cURL is an example request, from
	// which a manifest is drafted. One of the same name is replaced. What does not read
	// is not taken.
	Add(ctx context.Context, from, name string) (Described, error)
	// Remove takes the file of a connector away.
	Remove(id string) error
}

// Described is a file that describes a connector, and what became of it.
type Described struct {
	Path      string         `json:"path"`
	Kind      string         `json:"kind,omitempty"`      // what such a file is called
	Connector string         `json:"connector,omitempty"` // "" where it gave none
	Title     string         `json:"title,omitempty"`
	Ops       int            `json:"operations"`
	Problems  []flow.Problem `json:"problems,omitempty"`
}

// Loader makes connectors of files that describe a service. The connector is named by the
// file: what stands before the first dot of its name is the id.
type Loader struct {
	Kind  string                                        // what such a file is called: "OpenAPI document"
	Ends  []string                                      // how the names of its files end: ".yaml"
	Knows func(text []byte) bool                        // whether a file with such a name is one of these; nil is always
	Load  func(path string) (Connector, []flow.Problem) // a connector without an ID could not be made
}
