//go:build unix

package kit_test

import (
	"io"
	"path/filepath"
	"slices"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/kittest"
)

func TestFullDiskLeavesTheOldFile(t *testing.T) {
	dir := kittest.SmallDisk(t)
	path := filepath.Join(dir, "out.txt")
	write(t, path, "old")
	err := kit.ReplaceFile(path, func(w io.Writer) error {
		_, err := w.Write(make([]byte, 2<<20))
		return err
	})
	f := kit.AsFailure(err)
	if err == nil || f.Kind != kit.Full || f.Fix == "" {
		t.Errorf("%+v", f)
	}
	if got := read(t, path); got != "old" {
		t.Errorf("the old file became %d bytes", len(got))
	}
	if got := names(t, dir); !slices.Equal(got, []string{"out.txt"}) {
		t.Errorf("left behind: %v", got)
	}
}

func TestFullDiskUnderRunFile(t *testing.T) {
	small := kittest.SmallDisk(t)
	huge := make([]byte, 2<<20)
	for _, tt := range []struct {
		name   string
		env    func(*kit.Env)
		append bool
	}{
		{"where the batches gather", func(e *kit.Env) { e.Scratch = filepath.Join(small, "scratch") }, false},
		{"where the file goes", func(e *kit.Env) { e.Dir = small }, false},
		{"where the file grows", func(e *kit.Env) { e.Dir = small }, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			env := kittest.Env(t)
			tt.env(&env)
			path := filepath.Join(env.Dir, "out.txt")
			write(t, path, "old")
			f := open(t, env, "out.txt")
			begin(t, f, tt.append, "")
			err := f.Add("1", []byte("small\n"))
			if err != nil {
				t.Fatal(err)
			}
			if err = f.Add("2", huge); err == nil {
				err = f.Publish(t.Context(), kit.Ending{})
			}
			if err == nil || kit.AsFailure(err).Kind != kit.Full {
				t.Fatalf("%v, want a full disk", err)
			}
			if got := read(t, path); got != "old" {
				t.Errorf("the old file became %d bytes", len(got))
			}
			if got := names(t, env.Dir); !slices.Contains(got, "out.txt") || len(got) > 2 {
				t.Errorf("left behind: %v", got)
			}
		})
	}
}

func TestFullDiskUnderASorter(t *testing.T) {
	s := kit.NewSorter(kit.Env{Scratch: kittest.SmallDisk(t), Step: "sort"}, "test")
	defer s.Close()
	var err error
	for i := 0; i < 40 && err == nil; i++ {
		err = s.Add(t.Context(), []byte{byte(i)}, make([]byte, 1<<20))
	}
	if f := kit.AsFailure(err); err == nil || f.Kind != kit.Full || f.Fix == "" {
		t.Errorf("%+v", f)
	}
}
