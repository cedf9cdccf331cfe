package kit

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"

	"jackfield/flow/value"
)

// Keyed is an entry of a Sorter: bytes to go by, mostly from value.AppendKey, and
// whatever belongs to them.
type Keyed struct{ Key, Data []byte }

// Sorter puts entries in order of their keys that may be more than memory holds. As
// long as they fit into its room they stay there; what is more goes to the step's
// scratch folder in sorted stretches, which are merged while they are read back. Those
// with the same key keep the order in which they came.
//
// It serves one goroutine. Its files are of use to nobody else: they are removed by
// Close, overwritten by the next Sorter of this step and name, and go with the run.
type Sorter struct {
	path    string // of its files, without their numbers
	room    int    // bytes in memory
	width   int    // how many stretches are read side by side
	arena   []byte // keys and data of what is not in a file yet
	entries []sortEntry
	levels  []*level
	out     *bufio.Writer
	head    []byte
	record  []byte
	decoder value.Decoder
	count   int
	err     error // after which nothing more is taken
}

// sortEntry says where in the arena an entry lies. Its first bytes are at hand, since
// most comparisons need no more.
type sortEntry struct {
	first     uint64
	at        int
	key, data int32
}

// level is a file of sorted stretches that follow one another. Those of a higher level
// are older, and each is merged of as many as a level below holds.
type level struct {
	file *os.File
	ends []int64
}

const (
	sorterRoom   = 8 << 20
	mergeWidth   = 512
	mergeBuffer  = 16 << 10
	entryWeight  = 24
	longestEntry = 1 << 30
)

// NewSorter makes an empty one for a step. The name tells it from others that the step
// has at the same time.
func NewSorter(env Env, name string) *Sorter {
	return &Sorter{path: filepath.Join(env.scratch(), "sort-"+name), room: sorterRoom, width: mergeWidth}
}

// Len is how many entries were added.
func (s *Sorter) Len() int { return s.count }

// Add takes an entry; key and data may be used on afterwards. After an error, such as
// that of a full disk, it gives the same one again.
func (s *Sorter) Add(ctx context.Context, key, data []byte) error {
	if s.err != nil {
		return s.err
	}
	if len(key) > longestEntry || len(data) > longestEntry {
		return Fail(Refused, "a record of %d bytes is too long to be put in order", len(key)+len(data))
	}
	if weight := len(key) + len(data) + entryWeight; len(s.entries) > 0 && s.weight()+weight > s.room {
		if s.err = s.spill(ctx); s.err != nil {
			return s.err
		}
	}
	if n := len(s.arena) + len(key) + len(data); n > 1<<20 && n <= s.room && cap(s.arena) < s.room {
		s.arena = append(make([]byte, 0, s.room), s.arena...) // at once, not copy by copy
	}
	e := sortEntry{at: len(s.arena), key: int32(len(key)), data: int32(len(data))}
	var first [8]byte
	copy(first[:], key)
	e.first = binary.BigEndian.Uint64(first[:])
	s.arena = append(append(s.arena, key...), data...)
	s.entries = append(s.entries, e)
	s.count++
	return nil
}

func (s *Sorter) weight() int { return len(s.arena) + entryWeight*len(s.entries) }

// Sorted yields the entries in order. They hold until the next one is asked for.
func (s *Sorter) Sorted(ctx context.Context) iter.Seq2[Keyed, error] {
	return func(yield func(Keyed, error) bool) {
		if s.err != nil {
			yield(Keyed{}, s.err)
			return
		}
		s.arrange()
		if len(s.levels) == 0 {
			s.eachInMemory(ctx, yield)
			return
		}
		m := &merge{}
		for _, l := range slices.Backward(s.levels) {
			m.addFile(l)
		}
		m.stretches = append(m.stretches, &stretch{entries: s.entries, arena: s.arena})
		for k, err := range m.all(ctx) {
			if !yield(k, err) || err != nil {
				return
			}
		}
	}
}

