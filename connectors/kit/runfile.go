package kit

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
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
// away. Both are on disk before a batch counts as done. They go there at the same time:
// the line has a checksum of the batch, which tells whether both have come there. A run
// that is resumed after its end takes the published file up again.
type RunFile struct {
	Target string // its place: absolute, with links followed
	start  journalStart
	path   string // of the gathered file, without its ending
	lines  []byte // the journal, as far as its lines are whole
	last   journalLine
	unsure bool // the last line may not be on disk, nor what it speaks of
}

// journalStart is the first line of a journal.
type journalStart struct {
	Target string          `json:"target"`
	Append bool            `json:"append,omitempty"`
	Note   json.RawMessage `json:"note,omitempty"`
	End    int64           `json:"end"`
}

// journalLine is any other. End is the length that the gathered file then has. Behind a
// line whose syncs are done stands an empty one.
type journalLine struct {
	Batch     string  `json:"batch,omitempty"`   // it was added
	From      int64   `json:"from,omitempty"`    // where it begins
	Sum       *uint32 `json:"sum,omitempty"`     // its CRC-32C; without one it was on disk before its line was
	Publish   string  `json:"publish,omitempty"` // this file is about to take the target's place
	Size      int64   `json:"size,omitempty"`    // its length
	Published *stamp  `json:"published,omitempty"`
	End       int64   `json:"end"`
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
	f.lines, f.unsure = nil, false
	if err := f.journal(start); err != nil {
		return err
	}
	f.start = start
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
	if err := f.assure(); err != nil {
		return err
	}
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
	sum := crc32.Checksum(data, castagnoli)
	return f.add(data, journalLine{Batch: batch, From: f.last.End, Sum: &sum, End: f.last.End + int64(len(data))})
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// add writes a batch and its line, and makes both durable at once.
func (f *RunFile) add(data []byte, line journalLine) error {
	text, err := lineOf(line)
	if err != nil {
		return fmt.Errorf("write the journal of %s: %w", f.Target, err)
	}
	part, err := f.openPart(line.From)
	if err != nil {
		return err
	}
	journal, err := f.openJournal()
	if err != nil {
		part.Close()
		return err
	}
	err = part.put(data)
	if err == nil {
		err = journal.put(text)
	}
	if err == nil {
		err = syncBoth(part.File, journal.File)
	}
	if err == nil {
		f.written(text, line, journal)
	} else { // the line first: without it the rest counts for nothing
		journal.undo()
		part.undo()
	}
	if err = errors.Join(err, part.Close(), journal.Close()); err != nil {
		return FailFile("write", f.path+partEnding, firstOf(err))
	}
	return nil
}

func syncBoth(a, b *os.File) error {
	other := make(chan error, 1)
	go func() { other <- b.Sync() }()
	return errors.Join(a.Sync(), <-other)
}

// written notes that a line is on disk, with what it speaks of.
func (f *RunFile) written(text []byte, line journalLine, journal tail) {
	f.lines, f.last = append(f.lines, text...), line
	journal.at = int64(len(f.lines))
	if journal.put([]byte{'\n'}) == nil {
		f.lines = append(f.lines, '\n')
	} else {
		journal.undo() // then the next one makes sure
	}
}

// tail is a file that is written to from a place on, which is its end.
type tail struct {
	*os.File
	at int64
}

func (t tail) put(data []byte) error {
	_, err := t.WriteAt(data, t.at)
	return err
}

func (t tail) undo() { t.Truncate(t.at) }

// openTail cuts a file at a place. One that ends before it is too short.
func openTail(path string, at int64, mode fs.FileMode) (t tail, short bool, err error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, mode)
	if err != nil {
		return t, false, FailFile("write", path, err)
	}
	info, err := file.Stat()
	if err == nil && info.Size() > at {
		err = file.Truncate(at)
	}
	if err != nil {
		file.Close()
		return t, false, FailFile("write", path, err)
	}
	return tail{file, at}, info.Size() < at, nil
}

func (f *RunFile) openPart(at int64) (tail, error) {
	t, short, err := openTail(f.path+partEnding, at, 0o666)
	if short {
		t.Close()
		return t, f.lost()
	}
	return t, err
}

func (f *RunFile) openJournal() (tail, error) {
	t, short, err := openTail(f.path+journalEnding, int64(len(f.lines)), 0o600)
	if short {
		t.Close()
		return t, f.lost()
	}
	return t, err
}

