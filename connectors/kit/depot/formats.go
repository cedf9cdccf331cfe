package depot

import (
	"slices"

	"jackfield/connectors/kit"
)

// format is a way to make records of a file that is on this machine: the operation
// "read" of another connector.
type format struct {
	id     string
	title  string
	source kit.Source
	fields kit.Fields
}

// theirs are fields of such an operation that mean nothing here: a file from elsewhere is
// read whole, and which file is this operation's own.
var theirs = append([]string{"path", "cursor", "key"}, new(kit.Sync).More().Names()...)

// formatsOf makes the formats anew, with their defaults.
func formatsOf(connectors []kit.Connector) []format {
	var all []format
	for _, c := range connectors {
		op, ok := c.Op("read")
		if !ok {
			continue
		}
		source, ok := op.New().(kit.Source)
		if !ok {
			continue
		}
		all = append(all, format{id: c.ID, title: c.Title, source: source, fields: source.Fields()})
	}
	return all
}

// formatFields are the fields of all formats, each shown where its format was chosen.
// Those with the same name are one.
func formatFields(formats []format, chosen *string) kit.Fields {
	var all kit.Fields
	for _, one := range formats {
		for _, f := range one.fields {
			if slices.Contains(theirs, f.Name) {
				continue
			}
			mine := f.Matters
			f = f.OnlyIf(func() bool { return *chosen == one.id && mine() })
			all = joined(all, f, one)
		}
	}
	return all
}

// joined puts one field behind the others, or into the one with its name.
func joined(all kit.Fields, f kit.Field, of format) kit.Fields {
	for i, other := range all {
		switch {
		case other.Name == f.Name && other.Kind == f.Kind:
			all[i] = other.With(f)
			return all
		case other.Name == f.Name:
			f.Name = of.id + "_" + f.Name
		case other.Label == f.Label:
			f.Label += " (" + of.title + ")"
		}
	}
	return append(all, f)
}
