package depot

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"time"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

func newFilesOp(k Kind) kit.Op {
	return kit.Op{
		ID: "new_files", Title: "When a file comes", Icon: "watch", Trigger: true, Effect: kit.Reads,
		Summary: "Starts a run for each file that is new in a folder there or has changed, once it is written to its end.",
		Words:   []string{"trigger", "folder", "inbox", "drop", "new", "changed", "monitor", "arrives", "poll", "watch"},
		New: func() kit.Operation {
			return &newFiles{Settings: k.Settings(), Pattern: "*", Interval: time.Minute, Settle: 10 * time.Second}
		},
		Out: recordSchema(flow.Property{
			Name: "change", Required: true,
			Schema: flow.Schema{Types: []flow.Kind{flow.String}, Enum: []any{created, changed}},
		}),
		Examples: []kit.Example{{
			Title: "Orders that a partner drops",
			With:  k.example(flow.Values{"folder": "inbox", "pattern": "*.csv", "existing": true}),
		}},
	}
}

// What happened to a file.
const (
	created = "created"
	changed = "changed"
)

// newFiles is a trigger that looks into a folder from time to time.
type newFiles struct {
	Settings
	kit.Gathering
	Folder    string
	Pattern   kit.Pattern
	Recursive bool
	Existing  bool
	Together  bool
	Interval  time.Duration
	Settle    time.Duration
}

func (n *newFiles) Fields() kit.Fields {
	own := folderFields(n.Settings, &n.Folder, &n.Pattern, &n.Recursive)
	own = append(own,
		kit.Toggle(&n.Existing, "existing", "Files that are there already").
			Help("Otherwise only those that come or change once the flow is enabled, also while Jackfield is closed."),
		kit.Duration(&n.Interval, "interval", "Look every").Checked(n.checkInterval),
		kit.Duration(&n.Settle, "settle", "Until unchanged for").
			Help("A file counts as written to its end when two looks so far apart find the same size and time. Where files appear only when they are whole, 0s will do."),
		kit.Toggle(&n.Together, "together", "One run for all that have come").
			Help("Up to 1,000 records each; otherwise each file has a run of its own."),
	)
	return withSettings(n.Settings, append(own, n.GatherFields()...)...)
}

func (n *newFiles) checkInterval() error {
	if n.Interval < 100*time.Millisecond {
		return errors.New("less than 100ms would keep the service busy")
	}
	return nil
}

// Start gives the files that are there, for a start by hand.
func (n *newFiles) Start(ctx context.Context, env kit.Env) ([]any, error) {
	values := []any{}
	err := n.walk(ctx, env, func(s *site, one found) {
		if one.err == nil {
			values = append(values, changedRecord(s.record(one.Info), created))
		}
	})
	return values, err
}

func changedRecord(record map[string]any, change string) any {
	record["change"] = change
	return record
}

// walk visits the wanted files.
func (n *newFiles) walk(ctx context.Context, env kit.Env, visit func(*site, found)) error {
	s, err := open(ctx, env, n.Settings)
	if err != nil {
		return err
	}
	defer s.Close()
	root, err := s.at(ctx, n.Folder, "folder", true)
	if err != nil {
		return err
	}
	err = walk{site: s, root: root, pattern: n.Pattern, recursive: n.Recursive}.each(ctx, "", func(one found) bool {
		visit(s, one)
		return true
	})
	if err != nil {
		return s.told("list", root, err)
	}
	return nil
}

// Listen looks again and again. The folder need not be there yet, nor the service. What
// was dealt with is remembered while Jackfield is closed.
func (n *newFiles) Listen(ctx context.Context, env kit.Env, give func(context.Context, kit.Event) (kit.Receipt, error)) error {
	l := &looks{newFiles: n, env: env}
	l.Sightings = kit.Sightings[sight]{
		Of:     fmt.Sprint(n.where(), "\n", n.Folder, "\n", n.Pattern, "\n", n.Recursive),
		Settle: n.Settle, Existing: n.Existing,
	}
	begun, err := l.Recall(ctx, env)
	if err != nil {
		return err
	}
	for {
		if err := l.look(ctx); err != nil && ctx.Err() == nil && !passes(err) {
			return err
		}
		if !begun && l.Looked() {
			if err := env.SetMark(ctx, l.Mark()); err != nil {
				return err
			}
			begun = true
		}
		next := l.give(ctx, give)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(next):
		}
	}
}

// where names the service that is looked at.
func (n *newFiles) where() string {
	host, _ := n.Service()
	return host
}

// passes says whether what went wrong is worth another look. What is wrong with the
// settings is not: the engine calls the trigger again, after longer and longer pauses.
func passes(err error) bool {
	f := kit.AsFailure(err)
	return f.Passing() || f.Kind == kit.Missing || f.Kind == kit.Unknown
}

// looks is what a trigger remembers from look to look.
type looks struct {
	kit.Sightings[sight]
	*newFiles
	env     kit.Env
	trouble string // the last one told of, so that it is told once
	began   bool
}

// sight is a file with its record.
type sight struct {
	Info
	record map[string]any
}

// Place is the file's path from the base folder on.
func (s sight) Place() string { return s.record["path"].(string) }

// Look is what the file is like.
func (s sight) Look() string { return fmt.Sprint(s.Size, s.Modified.UnixNano(), s.Version) }

// look takes note of what has come, changed and gone.
func (l *looks) look(ctx context.Context) error {
	l.Begin()
	err := l.walk(ctx, l.env, func(s *site, one found) {
		if one.err != nil {
			l.Keep(relative(s.base, one.Path) + "/")
			return
		}
		l.See(sight{Info: one.Info, record: s.record(one.Info)})
	})
	switch {
	case err == nil:
		l.End()
	case errors.Is(err, fs.ErrNotExist):
		l.Empty() // what was seen before is remembered until the folder is back
	}
	l.tell(ctx, err)
	return err
}

// tell logs what is wrong, once, and that it is well again.
func (l *looks) tell(ctx context.Context, err error) {
	said := ""
	if err != nil && ctx.Err() == nil {
		said = kit.AsFailure(err).What
	}
	switch {
	case said == "" && !l.began && err == nil:
		l.began = true
		l.env.Log(flow.Info, "", "watches %s", path.Join(l.where(), l.Folder))
	case said == l.trouble:
	case said == "":
		l.env.Log(flow.Info, "", "%s is there", path.Join(l.where(), l.Folder))
	default:
		l.env.Log(flow.Warn, "", "%s; waiting for it", said)
	}
	l.trouble = said
}

// together is how many files have one run at the most.
const together = 1000

// give starts runs for what has come, and tells how long it takes to the next look.
func (l *looks) give(ctx context.Context, give func(context.Context, kit.Event) (kit.Receipt, error)) time.Duration {
	most := 1
	if l.Together {
		most = together
	}
	return l.Give(ctx, l.Interval, most, func(come []kit.Come[sight], mark flow.Cursor) error {
		data := make([]any, len(come))
		for i, one := range come {
			change := created
			if one.Changed {
				change = changed
			}
			data[i] = changedRecord(one.File.record, change)
		}
		_, err := give(ctx, kit.Event{Data: data, Cause: "new files", Mark: mark})
		if err != nil {
			l.env.Log(flow.Warn, "", "%s: %v; trying again", come[0].File.Place(), err)
		}
		return err
	})
}