func (s *Sorter) eachInMemory(ctx context.Context, yield func(Keyed, error) bool) {
	for i, e := range s.entries {
		if i%1024 == 0 && ctx.Err() != nil {
			yield(Keyed{}, context.Cause(ctx))
			return
		}
		if !yield(e.in(s.arena), nil) {
			return
		}
	}
}

// Close removes what the Sorter has on disk and lets go of its memory.
func (s *Sorter) Close() error {
	var errs []error
	for _, l := range s.levels {
		if l.file == nil {
			continue
		}
		errs = append(errs, l.file.Close())
		if err := os.Remove(l.file.Name()); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err) // where the run was removed, its folder has gone before
		}
	}
	s.levels, s.arena, s.entries = nil, nil, nil
	s.err = errors.New("the sorter was closed")
	return errors.Join(errs...)
}

// arrange sorts what is in memory.
func (s *Sorter) arrange() {
	slices.SortFunc(s.entries, func(a, b sortEntry) int {
		if c := cmp.Compare(a.first, b.first); c != 0 {
			return c
		}
		if c := bytes.Compare(a.in(s.arena).Key, b.in(s.arena).Key); c != 0 {
			return c
		}
		return cmp.Compare(a.at, b.at)
	})
}

func (e sortEntry) in(arena []byte) Keyed {
	end := e.at + int(e.key)
	return Keyed{Key: arena[e.at:end:end], Data: arena[end : end+int(e.data)]}
}

// spill writes what is in memory behind the stretches of the lowest level, and merges
// these when they are many.
func (s *Sorter) spill(ctx context.Context) error {
	s.arrange()
	err := s.write(0, func(yield func(Keyed, error) bool) { s.eachInMemory(ctx, yield) })
	s.entries = s.entries[:0]
	if s.arena = s.arena[:0]; cap(s.arena) > 2*s.room {
		s.arena = nil // one entry was far larger than the others
	}
	for n := 0; err == nil && len(s.levels[n].ends) >= s.width; n++ {
		err = s.lift(ctx, n)
	}
	return err
}

// lift merges all stretches of a level into one of the next.
func (s *Sorter) lift(ctx context.Context, n int) error {
	m := &merge{}
	m.addFile(s.levels[n])
	if err := s.write(n+1, m.all(ctx)); err != nil {
		return err
	}
	l := s.levels[n]
	l.ends = nil
	if err := l.file.Truncate(0); err != nil {
		return FailFile("sort in", l.file.Name(), err)
	}
	return nil
}

// write puts a stretch at the end of a level.
func (s *Sorter) write(n int, entries iter.Seq2[Keyed, error]) error {
	l, err := s.level(n)
	if err != nil {
		return err
	}
	begin := l.end()
	if s.out == nil {
		s.out = bufio.NewWriterSize(nil, 1<<18)
	}
	s.out.Reset(io.NewOffsetWriter(l.file, begin))
	size := int64(0)
	for k, err := range entries {
		if err != nil {
			return err
		}
		s.head = binary.AppendUvarint(binary.AppendUvarint(s.head[:0], uint64(len(k.Key))), uint64(len(k.Data)))
		for _, part := range [...][]byte{s.head, k.Key, k.Data} {
			n, err := s.out.Write(part)
			if err != nil {
				return FailFile("sort in", l.file.Name(), err)
			}
			size += int64(n)
		}
	}
	if err := s.out.Flush(); err != nil {
		return FailFile("sort in", l.file.Name(), err)
	}
	l.ends = append(l.ends, begin+size)
	return nil
}

func (s *Sorter) level(n int) (*level, error) {
	if n == len(s.levels) {
		s.levels = append(s.levels, &level{})
	}
	l := s.levels[n]
	if l.file != nil {
		return l, nil
	}
	name := fmt.Sprintf("%s-%d", s.path, n)
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return nil, FailFile("sort in", filepath.Dir(name), err)
	}
	var err error
	if l.file, err = os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600); err != nil {
		return nil, FailFile("sort in", name, err)
	}
	return l, nil
}

