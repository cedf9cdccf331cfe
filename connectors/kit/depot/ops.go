package depot

import (
	"context"
	"maps"
	"strconv"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// Kind is what a connector of remote files tells of itself.
type Kind struct {
	Settings func() Settings // the settings with their defaults
	Formats  []kit.Connector // whose operation "read" reads a file of this machine at its field "path", and so can read one from elsewhere
	Example  flow.Values     // what examples say of where the service is
}

// Ops declares the operations that all connectors of remote files have.
func (k Kind) Ops() []kit.Op {
	return []kit.Op{newFilesOp(k), listOp(k), readOp(k), downloadOp(k), uploadOp(k), moveOp(k), deleteOp(k)}
}

// What asks a service keeps to the limits of that service.
var (
	_ kit.Client = (*newFiles)(nil)
	_ kit.Client = (*list)(nil)
	_ kit.Client = (*read)(nil)
	_ kit.Client = (*download)(nil)
	_ kit.Client = (*upload)(nil)
	_ kit.Client = (*move)(nil)
	_ kit.Client = (*remove)(nil)
)

// example is the settings of an example.
func (k Kind) example(with flow.Values) flow.Values {
	maps.Copy(with, k.Example)
	return with
}

// Connection makes the connection of such a connector.
func (k Kind) Connection() kit.Connection { return &connection{k.Settings()} }

// withSettings puts the settings of a connection behind an operation's own fields.
func withSettings(s Settings, own ...kit.Field) kit.Fields {
	fields := kit.Fields(own)
	for _, f := range s.Fields() {
		fields = append(fields, f.More())
	}
	return fields
}

// connection is the settings of a service as a connection of their own.
type connection struct{ Settings }

// Test goes the way that every operation goes, and stops where it ends.
func (c *connection) Test(ctx context.Context, env kit.Env) []kit.Check {
	t := kit.NewTrial(env)
	c.Try(ctx, env, t)
	if !t.Holds() {
		return t.Checks()
	}
	var s *site
	t.Try("Folder", func() (what string, err error) {
		if s, err = open(ctx, env, c.Settings); err != nil {
			return "", err
		}
		there, err := s.Stat(ctx, s.base)
		switch {
		case err != nil:
			return "", s.told("look at", s.base, err)
		case !there.Dir:
			return "", kit.Fail(kit.Invalid, "%s is a file, not a folder", shown(s.base)).Hint("name a folder as the base")
		}
		return shown(s.base), nil
	})
	if s == nil {
		return t.Checks()
	}
	defer s.Close()
	t.Try("List", func() (string, error) {
		entries, more, err := s.List(ctx, s.base, "", listed)
		if err != nil {
			return "", s.told("list", s.base, err)
		}
		return counted(entries, more), nil
	})
	return t.Checks()
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

// counted says what a listing found.
func counted(entries []Info, more bool) string {
	files, folders := 0, 0
	for _, e := range entries {
		if e.Dir {
			folders++
		} else {
			files++
		}
	}
	text := plural(files, "file") + ", " + plural(folders, "folder")
	if more {
		text += " and more"
	}
	return text
}

var _ kit.Catalog = (*connection)(nil)

// Entities lists the folders and files of a folder.
func (c *connection) Entities(ctx context.Context, env kit.Env, dir, page string) (kit.EntityPage, error) {
	s, err := open(ctx, env, c.Settings)
	if err != nil {
		return kit.EntityPage{}, err
	}
	defer s.Close()
	root, err := s.at(ctx, dir, "path", true)
	if err != nil {
		return kit.EntityPage{}, err
	}
	entries, more, err := s.List(ctx, root, meant(page), listed)
	if err != nil {
		return kit.EntityPage{}, s.told("list", root, err)
	}
	if len(entries) > listed { // a protocol that gives all
		entries, more = entries[:listed], true
	}
	var out kit.EntityPage
	for _, e := range entries {
		if !e.Other && !isPart(e.Name()) {
			out.Entities = append(out.Entities, s.entity(e))
		}
	}
	if more && len(entries) > 0 {
		out.Next = shown(entries[len(entries)-1].Key())
	}
	return out, nil
}

// Entity describes one file or folder.
func (c *connection) Entity(ctx context.Context, env kit.Env, p string) (kit.Entity, error) {
	s, err := open(ctx, env, c.Settings)
	if err != nil {
		return kit.Entity{}, err
	}
	defer s.Close()
	at, err := s.at(ctx, p, "path", true)
	if err != nil {
		return kit.Entity{}, err
	}
	i, err := s.Stat(ctx, at)
	if err != nil {
		return kit.Entity{}, s.told("look at", at, err)
	}
	i.Path = at
	e := s.entity(i)
	for _, p := range recordSchema().Properties {
		e.Fields = append(e.Fields, kit.EntityField{Name: p.Name, Schema: p.Schema, Key: p.Name == "path", Fixed: []kit.WriteKind{kit.Insert, kit.Update, kit.Upsert}})
	}
	return e, nil
}

func (s *site) entity(i Info) kit.Entity {
	rel := relative(s.base, i.Path)
	e := kit.Entity{Path: rel, Title: shown(i.Name()), Kind: "file", Holds: true}
	if i.Dir {
		e.Kind, e.Within, e.Holds = "folder", true, false
	}
	return e
}

// folderChoices offers the folders for a field.
func folderChoices(s Settings) func(context.Context, kit.Env) ([]kit.Choice, error) {
	return func(ctx context.Context, env kit.Env) ([]kit.Choice, error) {
		at, err := open(ctx, env, s)
		if err != nil {
			return nil, err
		}
		defer at.Close()
		entries, _, err := at.List(ctx, at.base, "", listed)
		if err != nil {
			return nil, at.told("list", at.base, err)
		}
		var choices []kit.Choice
		for _, e := range entries {
			if e.Dir {
				name := shown(e.Name())
				choices = append(choices, kit.Choice{Value: name, Label: name})
			}
		}
		return choices, nil
	}
}

// pathField is the field of a file on the other side.
func pathField(p *string) kit.Field {
	return kit.Text(p, "path", "File there").Needed().Eg("inbox/orders.csv").
		Help("Its path from the connection's folder on, with slashes.")
}
