package kit

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"jackfield/flow"
)

// RunFile is a file that a step writes in the batches of one run, and that shows in
// its place when the run ends: until then others see the old file, after that the
// whole new one.
//
// The batches gather in a file of the run's scratch folder. A journal beside it has
// a line for each batch with the length that the file had behind it, so a batch that
// is performed again after a crash changes nothing, and what a crash tore off is cut
// away. Both are on disk before a batch counts as done. A run that is resumed after
// its end takes the published file up again.
type RunFile struct {
	Target string // its place: absolute, with links followed
	start  journalStart
	path   string // of the gathered file, without its ending
	lines  []byte // the journal, as far as its lines are whole
	last   journalLine
}

// journalStart is the first line of a journal.
type journalStart struct {
	Target string          `json:"target"`
	Append bool            `json:"append,omitempty"`
	Note   json.RawMessage `json:"note,omitempty"`
	End    int64           `json:"end"`
}

// journalLine is any other. End is the length that the gathered file then has.
type journalLine struct {
	Batch     string `json:"batch,omitempty"`   // it was added
	Publish   string `json:"publish,omitempty"` // this file is about to take the target's place
	Size      int64  `json:"size,omitempty"`    // its length
	Published *stamp `json:"published,omitempty"`
	End       int64  `json:"end"`
}

// stamp recognises a file that nobody has touched since.
type stamp struct {
	Size     int64 `json:"size"`
	Modified int64 `json:"modified"` // in nanoseconds since 1970
}

// OpenRunFile takes up the file that this step of this run writes to path.
func OpenRunFile(env Env, path string) (*RunFile, error) {
	if path == "" {
		return nil, Fail(Invalid, "the path is empty").On("path")
	}
	target := resolve(env.Path(path))
	sum := sha256.Sum256([]byte(target))
	f := &RunFile{Target: target, path: filepath.Join(env.scratch(), hex.EncodeToString(sum[:8]))}
	return f, f.load()
}

// RunFiles lists the files that this step of this run has begun.
func RunFiles(env Env) ([]*RunFile, error) {
	entries, err := os.ReadDir(env.scratch())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, FailFile("list", env.scratch(), err)
	}
	var files []*RunFile
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), journalEnding)
		if !ok {
			continue
		}
		f := &RunFile{path: filepath.Join(env.scratch(), name)}
		if err := f.load(); err != nil {
			return nil, err
		}
		if f.Begun() {
			files = append(files, f)
		}
	}
	return files, nil
}

// BatchKey names a batch by its records: the same batch has the same key on every
// attempt of a run.
func BatchKey(env Env, batch flow.Batch) string {
	text := append([]byte(nil), env.Key("")...)
	for _, r := range batch {
		text = append(append(text, 0), r.ID...)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:12])
}

const (
	partEnding    = ".part"
	journalEnding = ".journal"
)

// Begun says whether the file has been begun in this run.
func (f *RunFile) Begun() bool { return f.start.Target != "" }

// Appends says whether the file was begun to be appended to what is there.
func (f *RunFile) Appends() bool { return f.start.Append }

// Empty says whether nothing was added behind the head yet; for a file that is
// appended to, since it was published last.
func (f *RunFile) Empty() bool { return f.last.End == f.start.End }

// Note is what Begin was told to keep.
func (f *RunFile) Note() json.RawMessage { return f.start.Note }

// Begin starts the file: head is what it begins with, note what the operation needs
// to know at the next batch. It tells at once when the target cannot be written.
func (f *RunFile) Begin(appends bool, head []byte, note any) error {
	text, err := json.Marshal(note)
	if err != nil {
		return fmt.Errorf("begin %s: %w", f.Target, err)
	}
	if err := f.try(); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(f.path), 0o700); err != nil {
		return FailFile("write", f.path, err)
	}
	if err := f.writePart(0, head); err != nil {
		return err
	}
	start := journalStart{Target: f.Target, Append: appends, Note: text, End: int64(len(head))}
	f.lines, f.last = nil, journalLine{End: start.End}
	if err := f.journal(start); err != nil {
		return err
	}
	f.start = start
	syncFolder(filepath.Dir(f.path))
	return nil
}

