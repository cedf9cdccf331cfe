package files

import (
	"context"
	"encoding/json"
	"os"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

func listOp() kit.Op {
	return kit.Op{
		ID: "list", Title: "List files", Effect: kit.Reads, Icon: "folder",
		Summary: "Gives a record for each file of a folder, in the order of their names.",
		Words:   []string{"folder", "directory", "find", "glob", "search", "ls", "dir", "source"},
		New:     func() kit.Operation { return &list{Pattern: "*"} },
		Out:     aboutSchema(),
		Examples: []kit.Example{{
			Title: "All CSV files, in folders below too",
			With:  flow.Values{"folder": "inbox", "pattern": "**/*.csv"},
		}},
	}
}

// list gives the files of a folder page by page.
type list struct {
	Folder    string
	Pattern   kit.Pattern
	Recursive bool
}

func (l *list) Fields() kit.Fields {
	return folderFields(&l.Folder, &l.Pattern, &l.Recursive)
}

// folderFields are those of every operation that looks into a folder.
func folderFields(path *string, p *kit.Pattern, recursive *bool) kit.Fields {
	return kit.Fields{
		kit.Folder(path, "folder", "Folder").Needed().Eg("inbox").Help("A relative path starts at the flow file's folder."),
		kit.Text((*string)(p), "pattern", "Names").Eg("*.csv").Checked(p.Check).
			Help("As *.csv or report-??.pdf; **/*.csv reaches into all folders below."),
		kit.Toggle(recursive, "recursive", "Folders below too"),
	}
}

// position is where a page of a list begins.
type position struct {
	After string `json:"after"` // the path below the folder of the last file given
}

// pageFiles is how many files make a page.
const pageFiles = 2000

// Read gives one page. A folder below that cannot be looked into is a bad record.
func (l *list) Read(ctx context.Context, env kit.Env, after flow.Cursor) (kit.Page, error) {
	root, err := rootOf(env, l.Folder)
	if err != nil {
		return kit.Page{}, err
	}
	var at position
	if len(after) > 0 {
		if err := json.Unmarshal(after, &at); err != nil {
			return kit.Page{}, kit.Fail(kit.Invalid, "the stored cursor cannot be read: %w", err).Hint("start a new run")
		}
	}
	var page kit.Page
	err = folder{root: root, pattern: l.Pattern, recursive: l.Recursive}.walk(at.After, func(one found) bool {
		n := len(page.Data) + len(page.Bad)
		if n == pageFiles || ctx.Err() != nil {
			page.More = true
			return false
		}
		if at.After = one.rel; one.err != nil {
			page.Bad = append(page.Bad, kit.Bad{At: n, Data: map[string]any{"path": one.path}, Failure: kit.FailFile("list", one.path, one.err)})
		} else {
			page.Data = append(page.Data, about(one.path, one.info))
		}
		return true
	})
	if err != nil {
		return kit.Page{}, kit.FailFile("list", root, err).On("folder")
	}
	if page.More {
		page.Next, err = json.Marshal(at)
	}
	if ctx.Err() != nil {
		return kit.Page{}, ctx.Err()
	}
	return page, err
}

// rootOf is the absolute path of a folder that is there.
func rootOf(env kit.Env, path string) (string, error) {
	if path == "" {
		return "", kit.Fail(kit.Invalid, "the path is empty").On("folder")
	}
	root := env.Path(path)
	info, err := os.Stat(root)
	switch {
	case os.IsNotExist(err):
		return "", kit.Fail(kit.Missing, "there is no folder %s", root).On("folder").
			Hint("check the path; relative paths start at the flow file's folder")
	case err != nil:
		return "", kit.FailFile("list", root, err).On("folder")
	case !info.IsDir():
		return "", kit.Fail(kit.Invalid, "%s is a file, not a folder", root).On("folder").Hint("name the folder that it is in")
	}
	return root, nil
}
