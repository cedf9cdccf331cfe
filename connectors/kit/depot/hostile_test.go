package depot

import (
	"context"
	"io"
	"io/fs"
	"slices"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
)

// hostile is a store that lists what it likes and notes what is removed.
type hostile struct {
	lists   map[string][]Info
	removed []string
}

func (h *hostile) List(_ context.Context, dir, _ string, _ int) ([]Info, bool, error) {
	return slices.Clone(h.lists[dir]), false, nil
}

func (h *hostile) Stat(_ context.Context, p string) (Info, error) {
	_, dir := h.lists[p]
	return Info{Path: p, Dir: dir}, nil
}

func (h *hostile) Remove(_ context.Context, p string, _ bool) error {
	h.removed = append(h.removed, p)
	h.lists[p] = nil
	return nil
}

func (h *hostile) Open(context.Context, string, int64) (io.ReadCloser, error) {
	return nil, fs.ErrNotExist
}

func (h *hostile) Write(context.Context, string, io.Reader, int64, Only) error {
	return fs.ErrPermission
}

func (h *hostile) Rename(context.Context, string, string, Only) error { return fs.ErrPermission }

func (h *hostile) MakeDir(context.Context, string) error { return fs.ErrPermission }
func (h *hostile) Close() error                          { return nil }

// service opens a store.
type service struct{ store Store }

func (s service) Fields() kit.Fields         { return nil }
func (s service) Service() (string, float64) { return "test", 0 }
func (s service) Open(context.Context, kit.Env) (Store, string, error) {
	return s.store, "/base", nil
}
func (s service) Try(context.Context, kit.Env, *kit.Trial) {}

func perform(t *testing.T, store Store, name string, with flow.Values) kit.Operation {
	t.Helper()
	for _, op := range (Kind{Settings: func() Settings { return service{store} }}).Ops() {
		if op.ID == name {
			o := op.New()
			if problems := o.Fields().Bind("s", with); len(problems) > 0 {
				t.Fatal(problems)
			}
			return o
		}
	}
	t.Fatal("no such operation")
	return nil
}

func TestAServerCannotLeadOutOfAFolderByItsNames(t *testing.T) {
	h := &hostile{lists: map[string][]Info{
		"/":     {{Path: "/etc", Dir: true}},
		"/base": {{Path: "/base/d", Dir: true}},
		"/base/d": {
			{Path: "/base/d", Dir: true},
			{Path: "/base", Dir: true},
			{Path: "/", Dir: true},
			{Path: "/etc/passwd"},
			{Path: "/base/d/../../etc/passwd"},
			{Path: "/base/d/a"},
			{Path: "/base/d/e", Dir: true},
			{Path: "/base/x"},
		},
		"/base/d/e": {{Path: "/base/d", Dir: true}, {Path: "/base/d/e/f"}},
	}}
	page, err := perform(t, h, "list", flow.Values{"recursive": true}).(kit.Source).Read(t.Context(), kittest.Env(t), nil)
	if err != nil || len(page.Data) != 2 {
		t.Errorf("%d files are listed, %v: %v", len(page.Data), err, page.Data)
	}
	_, err = perform(t, h, "delete", flow.Values{"path": "d", "all": true}).(kit.Action).Run(t.Context(), kittest.Env(t), flow.Record{})
	if want := []string{"/base/d/a", "/base/d/e/f", "/base/d/e", "/base/d"}; err != nil || !slices.Equal(h.removed, want) {
		t.Errorf("removed %q, %v; want %q", h.removed, err, want)
	}
}

// circle is a store in which every folder holds itself.
type circle struct{ hostile }

func (c *circle) List(_ context.Context, dir, _ string, _ int) ([]Info, bool, error) {
	return []Info{{Path: dir + "/again", Dir: true}}, false, nil
}

func (c *circle) Stat(_ context.Context, p string) (Info, error) {
	return Info{Path: p, Dir: true}, nil
}

func TestACircleOfFoldersEnds(t *testing.T) {
	c := &circle{}
	page, err := perform(t, c, "list", flow.Values{"recursive": true}).(kit.Source).Read(t.Context(), kittest.Env(t), nil)
	if err != nil || len(page.Data) != 0 || len(page.Bad) != 1 {
		t.Errorf("%d files, %d bad, %v", len(page.Data), len(page.Bad), err)
	}
	_, err = perform(t, c, "delete", flow.Values{"path": "d", "all": true}).(kit.Action).Run(t.Context(), kittest.Env(t), flow.Record{})
	if kit.AsFailure(err).Kind != kit.Refused || len(c.removed) > 0 {
		t.Errorf("removed %q, %v", c.removed, err)
	}
}