// try finds out whether the target's folder takes a file.
func (f *RunFile) try() error {
	temp, err := createBeside(f.Target)
	if err != nil {
		return FailFile("write", f.Target, err).On("path")
	}
	temp.Close()
	os.Remove(temp.Name())
	return nil
}

// Add puts data behind what is there, once for each batch key. It is on disk when
// Add returns; on an error nothing was added.
func (f *RunFile) Add(batch string, data []byte) error {
	if len(data) == 0 || bytes.Contains(f.lines, fmt.Appendf(nil, `{"batch":%q,`, batch)) {
		return nil
	}
	if err := f.settle(); err != nil {
		return err
	}
	if f.last.Published != nil {
		if err := f.restore(); err != nil {
			return err
		}
	}
	if err := f.writePart(f.last.End, data); err != nil {
		return err
	}
	return f.journal(journalLine{Batch: batch, End: f.last.End + int64(len(data))})
}

// writePart cuts the gathered file at offset, puts data there and makes it durable.
func (f *RunFile) writePart(offset int64, data []byte) error {
	part, err := os.OpenFile(f.path+partEnding, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return FailFile("write", f.path+partEnding, err)
	}
	info, err := part.Stat()
	if err == nil && info.Size() < offset {
		part.Close()
		return f.lost()
	}
	if err == nil {
		err = part.Truncate(offset)
	}
	if err == nil {
		_, err = part.WriteAt(data, offset)
	}
	if err == nil {
		err = part.Sync()
	}
	if err != nil {
		part.Truncate(offset)
	}
	if err = errors.Join(err, part.Close()); err != nil {
		return FailFile("write", f.path+partEnding, firstOf(err))
	}
	return nil
}

// load reads the journal. A last line that is not whole was never acted upon.
func (f *RunFile) load() error {
	text, err := os.ReadFile(f.path + journalEnding)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return FailFile("read", f.path+journalEnding, err)
	}
	f.lines = text[:bytes.LastIndexByte(text, '\n')+1]
	if len(f.lines) == 0 {
		return nil
	}
	all := bytes.TrimSuffix(f.lines, []byte{'\n'})
	first, _, _ := bytes.Cut(all, []byte{'\n'})
	last := all[bytes.LastIndexByte(all, '\n')+1:]
	if err := errors.Join(json.Unmarshal(first, &f.start), json.Unmarshal(last, &f.last)); err != nil {
		return Fail(Malformed, "the journal %s is damaged: %w", f.path+journalEnding, err).
			Hint("replay the run to write %s anew", f.Target)
	}
	f.Target = f.start.Target
	return nil
}

// journal writes a line behind the whole ones and makes it durable.
func (f *RunFile) journal(line any) error {
	text, err := json.Marshal(line)
	if err != nil {
		return fmt.Errorf("write the journal of %s: %w", f.Target, err)
	}
	text = append(text, '\n')
	file, err := os.OpenFile(f.path+journalEnding, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return FailFile("write", f.path+journalEnding, err)
	}
	whole := int64(len(f.lines))
	err = file.Truncate(whole)
	if err == nil {
		_, err = file.WriteAt(text, whole)
	}
	if err == nil {
		err = file.Sync()
	}
	if err != nil {
		file.Truncate(whole)
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return FailFile("write", f.path+journalEnding, firstOf(err))
	}
	f.lines = append(f.lines, text...)
	if l, ok := line.(journalLine); ok {
		f.last = l
	}
	return nil
}

// stampOf is the zero stamp where there is no file.
func stampOf(path string) stamp {
	info, err := os.Stat(path)
	if err != nil {
		return stamp{}
	}
	return stamp{Size: info.Size(), Modified: info.ModTime().UnixNano()}
}

// scratch is the folder of this step in this run.
func (e Env) scratch() string {
	dir := e.Scratch
	if dir == "" {
		dir = filepath.Join(e.Dir, ".jackfield", string(e.Run))
	}
	return filepath.Join(dir, string(e.Step))
}
