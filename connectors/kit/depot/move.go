package depot

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"strings"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

func moveOp(k Kind) kit.Op {
	return kit.Op{
		ID: "move", Title: "Move a file", Effect: kit.Repeatable, Icon: "files",
		Summary: "Gives a file there another name or folder. One that is at its target already counts as moved.",
		Words:   []string{"rename", "archive", "done", "mv"},
		New:     func() kit.Operation { return &move{Settings: k.Settings(), Mode: overwrite} },
		Out:     recordSchema(flow.Property{Name: "from", Required: true, Schema: flow.Of(flow.String)}),
		Examples: []kit.Example{{
			Title: "What was dealt with goes into the folder done",
			With:  k.example(flow.Values{"to": "done/", "folders": true}),
			Map:   "{path: .path}",
		}},
	}
}

// move gives a file another path.
type move struct {
	Settings
	Path    string
	To      string
	Mode    string
	Folders bool
}

func (m *move) Fields() kit.Fields {
	return withSettings(m.Settings,
		pathField(&m.Path),
		kit.Text(&m.To, "to", "To").Needed().Eg("done/").Help("Its new path from the connection's folder on; where that ends with a slash, it keeps its name."),
		modeField(&m.Mode, "Fail"),
		foldersField(&m.Folders),
	)
}

// Run moves one file.
func (m *move) Run(ctx context.Context, env kit.Env, rec flow.Record) (kit.Result, error) {
	s, err := open(ctx, env, m.Settings)
	if err != nil {
		return kit.Result{}, err
	}
	defer s.Close()
	from, err := s.file(ctx, m.Path, "path", false)
	if err != nil {
		return kit.Result{}, err
	}
	target := m.To
	if strings.HasSuffix(target, "/") {
		target += shown(path.Base(from))
	}
	to, err := s.file(ctx, target, "to", false)
	if err != nil {
		return kit.Result{}, err
	}
	if from != to {
		if err := m.move(ctx, env, rec, s, from, to); err != nil {
			return kit.Result{}, err
		}
	}
	info, err := s.Stat(ctx, to)
	if err != nil {
		return kit.Result{}, s.told("look at", to, err)
	}
	info.Path = to
	record := s.record(info)
	record["from"] = relative(s.base, from)
	return kit.Give(record), nil
}

func (m *move) move(ctx context.Context, env kit.Env, rec flow.Record, s *site, from, to string) error {
	_, err := s.Stat(ctx, from)
	if errors.Is(err, fs.ErrNotExist) {
		if _, there := s.Stat(ctx, to); there == nil {
			env.Log(flow.Info, rec.ID, "%s is at %s already", relative(s.base, from), relative(s.base, to))
			return nil
		}
	}
	if err != nil {
		return on(s.told("move", from, err), "path")
	}
	if m.Folders {
		if err := s.makeDirs(ctx, path.Dir(to)); err != nil {
			return err
		}
	}
	only := Only{New: m.Mode == onlyNew}
	err = s.expects(ctx, to, only)
	if errors.Is(err, fs.ErrExist) && s.copied(ctx, from, to) {
		only, err = Only{}, nil
	}
	if err == nil {
		err = s.Rename(ctx, from, to, only)
	}
	if err != nil {
		return on(s.told("move to", to, err), "to")
	}
	return nil
}

// copied says whether an earlier attempt broke off in the middle of moving a file in a
// store that moves by copying.
func (s *site) copied(ctx context.Context, from, to string) bool {
	if _, flat := s.Store.(Flat); !flat {
		return false
	}
	a, errA := s.Stat(ctx, from)
	b, errB := s.Stat(ctx, to)
	return errA == nil && errB == nil && !a.Dir && !b.Dir && a.Version != "" && a.Version == b.Version && a.Size == b.Size
}
