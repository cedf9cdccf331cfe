package depot

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"hash/fnv"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"unicode"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

func readOp(k Kind) kit.Op {
	return kit.Op{
		ID: "read", Title: "Read a file", Effect: kit.Reads,
		Summary: "Gives a file as one record with its text, lines or bytes, or a record for each row or value in it.",
		Words:   []string{"load", "open", "text", "base64", "binary", "content", "lines", "csv", "json", "import", "source"},
		New:     func() kit.Operation { return newRead(k) },
		Examples: []kit.Example{{
			Title: "Each file of a list, as text",
			With:  k.example(flow.Values{}),
			Map:   "{path: .path}",
		}},
	}
}

// The forms in which a file is one record; each is the name of its member, too. The
// other forms are formats.
const (
	asText   = "text"
	asLines  = "lines"
	asBase64 = "base64"
)

// read gives the content of one file.
type read struct {
	Settings
	Path    string
	As      string
	formats []format
}

func newRead(k Kind) *read {
	return &read{Settings: k.Settings(), As: asText, formats: formatsOf(k.Formats)}
}

func (r *read) Fields() kit.Fields {
	choices := []kit.Choice{
		{Value: asText, Label: "One record with its text"},
		{Value: asLines, Label: "One record with a list of its lines"},
		{Value: asBase64, Label: "One record with its bytes in base64"},
	}
	for _, f := range r.formats {
		choices = append(choices, kit.Choice{Value: f.id, Label: f.title + ", a record for each row or value"})
	}
	own := kit.Fields{pathField(&r.Path), kit.Pick(&r.As, "as", "Read it as", choices...)}
	return withSettings(r.Settings, append(own, formatFields(r.formats, &r.As)...)...)
}

// largest is how many bytes may go into one record.
const largest = 64 << 20

// Read gives one page: all of it, or of a format what that gives.
func (r *read) Read(ctx context.Context, env kit.Env, after flow.Cursor) (kit.Page, error) {
	for _, f := range r.formats {
		if f.id == r.As {
			return r.rows(ctx, env, f, after)
		}
	}
	s, err := open(ctx, env, r.Settings)
	if err != nil {
		return kit.Page{}, err
	}
	defer s.Close()
	info, err := s.there(ctx, r.Path)
	if err != nil {
		return kit.Page{}, err
	}
	content, err := r.content(ctx, s, info)
	if err != nil {
		return kit.Page{}, err
	}
	record := s.record(info)
	if err := r.put(record, content); err != nil {
		return kit.Page{}, err
	}
	return kit.Page{Data: []any{record}}, nil
}

// there finds the file that a setting names.
func (s *site) there(ctx context.Context, text string) (Info, error) {
	p, err := s.file(ctx, text, "path", true)
	if err != nil {
		return Info{}, err
	}
	info, err := s.Stat(ctx, p)
	switch {
	case err != nil:
		return Info{}, on(s.told("read", p, err), "path")
	case info.Dir:
		return Info{}, kit.Fail(kit.Invalid, "%s is a folder", text).On("path").Hint("name a file in it")
	}
	info.Path = p
	return info, nil
}

func (r *read) content(ctx context.Context, s *site, info Info) ([]byte, error) {
	tooLarge := kit.Fail(kit.Invalid, "%s has more than 64 MB, too many for one record", r.Path).On("path").
		Hint("read it row by row as one of the other formats, or download it")
	if info.Size > largest {
		return nil, tooLarge
	}
	from, err := s.Open(ctx, info.Path, 0)
	if err != nil {
		return nil, on(s.told("read", info.Path, err), "path")
	}
	content, err := io.ReadAll(io.LimitReader(from, largest+1))
	if err = errors.Join(err, from.Close()); err != nil {
		return nil, s.told("read", info.Path, err)
	}
	if len(content) > largest {
		return nil, tooLarge
	}
	return content, nil
}

// put sets the content in the form that is wanted.
func (r *read) put(record map[string]any, content []byte) error {
	if r.As == asBase64 {
		record[asBase64] = base64.StdEncoding.EncodeToString(content)
		return nil
	}
	text, err := kit.PlainText(r.Path, content)
	switch {
	case err != nil:
		return kit.AsFailure(err).On("as").Hint("read it as base64, or as CSV, which knows other encodings")
	case r.As == asLines:
		record[asLines] = kit.Lines(text)
	default:
		record[asText] = text
	}
	return nil
}

// reading is where the next page of a format begins.
type reading struct {
	Version string          `json:"version"` // of the file that is read
	Place   json.RawMessage `json:"place"`   // the format's own
}

