package depot

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

func uploadOp(k Kind) kit.Op {
	return kit.Op{
		ID: "upload", Title: "Upload a file", Effect: kit.Repeatable, Icon: "upload",
		Summary: "Puts a file of this machine, a text or bytes there, whole or not at all.",
		Words:   []string{"send", "put", "write", "save", "store", "copy", "push", "create"},
		New:     func() kit.Operation { return &upload{Settings: k.Settings(), Mode: overwrite} },
		In:      flow.Of(flow.String),
		Out:     recordSchema(),
		Examples: []kit.Example{{
			Title: "A file of this machine",
			With:  k.example(flow.Values{"path": "outbox/report.pdf", "from": "report.pdf"}),
		}, {
			Title: "A file for each order, made of the record",
			With:  k.example(flow.Values{"folders": true}),
			Map:   `{path: "orders/\(.id).json", text: tojson}`,
		}},
	}
}

// The modes of writing.
const (
	overwrite = "overwrite"
	onlyNew   = "new"
)

// upload puts one file there.
type upload struct {
	Settings
	Path    string
	Text    string
	Base64  string
	From    string
	Mode    string
	Version string
	Folders bool
}

func (u *upload) Fields() kit.Fields {
	return withSettings(u.Settings,
		kit.Text(&u.Path, "path", "File there").Needed().Eg("outbox/orders.csv").
			Help("Its path from the connection's folder on. Where it ends with a slash, the file gets the name that it has here."),
		kit.File(&u.From, "from", "File here").Eg("orders.csv").Help("A relative path starts at the flow file's folder."),
		kit.Long(&u.Text, "text", "Or a text").AsMain(),
		kit.Text(&u.Base64, "base64", "Or bytes in base64").More(),
		modeField(&u.Mode, "Fail, unless it holds the same"),
		kit.Text(&u.Version, "version", "Only in place of this version").More().
			Help("The version that a list told; where the file is another one by now, it fails."),
		foldersField(&u.Folders),
	)
}

func modeField(p *string, fails string) kit.Field {
	return kit.Pick(p, "mode", "If the file is there",
		kit.Choice{Value: overwrite, Label: "Overwrite it"}, kit.Choice{Value: onlyNew, Label: fails})
}

func foldersField(p *bool) kit.Field { return kit.Toggle(p, "folders", "Make missing folders") }

// content is what is to be uploaded: it can be read again from its beginning.
type content struct {
	io.ReadSeeker
	size  int64
	name  string // of the file here; "" where it is none
	close func() error
}

// Run puts one file there.
func (u *upload) Run(ctx context.Context, env kit.Env, rec flow.Record) (kit.Result, error) {
	what, err := u.content(env)
	if err != nil {
		return kit.Result{}, err
	}
	defer what.close()
	s, err := open(ctx, env, u.Settings)
	if err != nil {
		return kit.Result{}, err
	}
	defer s.Close()
	target := u.Path
	if strings.HasSuffix(target, "/") {
		if what.name == "" {
			return kit.Result{}, kit.Fail(kit.Invalid, "%s names a folder, and the content has no name", u.Path).On("path").Hint("name the file too")
		}
		target += shown(what.name)
	}
	p, err := s.file(ctx, target, "path", false)
	if err != nil {
		return kit.Result{}, err
	}
	if u.Folders {
		if err := s.makeDirs(ctx, path.Dir(p)); err != nil {
			return kit.Result{}, err
		}
	}
	if err := s.upload(ctx, p, what, Only{New: u.Mode == onlyNew, Version: meant(u.Version)}, env.Key(rec.ID)); err != nil {
		return kit.Result{}, err
	}
	info, err := s.Stat(ctx, p)
	if err != nil {
		return kit.Result{}, s.told("look at", p, err)
	}
	info.Path = p
	return kit.Give(s.record(info)), nil
}

// content finds the one thing that is to be uploaded.
func (u *upload) content(env kit.Env) (content, error) {
	given := 0
	for _, text := range []string{u.From, u.Text, u.Base64} {
		if text != "" {
			given++
		}
	}
	if given > 1 {
		return content{}, kit.Fail(kit.Invalid, "more than one of a file, a text and bytes is given").On("from").Hint("give one of them")
	}
	if u.From != "" {
		return localFile(env, u.From)
	}
	b := []byte(u.Text)
	if u.Base64 != "" {
		var err error
		if b, err = base64.StdEncoding.DecodeString(u.Base64); err != nil {
			return content{}, kit.Fail(kit.Invalid, "this is not base64: %w", err).On("base64")
		}
	}
	return content{ReadSeeker: bytes.NewReader(b), size: int64(len(b)), close: func() error { return nil }}, nil
}

func localFile(env kit.Env, from string) (content, error) {
	file, err := env.Open(from)
	if err != nil {
		return content{}, kit.AsFailure(err).On("from")
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return content{}, kit.FailFile("read", from, err).On("from")
	}
	return content{ReadSeeker: &steady{file: file, name: from}, size: info.Size(), name: filepath.Base(from), close: file.Close}, nil
}

// steady reads a file of this machine, and says so where that goes wrong.
type steady struct {
	file *os.File
	name string
}

