package kit

import (
	"context"
	"time"

	"jackfield/flow"
	"jackfield/flow/filter"
)

// Catalog is a connection, or an operation, whose service can say what it holds: tables,
// object types, folders, topics. What it says is kept for as long as it tells, and a
// person can have it asked anew.
type Catalog interface {
	Operation
	// Entities lists what lies below path, "" being the top. page is "" for the first
	// page, then what the page before named.
	Entities(ctx context.Context, env Env, path, page string) (EntityPage, error)
	// Entity describes one by its path.
	Entity(ctx context.Context, env Env, path string) (Entity, error)
}

// EntityPage is a part of a list of entities.
type EntityPage struct {
	Entities []Entity      `json:"entities"` // without their fields
	Next     string        `json:"next,omitempty"`
	Fresh    time.Duration `json:"fresh,omitempty"` // how long it may be kept; 0 leaves that to who asks
}

// Entity is one kind of thing that a service holds.
type Entity struct {
	Path   string        `json:"path"` // what the operations' setting takes
	Title  string        `json:"title,omitempty"`
	Kind   string        `json:"kind,omitempty"`   // the service's word: table, view, object, folder
	Within bool          `json:"within,omitempty"` // there are entities below it
	Holds  bool          `json:"holds,omitempty"`  // it holds records itself
	Fields []EntityField `json:"fields,omitempty"`
	Fresh  time.Duration `json:"fresh,omitempty"`
}

// EntityField is one field of an entity.
type EntityField struct {
	Name     string            `json:"name"`
	Title    string            `json:"title,omitempty"`
	Schema   flow.Schema       `json:"schema"`           // with flow.Null among its types where it may be empty
	Native   string            `json:"native,omitempty"` // the service's own word for the type
	Key      bool              `json:"key,omitempty"`
	Sortable bool              `json:"sortable,omitempty"`
	Filter   []filter.Operator `json:"filter,omitempty"` // what the service itself can filter it by
	Needed   bool              `json:"needed,omitempty"` // a new record has to have it
	Fixed    []WriteKind       `json:"fixed,omitempty"`  // writes that it is not part of: an id that the service gives
}

// WriteKind is a way to write a record.
type WriteKind string

// The ways to write.
const (
	Insert WriteKind = "insert"
	Update WriteKind = "update"
	Upsert WriteKind = "upsert"
	Delete WriteKind = "delete"
)

// Schema is what a record of the entity looks like when it is read or, with a way to
// write, what that takes.
func (e Entity) Schema(write WriteKind) flow.Schema {
	s := flow.Schema{Types: []flow.Kind{flow.Object}}
	for _, f := range e.Fields {
		if write != "" && f.fixed(write) {
			continue
		}
		required := write == "" || f.Key && write != Insert || f.Needed && write != Update && write != Delete
		s.Properties = append(s.Properties, flow.Property{Name: f.Name, Required: required, Schema: f.Schema})
	}
	return s
}

func (f EntityField) fixed(write WriteKind) bool {
	for _, w := range f.Fixed {
		if w == write {
			return true
		}
	}
	return false
}

// Paster is a connection, or an operation, that fills its form from what a person pastes:
// a command line of cURL, an address with user and password, lines of NAME=value. ok is
// false where the text is nothing that it knows. Secrets come as Secret, and to a
// connection alone: what a step holds is in its flow's file.
type Paster interface {
	Operation
	Paste(text string) (values flow.Values, ok bool)
}