func (l *level) end() int64 {
	if len(l.ends) == 0 {
		return 0
	}
	return l.ends[len(l.ends)-1]
}

// merge reads stretches side by side. They are in the order in which their entries
// came.
type merge struct{ stretches []*stretch }

// stretch is one of them: entries in memory or a part of a file.
type stretch struct {
	now   Keyed
	order int

	entries []sortEntry
	arena   []byte

	name string
	file *bufio.Reader
	left int64 // bytes
	head [binary.MaxVarintLen64]byte
	data []byte // of now
}

func (m *merge) addFile(l *level) {
	begin := int64(0)
	for _, end := range l.ends {
		part := io.NewSectionReader(l.file, begin, end-begin)
		m.stretches = append(m.stretches, &stretch{name: l.file.Name(), left: end - begin, file: bufio.NewReaderSize(part, mergeBuffer)})
		begin = end
	}
}

// all yields the entries of all stretches in order.
func (m *merge) all(ctx context.Context) iter.Seq2[Keyed, error] {
	return func(yield func(Keyed, error) bool) {
		heap := m.stretches[:0]
		for i, one := range m.stretches {
			one.order = i
			more, err := one.next()
			if err != nil {
				yield(Keyed{}, err)
				return
			}
			if more {
				heap = append(heap, one)
			}
		}
		for i := len(heap)/2 - 1; i >= 0; i-- {
			sink(heap, i)
		}
		for n := 0; len(heap) > 0; n++ {
			if n%1024 == 0 && ctx.Err() != nil {
				yield(Keyed{}, context.Cause(ctx))
				return
			}
			if !yield(heap[0].now, nil) {
				return
			}
			more, err := heap[0].next()
			if err != nil {
				yield(Keyed{}, err)
				return
			}
			if !more {
				heap[0] = heap[len(heap)-1]
				heap = heap[:len(heap)-1]
			}
			sink(heap, 0)
		}
	}
}

// sink lets the stretch at place i of a heap, of which the least is in front, down to
// where it belongs.
func sink(heap []*stretch, i int) {
	for {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(heap); child++ {
			if heap[child].before(heap[least]) {
				least = child
			}
		}
		if least == i {
			return
		}
		heap[i], heap[least] = heap[least], heap[i]
		i = least
	}
}

func (a *stretch) before(b *stretch) bool {
	if c := bytes.Compare(a.now.Key, b.now.Key); c != 0 {
		return c < 0
	}
	return a.order < b.order
}

// next moves on to the next entry, if there is one.
func (a *stretch) next() (more bool, err error) {
	if a.file == nil {
		if len(a.entries) == 0 {
			return false, nil
		}
		a.now = a.entries[0].in(a.arena)
		a.entries = a.entries[1:]
		return true, nil
	}
	if a.left == 0 {
		return false, nil
	}
	key, err := a.length()
	if err != nil {
		return false, err
	}
	size, err := a.length()
	if err != nil {
		return false, err
	}
	if a.left -= int64(key + size); a.left < 0 {
		return false, a.torn(io.ErrUnexpectedEOF)
	}
	a.data = slices.Grow(a.data[:0], key+size)[:key+size]
	if _, err := io.ReadFull(a.file, a.data); err != nil {
		return false, a.torn(err)
	}
	a.now = Keyed{Key: a.data[:key:key], Data: a.data[key:]}
	return true, nil
}

func (a *stretch) length() (int, error) {
	n, err := binary.ReadUvarint(a.file)
	if err == nil && n > longestEntry {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return 0, a.torn(err)
	}
	a.left -= int64(len(binary.AppendUvarint(a.head[:0], n)))
	return int(n), nil
}

func (a *stretch) torn(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return Fail(Malformed, "sort in %s: somebody has changed the file", a.name).Hint("resume the run")
	}
	return FailFile("sort in", a.name, err)
}
