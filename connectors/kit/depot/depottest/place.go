// Package depottest is the suite that every connector of remote files passes, against a
// real server: Run makes a place for each test and does there what flows do.
package depottest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
)

// Place is a connector with a server that has an empty folder for it.
type Place struct {
	Connector kit.Connector
	With      flow.Values    // the settings that reach it, with that folder as the base
	Proxy     *kittest.Proxy // what the settings lead through
	Side      Side           // the same folder seen from beside
	Flat      bool           // it knows no folders
	NoPart    bool           // files are put in place by the service itself
	Plain     bool           // names are text without line breaks
	Canary    string         // a secret of the settings
}

// Side looks at the folder from beside: on the server's disk, mostly.
type Side interface {
	Put(t testing.TB, path, content string, modified time.Time)
	Get(t testing.TB, path string) (content string, ok bool)
	All(t testing.TB) []string // the paths of all files
}

// Disk is a folder of this machine that a server shows.
type Disk string

// Put writes a file.
func (d Disk) Put(t testing.TB, path, content string, modified time.Time) {
	t.Helper()
	p := filepath.Join(string(d), path)
	err := errors.Join(os.MkdirAll(filepath.Dir(p), 0o777), os.WriteFile(p, []byte(content), 0o666), os.Chtimes(p, modified, modified))
	if err != nil {
		t.Fatal(err)
	}
}

// Get reads a file.
func (d Disk) Get(t testing.TB, path string) (string, bool) {
	b, err := os.ReadFile(filepath.Join(string(d), path))
	return string(b), err == nil
}

// All lists all files.
func (d Disk) All(t testing.TB) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(string(d), func(p string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			rel, _ := filepath.Rel(string(d), p)
			all = append(all, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// rig does at a place what the engine does.
type rig struct {
	*Place
	t   testing.TB
	env kit.Env
	mu  sync.Mutex
	log []string
}

func newRig(t testing.TB, make func(testing.TB) *Place) *rig {
	r := &rig{Place: make(t), t: t, env: kittest.Env(t)}
	r.env.Write = func(l flow.LogLine) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.log = append(r.log, l.Text)
	}
	t.Cleanup(func() {
		if err := r.Connector.Close(); err != nil {
			t.Error("close:", err)
		}
		if text := strings.Join(r.log, "\n"); r.Canary != "" && strings.Contains(text, r.Canary) {
			t.Errorf("the log holds a secret:\n%s", text)
		}
	})
	return r
}

func (r *rig) bind(name string, more flow.Values) kit.Operation {
	r.t.Helper()
	op, ok := r.Connector.Op(name)
	if !ok {
		r.t.Fatalf("no operation %q", name)
	}
	o := op.New()
	with := maps.Clone(r.With)
	maps.Copy(with, more)
	fields := o.Fields()
	for _, p := range append(fields.Bind("s", with), fields.Missing("s", nil)...) {
		r.t.Fatal(p)
	}
	return o
}

// try performs an action for one record.
func (r *rig) try(ctx context.Context, name string, with flow.Values) (map[string]any, error) {
	r.t.Helper()
	res, err := r.bind(name, with).(kit.Action).Run(ctx, r.env, flow.Record{ID: "rec1"})
	if err != nil {
		if r.Canary != "" && strings.Contains(fmt.Sprint(err), r.Canary) {
			r.t.Errorf("a failure holds a secret: %v", err)
		}
		return nil, err
	}
	return res.Data[0].(map[string]any), nil
}

func (r *rig) do(name string, with flow.Values) map[string]any {
	r.t.Helper()
	got, err := r.try(r.t.Context(), name, with)
	if err != nil {
		r.t.Fatalf("%s %v: %v", name, with, err)
	}
	return got
}

// read reads a source to its end, and gives where the next run begins.
func (r *rig) read(name string, with flow.Values, after flow.Cursor) (all []map[string]any, bad []*kit.Failure, mark flow.Cursor) {
	r.t.Helper()
	mark = after
	for range 1000 {
		page, err := r.bind(name, with).(kit.Source).Read(r.t.Context(), r.env, after)
		if err != nil {
			r.t.Fatalf("%s %v: %v", name, with, err)
		}
		for _, d := range page.Data {
			all = append(all, d.(map[string]any))
		}
		for _, b := range page.Bad {
			bad = append(bad, b.Failure)
		}
		if page.Mark != nil {
			mark = page.Mark
		}
		if !page.More {
			return all, bad, mark
		}
		after = page.Next
	}
	r.t.Fatal("the source does not end")
	return nil, nil, nil
}

func paths(records []map[string]any) []string {
	var all []string
	for _, r := range records {
		all = append(all, r["path"].(string))
	}
	return all
}

func (r *rig) listed(with flow.Values) []string {
	r.t.Helper()
	all, bad, _ := r.read("list", with, nil)
	if len(bad) > 0 {
		r.t.Errorf("not all could be listed: %v", bad[0])
	}
	return paths(all)
}

func (r *rig) same(what string, got, want []string) {
	r.t.Helper()
	if !slices.Equal(got, want) {
		r.t.Errorf("%s: %q, want %q", what, got, want)
	}
}

// fails wants a failure of a kind that says these words and what to do.
func fails(t testing.TB, err error, kind flow.Code, words ...string) {
	t.Helper()
	if err == nil {
		t.Error("it does not fail")
		return
	}
	f := kit.AsFailure(err)
	if f.Kind != kind || f.Fix == "" {
		t.Errorf("the kind is %q, want %q: %v; %q", f.Kind, kind, err, f.Fix)
	}
	for _, w := range words {
		if !strings.Contains(f.What+"; "+f.Fix, w) {
			t.Errorf("%q does not speak of %q", f.What+"; "+f.Fix, w)
		}
	}
}

// long ago, in whole seconds, which is all that some protocols tell.
var noon = time.Date(2026, 2, 3, 12, 0, 0, 0, time.UTC)
