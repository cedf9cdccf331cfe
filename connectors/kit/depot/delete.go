package depot

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

func deleteOp(k Kind) kit.Op {
	return kit.Op{
		ID: "delete", Title: "Delete a file", Effect: kit.Repeatable, Icon: "delete",
		Summary: "Deletes a file there, or a folder. One that is not there counts as deleted.",
		Words:   []string{"remove", "rm", "clean", "unlink"},
		New:     func() kit.Operation { return &remove{Settings: k.Settings()} },
		Out: flow.ObjectOf(
			flow.Property{Name: "path", Required: true, Schema: flow.Of(flow.String)},
			flow.Property{Name: "deleted", Required: true, Schema: flow.Of(flow.Boolean)}),
		Examples: []kit.Example{{
			Title: "Each file of a list",
			With:  k.example(flow.Values{}),
			Map:   "{path: .path}",
		}},
	}
}

// remove deletes a file or folder.
type remove struct {
	Settings
	Path string
	All  bool
}

func (r *remove) Fields() kit.Fields {
	return withSettings(r.Settings,
		pathField(&r.Path),
		kit.Toggle(&r.All, "all", "Folders with all that is in them").Help("Otherwise a folder is deleted only when it is empty. Links are deleted, and not what they lead to."),
	)
}

// Run deletes one file.
func (r *remove) Run(ctx context.Context, env kit.Env, _ flow.Record) (kit.Result, error) {
	s, err := open(ctx, env, r.Settings)
	if err != nil {
		return kit.Result{}, err
	}
	defer s.Close()
	p, err := s.file(ctx, r.Path, "path", false)
	if err != nil {
		return kit.Result{}, err
	}
	deleted := true
	info, err := s.entry(ctx, p)
	if err == nil {
		err = s.delete(ctx, info, r.All)
	}
	if errors.Is(err, fs.ErrNotExist) {
		deleted, err = false, nil
	}
	if err != nil {
		return kit.Result{}, on(s.told("delete", p, err), "path")
	}
	return kit.Give(map[string]any{"path": relative(s.base, p), "deleted": deleted}), nil
}

// entry finds what a folder says of a path, which is the link where it is one.
func (s *site) entry(ctx context.Context, p string) (Info, error) {
	if links, ok := s.Store.(Linker); ok {
		return links.Lstat(ctx, p)
	}
	return s.Stat(ctx, p)
}

// delete removes a file or folder, and first what is in it, if that is wanted.
func (s *site) delete(ctx context.Context, info Info, all bool) error {
	if !info.Dir {
		return s.Remove(ctx, info.Path, false)
	}
	entries, more, err := s.List(ctx, info.Path, "", listed)
	if err != nil {
		return err
	}
	if len(entries) > 0 && !all {
		return kit.Fail(kit.Refused, "the folder is not empty").Hint("say that all that is in it is to be deleted too")
	}
	if strings.Count(info.Path, "/") > strings.Count(s.base, "/")+deepest {
		return kit.Fail(kit.Refused, "there are more than %d folders in each other; it may be a circle of links", deepest).Hint("delete the link there by other means")
	}
	for len(entries) > 0 {
		for _, e := range entries {
			if err := s.delete(ctx, e, all); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
		if !more {
			break
		}
		if entries, more, err = s.List(ctx, info.Path, "", listed); err != nil {
			return err
		}
	}
	return s.Remove(ctx, info.Path, true)
}