// writePart cuts the gathered file at offset, puts data there and makes it durable.
func (f *RunFile) writePart(offset int64, data []byte) error {
	part, err := f.openPart(offset)
	if err != nil {
		return err
	}
	if err = part.put(data); err == nil {
		err = part.Sync()
	}
	if err != nil {
		part.undo()
	}
	if err = errors.Join(err, part.Close()); err != nil {
		return FailFile("write", f.path+partEnding, firstOf(err))
	}
	return nil
}

// journal writes a line behind the whole ones and makes it durable. What it speaks of
// is on disk already.
func (f *RunFile) journal(line any) error {
	text, err := lineOf(line)
	if err != nil {
		return fmt.Errorf("write the journal of %s: %w", f.Target, err)
	}
	journal, err := f.openJournal()
	if err != nil {
		return err
	}
	if err = journal.put(text); err == nil {
		err = journal.Sync()
	}
	if err == nil {
		last, _ := line.(journalLine)
		if start, ok := line.(journalStart); ok {
			last.End = start.End
			syncFolder(filepath.Dir(f.path))
		}
		f.written(text, last, journal)
	} else {
		journal.undo()
	}
	if err = errors.Join(err, journal.Close()); err != nil {
		return FailFile("write", f.path+journalEnding, firstOf(err))
	}
	return nil
}

func lineOf(line any) ([]byte, error) {
	text, err := json.Marshal(line)
	return append(text, '\n'), err
}

// load reads the journal. A last line that is not whole was never acted upon, nor one
// whose batch is not.
func (f *RunFile) load() error {
	text, err := os.ReadFile(f.path + journalEnding)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return FailFile("read", f.path+journalEnding, err)
	}
	f.lines = text[:bytes.LastIndexByte(text, '\n')+1]
	f.unsure = !f.marked()
	if f.unsure && bytes.IndexByte(f.lastLine(), 0) >= 0 { // the disk kept room for it, and nothing in it
		f.dropLine()
	}
	if len(f.lines) == 0 {
		return nil
	}
	if err := f.parse(); err != nil {
		return err
	}
	if f.unsure && f.last.Sum != nil && !f.holds(f.last) {
		f.dropLine()
		return f.parse()
	}
	return nil
}

// lastLine is the last one in the journal that is not empty.
func (f *RunFile) lastLine() []byte {
	lines := bytes.TrimRight(f.lines, "\n")
	return lines[bytes.LastIndexByte(lines, '\n')+1:]
}

func (f *RunFile) dropLine() {
	f.lines = bytes.TrimSuffix(bytes.TrimRight(f.lines, "\n"), f.lastLine())
	f.unsure = !f.marked()
}

// marked says whether an empty line ends the journal: all before it is on disk.
func (f *RunFile) marked() bool { return bytes.HasSuffix(f.lines, []byte("\n\n")) }

func (f *RunFile) parse() error {
	first, _, _ := bytes.Cut(f.lines, []byte{'\n'})
	f.last = journalLine{}
	if err := errors.Join(json.Unmarshal(first, &f.start), json.Unmarshal(f.lastLine(), &f.last)); err != nil {
		return Fail(Malformed, "the journal %s is damaged: %w", f.path+journalEnding, err).
			Hint("replay the run to write %s anew", f.Target)
	}
	f.Target = f.start.Target
	return nil
}

// holds says whether the batch of a line is whole.
func (f *RunFile) holds(line journalLine) bool {
	part, err := os.Open(f.path + partEnding)
	if err != nil {
		return false
	}
	defer part.Close()
	sum := crc32.New(castagnoli)
	n, err := io.Copy(sum, io.NewSectionReader(part, line.From, line.End-line.From))
	return err == nil && n == line.End-line.From && sum.Sum32() == *line.Sum
}

// assure makes durable what a program that ended in the middle may have left to the
// system to write.
func (f *RunFile) assure() error {
	if !f.unsure {
		return nil
	}
	journal, err := f.openJournal()
	if err != nil {
		return err
	}
	defer journal.Close()
	part, err := os.OpenFile(f.path+partEnding, os.O_RDWR, 0)
	switch {
	case err == nil:
		err = errors.Join(syncBoth(part, journal.File), part.Close())
	case errors.Is(err, fs.ErrNotExist): // it took the target's place
		err = journal.Sync()
	}
	if err != nil {
		return FailFile("write", f.path+partEnding, firstOf(err))
	}
	syncFolder(filepath.Dir(f.path))
	f.written(nil, f.last, journal)
	f.unsure = false
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