func (r *steady) Read(b []byte) (int, error) {
	n, err := r.file.Read(b)
	if err != nil && err != io.EOF {
		err = kit.FailFile("read", r.name, err).On("from")
	}
	return n, err
}

func (r *steady) Seek(offset int64, whence int) (int64, error) { return r.file.Seek(offset, whence) }

// upload puts content at a path: beside it first, where the store does not put whole
// files in place itself. key is the same for each attempt, so that one takes over what
// another one left.
func (s *site) upload(ctx context.Context, p string, what content, only Only, key string) error {
	err := s.expects(ctx, p, only)
	if err == nil {
		err = s.place(ctx, p, what, only, key)
	}
	if errors.Is(err, fs.ErrExist) && only.New {
		if same, err := s.holds(ctx, p, what); err != nil || same {
			return err
		}
	}
	if err != nil {
		return s.told("write", p, err)
	}
	return nil
}

// expects looks whether the target is what it has to be.
func (s *site) expects(ctx context.Context, p string, only Only) error {
	there, err := s.Stat(ctx, p)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if only.Version != "" {
			return ErrChanged
		}
		return nil
	case err != nil:
		return err
	case there.Dir:
		return kit.Fail(kit.Invalid, "%s is a folder", relative(s.base, p)).On("path").Hint("name a file in it")
	case only.New:
		return fs.ErrExist
	case only.Version != "" && there.Tag() != only.Version:
		return ErrChanged
	}
	return nil
}

func (s *site) place(ctx context.Context, p string, what content, only Only, key string) error {
	if whole, ok := s.Store.(Whole); ok && whole.Whole() {
		return s.write(ctx, p, what, only)
	}
	part := path.Join(path.Dir(p), partName(path.Base(p), key))
	err := s.write(ctx, part, what, Only{})
	if err == nil {
		err = s.arrived(ctx, part, what.size)
	}
	if err == nil {
		err = s.expects(ctx, p, only)
	}
	if err == nil {
		err = s.Rename(ctx, part, p, only)
	}
	if err != nil {
		s.sweep(ctx, part)
	}
	return err
}

func (s *site) write(ctx context.Context, p string, what content, only Only) error {
	if _, err := what.Seek(0, io.SeekStart); err != nil {
		return err
	}
	counted := &counting{from: io.LimitReader(what, what.size)}
	if err := s.Write(ctx, p, counted, what.size, only); err != nil {
		return err
	}
	if counted.n < what.size {
		return kit.Fail(kit.Busy, "%s became shorter while it was sent", what.name).On("from").Hint("try again when nobody writes it")
	}
	return nil
}

// counting counts what was read.
type counting struct {
	from io.Reader
	n    int64
}

func (c *counting) Read(b []byte) (int, error) {
	n, err := c.from.Read(b)
	c.n += int64(n)
	return n, err
}

// arrived wants that as much is there as was sent.
func (s *site) arrived(ctx context.Context, p string, size int64) error {
	there, err := s.Stat(ctx, p)
	if err != nil {
		return err
	}
	if there.Size != size {
		return kit.Fail(kit.Unavailable, "only %d of %d bytes arrived", there.Size, size).
			Hint("see whether there is room on the other side, then retry")
	}
	return nil
}

// sweepTime is how long what is left of an upload may take to be removed.
const sweepTime = 5 * time.Second

// sweep removes what is left of an upload, if that can be; else the next attempt writes
// over it.
func (s *site) sweep(ctx context.Context, part string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sweepTime)
	defer cancel()
	_ = s.Remove(ctx, part, false)
}

// holds says whether a file there has the content already.
func (s *site) holds(ctx context.Context, p string, what content) (bool, error) {
	there, err := s.Stat(ctx, p)
	if err != nil || there.Size != what.size {
		return false, nil
	}
	from, err := s.Open(ctx, p, 0)
	if err != nil {
		return false, s.told("read", p, err)
	}
	defer from.Close()
	if _, err := what.Seek(0, io.SeekStart); err != nil {
		return false, s.told("read", p, err)
	}
	mine, theirs := make([]byte, 64<<10), make([]byte, 64<<10)
	for {
		n, err := io.ReadFull(what, mine)
		m, theirErr := io.ReadFull(from, theirs)
		if n != m || !bytes.Equal(mine[:n], theirs[:m]) {
			return false, nil
		}
		if err != nil {
			return theirErr == io.EOF || theirErr == io.ErrUnexpectedEOF, nil
		}
		if theirErr != nil {
			return false, s.told("read", p, theirErr)
		}
	}
}

// makeDirs makes the folders on the way to one, and that one.
func (s *site) makeDirs(ctx context.Context, dir string) error {
	if !below(s.base, dir) || dir == s.base {
		return nil
	}
	if there, err := s.Stat(ctx, dir); err == nil && there.Dir {
		return nil
	}
	if err := s.makeDirs(ctx, path.Dir(dir)); err != nil {
		return err
	}
	if err := s.MakeDir(ctx, dir); err != nil && !errors.Is(err, fs.ErrExist) {
		return s.told("make the folder", dir, err)
	}
	return nil
}
