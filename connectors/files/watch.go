package files

import (
	"context"
	"errors"
	"time"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

func watchOp() kit.Op {
	return kit.Op{
		ID: "watch", Title: "When a file comes", Icon: "watch", Trigger: true, Effect: kit.Reads,
		Summary: "Starts a run for each file that is new in a folder or has changed, once it is written to its end.",
		Words:   []string{"trigger", "folder", "inbox", "drop", "new", "changed", "monitor", "arrives"},
		New:     func() kit.Operation { return &watch{Pattern: "*", Interval: 2 * time.Second} },
		Out: aboutSchema(flow.Property{
			Name: "change", Required: true,
			Schema: flow.Schema{Types: []flow.Kind{flow.String}, Enum: []any{created, changed}},
		}),
		Examples: []kit.Example{{
			Title: "Orders that are dropped into a folder",
			With:  flow.Values{"folder": "inbox", "pattern": "*.csv", "existing": true},
		}},
	}
}

// What happened to a file.
const (
	created = "created"
	changed = "changed"
)

// watch is a trigger that fires for each file that comes or changes.
type watch struct {
	Folder    string
	Pattern   kit.Pattern
	Recursive bool
	Existing  bool
	Interval  time.Duration
	kit.Gathering
}

func (w *watch) Fields() kit.Fields {
	fields := append(folderFields(&w.Folder, &w.Pattern, &w.Recursive),
		kit.Toggle(&w.Existing, "existing", "Files that are there already").
			Help("Otherwise only those that come or change once the flow is enabled, also while Jackfield is closed."),
		kit.Duration(&w.Interval, "interval", "Look every").Checked(w.check).More().
			Help("A file counts as written to its end when it has not changed for so long."))
	return append(fields, w.GatherFields()...)
}

func (w *watch) check() error {
	if w.Interval < 100*time.Millisecond {
		return errors.New("less than 100ms would keep the disk busy")
	}
	return nil
}

// Start gives the files that are there, for a start by hand.
func (w *watch) Start(_ context.Context, env kit.Env) ([]any, error) {
	root, err := rootOf(env, w.Folder)
	if err != nil {
		return nil, err
	}
	values := []any{}
	err = w.in(root).walk("", func(one found) bool {
		if one.err == nil {
			values = append(values, w.record(one, created))
		}
		return true
	})
	if err != nil {
		return nil, kit.FailFile("list", root, err).On("folder")
	}
	return values, nil
}

func (w *watch) in(root string) folder {
	return folder{root: root, pattern: w.Pattern, recursive: w.Recursive}
}

func (w *watch) record(one found, change string) any {
	r := about(one.path, one.info)
	r["change"] = change
	return r
}

// Listen looks into the folder again and again; the system's notices only make it look
// sooner, because they get lost on network disks and under load. The folder need not
// be there yet. What was dealt with is remembered while Jackfield is closed.
func (w *watch) Listen(ctx context.Context, env kit.Env, give func(context.Context, kit.Event) (kit.Receipt, error)) error {
	notices := listenTo(env)
	defer notices.close()
	return w.look(ctx, env, notices, give)
}

func (w *watch) look(ctx context.Context, env kit.Env, notices *notices, give func(context.Context, kit.Event) (kit.Receipt, error)) error {
	if w.Folder == "" {
		return kit.Fail(kit.Invalid, "the path is empty").On("folder")
	}
	s := newSightings(w, env)
	begun, err := s.Recall(ctx, env)
	if err != nil {
		return err
	}
	for first := true; ; first = false {
		s.look(notices)
		if first && s.trouble == "" {
			env.Log(flow.Info, "", "watches %s", s.root)
		}
		if !begun && s.Looked() {
			if err := s.env.SetMark(ctx, s.Mark()); err != nil {
				return err
			}
			begun = true
		}
		next := s.giveSettled(ctx, give)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(next):
			continue
		case <-notices.changed():
		}
		select { // a file that is being written makes many notices; a few looks are enough
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(min(next, w.Interval/4)):
		}
	}
}
