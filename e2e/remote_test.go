package e2e

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"jackfield/connectors/ftp/ftptest"
	"jackfield/connectors/kit/depot/depottest"
	"jackfield/connectors/s3/s3test"
	"jackfield/connectors/ssh/sshtest"
	"jackfield/connectors/webdav/webdavtest"
	"jackfield/flow"
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
		return remote{settings: typed("ssh", server.With(server.Address, base)), side: depottest.Disk(base)}
	},
	"s3.flow.yaml": func(t *testing.T) remote {
		server := s3test.Start(t)
		with := server.With(server.Address, "partner")
		with["secret"] = "-"
		return remote{settings: typed("s3", with), secret: s3test.Secret, side: s3test.Side{Server: server, Base: "partner"}}
	},
	"ftp.flow.yaml": func(t *testing.T) remote {
		root := t.TempDir()
		with := ftptest.With(ftptest.Start(t, ftptest.Server{Root: root}).Address, "")
		with["user"], with["password"] = ftptest.User, "-"
		return remote{settings: typed("ftp", with), secret: ftptest.Password, side: depottest.Disk(root)}
	},
	"webdav.flow.yaml": func(t *testing.T) remote {
		root := t.TempDir()
		with := webdavtest.With(webdavtest.Start(t, root).Address, "")
		with["password"] = "-"
		return remote{settings: typed("webdav", with), secret: webdavtest.Password, side: depottest.Disk(root)}
	},
}

// typed is a connector and the settings of a connection as they are typed.
func typed(connector string, with flow.Values) []string {
	args := []string{connector}
	for _, name := range slices.Sorted(maps.Keys(with)) {
		args = append(args, fmt.Sprint(name, "=", with[name]))
	}
	return args
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
