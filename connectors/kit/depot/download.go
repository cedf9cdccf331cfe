package depot

import (
	"context"
	"errors"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

func downloadOp(k Kind) kit.Op {
	here := &turns{}
	return kit.Op{
		ID: "download", Title: "Download a file", Effect: kit.Repeatable, Icon: "download",
		Summary: "Brings a file to this machine, whole or not at all; one that broke off goes on where it was.",
		Words:   []string{"fetch", "get", "copy", "save", "pull", "mget"},
		New:     func() kit.Operation { return &download{Settings: k.Settings(), here: here} },
		Out:     recordSchema(flow.Property{Name: "local", Required: true, Schema: flow.Of(flow.String)}),
		Examples: []kit.Example{{
			Title: "Each file of a list into a folder here",
			With:  k.example(flow.Values{"to": "inbox/"}),
			Map:   "{path: .path}",
		}},
	}
}

// download brings one file here.
type download struct {
	Settings
	Path    string
	To      string
	Folders bool
	here    *turns // at files of this machine
}

func (d *download) Fields() kit.Fields {
	return withSettings(d.Settings,
		pathField(&d.Path),
		kit.File(&d.To, "to", "File or folder here").Needed().Eg("inbox/").
			Help("Of a folder, or where it ends with a slash, the file there gets the same name. A relative path starts at the flow file's folder."),
		kit.Toggle(&d.Folders, "folders", "Make missing folders"),
	)
}

// Run brings one file here.
func (d *download) Run(ctx context.Context, env kit.Env, _ flow.Record) (kit.Result, error) {
	s, err := open(ctx, env, d.Settings)
	if err != nil {
		return kit.Result{}, err
	}
	defer s.Close()
	info, err := s.there(ctx, d.Path)
	if err != nil {
		return kit.Result{}, err
	}
	target, err := d.target(env, info)
	if err != nil {
		return kit.Result{}, err
	}
	giveBack, err := d.here.take(ctx, target)
	if err != nil {
		return kit.Result{}, err
	}
	defer giveBack()
	if err := s.download(ctx, info, target); err != nil {
		return kit.Result{}, err
	}
	record := s.record(info)
	record["local"] = target
	return kit.Give(record), nil
}

// target is the absolute path of the file here.
func (d *download) target(env kit.Env, info Info) (string, error) {
	if d.To == "" {
		return "", kit.Fail(kit.Invalid, "the path is empty").On("to")
	}
	target := env.Path(d.To)
	there, err := os.Stat(target)
	if err == nil && there.IsDir() || strings.HasSuffix(filepath.ToSlash(d.To), "/") {
		target = filepath.Join(target, localName(path.Base(info.Path)))
	}
	if d.Folders {
		if err := os.MkdirAll(filepath.Dir(target), 0o777); err != nil {
			return "", kit.FailFile("make the folder of", target, err).On("to")
		}
	}
	return target, nil
}

// download brings a file to a path here. What came before the line broke is kept beside
// it, under a name that says of which version it is, and is gone on with.
func (s *site) download(ctx context.Context, info Info, target string) error {
	dir, name := filepath.Split(target)
	what := info.Path + "\x00" + info.Tag()
	part := filepath.Join(dir, partName(name, what))
	removeParts(dir, name, part)
	file, err := os.OpenFile(part, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return kit.FailFile("write", target, err).On("to")
	}
	err = s.fill(ctx, file, info)
	if err == nil {
		err = local(target, file.Sync())
	}
	err = firstOf(err, local(target, file.Close()))
	if err == nil {
		err = s.same(ctx, info)
	}
	if err != nil {
		if errors.Is(err, ErrChanged) {
			os.Remove(part)
		}
		return err
	}
	if there, err := os.Stat(target); err == nil && there.Mode().IsRegular() {
		os.Chmod(part, there.Mode().Perm()) // where it is refused, the new file has the mode of any other
	}
	return local(target, os.Rename(part, target))
}

func firstOf(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// local puts an error of a file of this machine into words.
func local(target string, err error) error {
	if err == nil {
		return nil
	}
	return kit.FailFile("write", target, err).On("to")
}

// removeParts removes what is left of other versions.
func removeParts(dir, name, but string) {
	entries, err := os.ReadDir(filepath.Clean(dir + "."))
	if err != nil {
		return
	}
	for _, e := range entries {
		if isPart(e.Name()) && strings.HasPrefix(e.Name(), "."+clipped(name)+partMark) && e.Name() != filepath.Base(but) {
			os.Remove(filepath.Join(dir, e.Name()))
		}
	}
}

// fill writes into the file what is missing of it.
func (s *site) fill(ctx context.Context, file *os.File, info Info) error {
	have, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return local(file.Name(), err)
	}
	if have > info.Size {
		if err := file.Truncate(0); err != nil {
			return local(file.Name(), err)
		}
		if have, err = file.Seek(0, io.SeekStart); err != nil {
			return local(file.Name(), err)
		}
	}
	if have == info.Size {
		return nil
	}
	from, err := s.Open(ctx, info.Path, have)
	if err != nil {
		return s.told("read", info.Path, err)
	}
	n, err := s.copy(file, from, info)
	if closed := from.Close(); err == nil && closed != nil {
		err = s.told("read", info.Path, closed)
	}
	if err != nil {
		return err
	}
	if have+n < info.Size {
		return s.told("read", info.Path, io.ErrUnexpectedEOF)
	}
	if have+n > info.Size {
		return s.told("read", info.Path, ErrChanged)
	}
	return nil
}

// copy tells apart whether reading there or writing here went wrong.
func (s *site) copy(to *os.File, from io.Reader, info Info) (int64, error) {
	w := &writing{to: to}
	n, err := io.CopyBuffer(w, from, make([]byte, 256<<10))
	switch {
	case w.err != nil:
		return n, local(to.Name(), w.err)
	case err != nil:
		return n, s.told("read", info.Path, err)
	}
	return n, nil
}

// writing remembers that writing went wrong.
type writing struct {
	to  io.Writer
	err error
}

func (w *writing) Write(b []byte) (n int, err error) {
	if n, err = w.to.Write(b); err != nil {
		w.err = err
	}
	return n, err
}

// same says whether a file is still the version that it was.
func (s *site) same(ctx context.Context, info Info) error {
	now, err := s.Stat(ctx, info.Path)
	if err != nil {
		return s.told("look at", info.Path, err)
	}
	if now.Tag() != info.Tag() {
		f := s.told("read", info.Path, ErrChanged)
		f.Kind, f.Fix = kit.Busy, "try again when nobody writes it"
		return f
	}
	return nil
}
