package e2e

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"jackfield/connectors/kit/depot/depottest"
	"jackfield/connectors/ssh/sshtest"
)

// remote is a server of remote files that the program is let at.
type remote struct {
	settings []string // of a connection
	secret   string   // what is typed for the setting that is "-"
	side     depottest.Side
}

// remotes start a server for each example that needs one.
var remotes = map[string]func(*testing.T) remote{
	"ssh.flow.yaml": func(t *testing.T) remote {
		server, base := sshtest.Start(t, ""), t.TempDir()
		with := server.With(server.Address, base)
		var settings []string
		for _, name := range slices.Sorted(maps.Keys(with)) {
			settings = append(settings, name+"="+with[name].(string))
		}
		return remote{settings: append([]string{"ssh"}, settings...), side: depottest.Disk(base)}
	},
}

func TestExamplesOfRemoteFilesWorkAgainstRealServers(t *testing.T) {
	for name, start := range remotes {
		t.Run(name, func(t *testing.T) {
			r := start(t)
			p, f := newProgram(t), copyExamples(t)
			r.side.Put(t, "inbox/a.csv", "id,total\n1,10\n2,20\n", modified)
			r.side.Put(t, "inbox/b.csv", "id,total\n3,30\n", modified)
			r.side.Put(t, "inbox/readme.txt", "not this one", modified)
			p.run("check", f.path(name)).want(t, 0)
			p.feed(r.secret+"\n", append([]string{"connections", "add", "partner"}, r.settings...)...).want(t, 0)
			p.run("connections", "test", "partner").want(t, 0).says(t, "✓ List")
			counts := onlySummary(t, p.run("run", f.path(name), "--json").want(t, 0).out).counts()
			equal(t, "counts", counts, "count.done=1 files.done=2 keep.done=3 receipt.done=1 rows.done=3")
			equal(t, "rows", f.read("out/partner.jsonl"), `{"id":"1","total":"10"}`+"\n"+`{"id":"2","total":"20"}`+"\n"+`{"id":"3","total":"30"}`+"\n")
			receipt, _ := r.side.Get(t, "outbox/receipt.json")
			equal(t, "receipt", receipt, `{"count":3}`)
			if r.secret == "" {
				return
			}
			err := filepath.WalkDir(p.home, func(path string, e os.DirEntry, err error) error {
				if err != nil || e.IsDir() || !e.Type().IsRegular() {
					return err
				}
				if text, err := os.ReadFile(path); err == nil && strings.Contains(string(text), r.secret) {
					t.Errorf("%s holds the secret", path)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}

var modified = time.Date(2026, 2, 3, 12, 0, 0, 0, time.UTC)