// rows gives a page of a format, from a copy of the file that is fetched for the first
// page and removed after the last one.
func (r *read) rows(ctx context.Context, env kit.Env, f format, after flow.Cursor) (kit.Page, error) {
	var at reading
	if len(after) > 0 {
		if err := json.Unmarshal(after, &at); err != nil {
			return kit.Page{}, kit.Fail(kit.Invalid, "the stored cursor cannot be read: %w", err).Hint("start a new run")
		}
	}
	file := filepath.Join(r.room(env), localName(path.Base(meant(r.Path))))
	if _, err := os.Stat(file); err != nil || at.Version == "" {
		version, err := r.fetch(ctx, env, file, at.Version)
		if err != nil {
			return kit.Page{}, err
		}
		at.Version = version
	}
	inner, err := pointed(env, f, file)
	if err != nil {
		return kit.Page{}, err
	}
	page, err := f.source.Read(ctx, inner, flow.Cursor(at.Place))
	if err != nil {
		return kit.Page{}, err
	}
	page.Mark = nil
	if !page.More {
		return page, os.RemoveAll(filepath.Dir(file))
	}
	at.Place = json.RawMessage(page.Next)
	page.Next, err = json.Marshal(at)
	return page, err
}

// room is a folder of this run's own for a copy of the file.
func (r *read) room(env kit.Env) string {
	h := fnv.New64a()
	h.Write([]byte(r.Path))
	return env.InScratch("fetched-" + hex.EncodeToString(h.Sum(nil)))
}

// pointed sets the format's file, which it calls by its name alone.
func pointed(env kit.Env, f format, file string) (kit.Env, error) {
	field, ok := f.fields.Field("path")
	if !ok {
		return env, kit.Fail(kit.Invalid, "%s reads no files", f.title).On("as")
	}
	env.Dir = filepath.Dir(file)
	return env, field.Set(filepath.Base(file))
}

// fetch brings the file here. version, if any, is the one that it has to be.
func (r *read) fetch(ctx context.Context, env kit.Env, file, version string) (string, error) {
	s, err := open(ctx, env, r.Settings)
	if err != nil {
		return "", err
	}
	defer s.Close()
	info, err := s.there(ctx, r.Path)
	if err != nil {
		return "", err
	}
	if version != "" && info.Tag() != version {
		return "", kit.Fail(kit.Refused, "%s was exchanged while it was read", r.Path).On("path").
			Hint("start a new run, which reads it from its beginning")
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return "", kit.FailFile("make the folder", filepath.Dir(file), err)
	}
	return info.Tag(), s.download(ctx, info, file)
}

// localName is a name that any system takes for a file.
func localName(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar || strings.ContainsRune(`/\:*?"<>|`, r) {
			return '_'
		}
		return r
	}, name)
	if len(name) > 120 {
		name = name[len(name)-120:]
	}
	name = strings.Trim(strings.ToValidUTF8(name, "_"), " .")
	if name == "" {
		return "file"
	}
	return name
}

// described is how much of a file is fetched to see what is in it.
const described = 256 << 10

// Describe tells the shape of the records.
func (r *read) Describe(ctx context.Context, env kit.Env) (in, out flow.Schema, err error) {
	for _, f := range r.formats {
		if f.id == r.As {
			return r.describe(ctx, env, f)
		}
	}
	shape := flow.Of(flow.String)
	if r.As == asLines {
		shape = flow.ListOf(shape)
	}
	return in, recordSchema(flow.Property{Name: r.As, Required: true, Schema: shape}), nil
}

// describe asks the format, which sees the beginning of the file.
func (r *read) describe(ctx context.Context, env kit.Env, f format) (in, out flow.Schema, err error) {
	asked, ok := f.source.(kit.Describer)
	if !ok {
		return in, out, nil
	}
	s, err := open(ctx, env, r.Settings)
	if err != nil {
		return in, out, err
	}
	defer s.Close()
	info, err := s.there(ctx, r.Path)
	if err != nil {
		return in, out, err
	}
	dir, err := os.MkdirTemp("", "jackfield-")
	if err != nil {
		return in, out, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, localName(path.Base(info.Path)))
	if err := s.head(ctx, info, file); err != nil {
		return in, out, err
	}
	inner, err := pointed(env, f, file)
	if err != nil {
		return in, out, err
	}
	return asked.Describe(ctx, inner)
}

// head fetches the beginning of a file.
func (s *site) head(ctx context.Context, info Info, file string) error {
	from, err := s.Open(ctx, info.Path, 0)
	if err != nil {
		return s.told("read", info.Path, err)
	}
	defer from.Close()
	b, err := io.ReadAll(io.LimitReader(from, described))
	if err != nil {
		return s.told("read", info.Path, err)
	}
	return os.WriteFile(file, b, fs.FileMode(0o600))
}
