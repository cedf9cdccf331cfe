package depot

import (
	"context"
	"encoding/json"
	"fmt"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

func listOp(k Kind) kit.Op {
	return kit.Op{
		ID: "list", Title: "List files", Effect: kit.Reads, Icon: "folder",
		Summary: "Gives a record for each file of a folder; only those that are new or changed since the last run, if wanted.",
		Words:   []string{"folder", "directory", "find", "glob", "search", "ls", "dir", "source", "incremental"},
		New:     func() kit.Operation { return newList(k.Settings()) },
		Out:     recordSchema(),
		Examples: []kit.Example{{
			Title: "New and changed CSV files, in folders below too",
			With:  k.example(flow.Values{"folder": "inbox", "pattern": "**/*.csv", "changed": true, "settle": "10s"}),
		}},
	}
}

// list gives the files of a folder page by page.
type list struct {
	Settings
	kit.Sync
	Folder    string
	Pattern   kit.Pattern
	Recursive bool
	Changed   bool
}

// newList goes on where files were removed: that the newest one is gone is no sign of an
// older state, as it is for a table.
func newList(s Settings) *list {
	l := &list{Settings: s, Pattern: "*", Sync: kit.NewSync()}
	l.Cursor, l.Key, l.Behind = "modified", []string{"path"}, kit.BehindGoesOn
	return l
}

func (l *list) Fields() kit.Fields {
	own := folderFields(l.Settings, &l.Folder, &l.Pattern, &l.Recursive)
	own = append(own, kit.Toggle(&l.Changed, "changed", "Only new and changed files").
		Help("Those changed since the last run, by their time. A file that is moved there with an older time is not seen; \"When a file comes\" sees it."))
	for _, f := range l.More() {
		own = append(own, f.OnlyIf(func() bool { return l.Changed }))
	}
	return withSettings(l.Settings, own...)
}

// folderFields are those of every operation that looks into a folder.
func folderFields(s Settings, p *string, pattern *kit.Pattern, recursive *bool) kit.Fields {
	return kit.Fields{
		kit.Text(p, "folder", "Folder there").Eg("inbox").Ask(folderChoices(s)).Help("Its path from the connection's folder on; empty is that folder itself."),
		kit.Text((*string)(pattern), "pattern", "Names").Eg("*.csv").Checked(pattern.Check).
			Help("As *.csv or report-??.pdf; **/*.csv reaches into all folders below."),
		kit.Toggle(recursive, "recursive", "Folders below too"),
	}
}

// position is where a page of a list begins.
type position struct {
	After string `json:"after"` // the path below the folder of the last file seen
}

// A page ends with whichever comes first.
const (
	pageFiles = 2000   // that are given
	pageSeen  = 50_000 // that were looked at
)

// Read gives one page.
func (l *list) Read(ctx context.Context, env kit.Env, after flow.Cursor) (kit.Page, error) {
	s, err := open(ctx, env, l.Settings)
	if err != nil {
		return kit.Page{}, err
	}
	defer s.Close()
	root, err := s.at(ctx, l.Folder, "folder", true)
	if err != nil {
		return kit.Page{}, err
	}
	var news *kit.Reading
	if l.Changed {
		of := fmt.Sprint(relative("/", root), " ", l.Pattern)
		if news, err = l.Resume(env, of, after, kit.AnyOrder); err == nil && !news.Begun() {
			err = news.Begin(nil, nil)
		}
		if err != nil {
			return kit.Page{}, err
		}
		after = news.At()
	}
	var at position
	if len(after) > 0 {
		if err := json.Unmarshal(after, &at); err != nil {
			return kit.Page{}, kit.Fail(kit.Invalid, "the stored cursor cannot be read: %w", err).Hint("start a new run")
		}
	}
	page, at, err := l.page(ctx, walk{site: s, root: root, pattern: l.Pattern, recursive: l.Recursive}, at, news)
	if err != nil {
		return kit.Page{}, err
	}
	return page, mark(&page, at, news)
}

// page gathers a page. A folder below that cannot be looked into is a bad record.
func (l *list) page(ctx context.Context, w walk, at position, news *kit.Reading) (page kit.Page, _ position, err error) {
	var broken error
	looked := 0
	err = w.each(ctx, meant(at.After), func(one found) bool {
		n := len(page.Data) + len(page.Bad)
		if n == pageFiles || looked == pageSeen {
			page.More = true
			return false
		}
		looked++
		at.After = shown(one.rel)
		if one.err != nil {
			at.After += "/" // behind all that is in it
		}
		if one.err != nil && news != nil { // what is in it would be too old for the next run
			broken = w.told("list", one.Path, one.err).Hint("allow the connection's user to look into it, or leave it out by the pattern")
			return false
		}
		if one.err != nil {
			page.Bad = append(page.Bad, kit.Bad{
				At: n, Data: map[string]any{"path": relative(w.base, one.Path)},
				Failure: w.told("list", one.Path, one.err),
			})
			return true
		}
		record := w.record(one.Info)
		give := true
		if news != nil {
			give, broken = news.Take(record["modified"], []any{record["path"]}, record)
		}
		if give && broken == nil {
			page.Data = append(page.Data, record)
		}
		return broken == nil
	})
	switch {
	case broken != nil:
		return kit.Page{}, at, broken
	case ctx.Err() != nil:
		return kit.Page{}, at, ctx.Err()
	case err != nil:
		return kit.Page{}, at, on(w.told("list", w.root, err), "folder")
	}
	return page, at, nil
}

// mark says where the next page begins, and the next run.
func mark(page *kit.Page, at position, news *kit.Reading) (err error) {
	if page.More {
		if page.Next, err = json.Marshal(at); err != nil || news == nil {
			return err
		}
		news.Put(page.Next)
		page.Next, err = news.Next()
		return err
	}
	if news == nil {
		return nil
	}
	if err = news.End(true); err != nil {
		return err
	}
	page.Mark, err = news.Mark()
	return err
}
