package core

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"

	"jackfield/connectors/kit"
)

// A snapshot is a file of what a list held: for each key the digest of its record, and
// the record itself where that is wanted, in the order of the keys. It begins with a
// word and the settings that it was made with, and ends with the number of its entries
// and a checksum (CRC-32C) over all before.
//
//	word, length of the settings, settings as JSON
//	for each entry: 'E', length of the key, key, length of the rest, rest
//	'Z', number of entries (8 bytes), checksum (4 bytes)

const snapshotWord = "jackfield snapshot 1\n"

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// seen is what a snapshot knows of one record.
type seen struct {
	key    []byte // as the snapshot is ordered
	digest [16]byte
	keys   []byte // the values of the key, as JSON
	record []byte // as JSON; empty where it was not wanted
}

// made are the settings that a snapshot was made with.
type made struct {
	Key    []string `json:"key"`
	Fields []string `json:"fields,omitempty"`
	Ignore []string `json:"ignore,omitempty"`
}

// snapshotWriter writes one, which appears, whole, with done.
type snapshotWriter struct {
	path  string
	file  *os.File
	out   *bufio.Writer
	sum   uint32
	count uint64
	room  []byte
}

func writeSnapshot(path string, m made) (*snapshotWriter, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, kit.FailFile("write", path, err)
	}
	file, err := os.OpenFile(path+".part", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, kit.FailFile("write", path, err)
	}
	w := &snapshotWriter{path: path, file: file, out: bufio.NewWriterSize(file, 1<<18)}
	settings, err := json.Marshal(m)
	if err == nil {
		err = w.put(append(binary.AppendUvarint([]byte(snapshotWord), uint64(len(settings))), settings...))
	}
	if err != nil {
		w.abandon()
		return nil, kit.FailFile("write", path, err)
	}
	return w, nil
}

func (w *snapshotWriter) put(data []byte) error {
	w.sum = crc32.Update(w.sum, castagnoli, data)
	_, err := w.out.Write(data)
	return err
}

func (w *snapshotWriter) add(s seen) error {
	rest := len(s.digest) + binary.PutUvarint(make([]byte, binary.MaxVarintLen64), uint64(len(s.keys))) + len(s.keys) + len(s.record)
	b := append(w.room[:0], 'E')
	b = append(binary.AppendUvarint(b, uint64(len(s.key))), s.key...)
	b = append(binary.AppendUvarint(b, uint64(rest)), s.digest[:]...)
	b = append(binary.AppendUvarint(b, uint64(len(s.keys))), s.keys...)
	w.room = append(b, s.record...)
	w.count++
	if err := w.put(w.room); err != nil {
		return kit.FailFile("write", w.path, err)
	}
	return nil
}

// done ends the file and gives it its name. It is on disk then.
func (w *snapshotWriter) done() error {
	err := w.put(binary.BigEndian.AppendUint64([]byte{'Z'}, w.count))
	if err == nil {
		_, err = w.out.Write(binary.BigEndian.AppendUint32(nil, w.sum))
	}
	if err == nil {
		err = w.out.Flush()
	}
	if err == nil {
		err = w.file.Sync()
	}
	err = errors.Join(err, w.file.Close())
	if err == nil {
		err = os.Rename(w.path+".part", w.path)
	}
	if err != nil {
		w.abandon()
		return kit.FailFile("write", w.path, err)
	}
	syncDir(filepath.Dir(w.path))
	return nil
}

// abandon removes what was written; what goes wrong with that matters to nobody.
func (w *snapshotWriter) abandon() {
	_ = w.file.Close()
	_ = os.Remove(w.path + ".part")
}

// syncDir makes names durable where the system can.
func syncDir(path string) {
	if d, err := os.Open(path); err == nil {
		_ = d.Sync()
		_ = d.Close()
	}
}

// snapshotReader reads one from its beginning.
type snapshotReader struct {
	path  string
	file  *os.File
	in    *bufio.Reader
	sum   uint32
	count uint64
	made  made
	room  []byte
}

// readSnapshot opens one; "" is an empty one.
func readSnapshot(path string) (*snapshotReader, error) {
	if path == "" {
		return &snapshotReader{}, nil
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, kit.FailFile("read", path, err)
	}
	r := &snapshotReader{path: path, file: file, in: bufio.NewReaderSize(file, 1<<18)}
	word := make([]byte, len(snapshotWord))
	settings, err := []byte(nil), r.fill(word)
	if err == nil && string(word) != snapshotWord {
		err = errors.New("it does not begin as one")
	}
	if err == nil {
		settings, err = r.block(nil)
	}
	if err == nil {
		err = json.Unmarshal(settings, &r.made)
	}
	if err != nil {
		_ = file.Close()
		return nil, r.damaged(err)
	}
	return r, nil
}

func (r *snapshotReader) close() {
	if r.file != nil {
		_ = r.file.Close() // it was only read
	}
}

func (r *snapshotReader) fill(b []byte) error {
	_, err := io.ReadFull(r.in, b)
	r.sum = crc32.Update(r.sum, castagnoli, b)
	return err
}

// block reads a length and as many bytes.
func (r *snapshotReader) block(room []byte) ([]byte, error) {
	n, err := binary.ReadUvarint(r.in)
	if err != nil {
		return nil, err
	}
	if n > 1<<30 {
		return nil, errors.New("an entry is longer than any can be")
	}
	var head [binary.MaxVarintLen64]byte
	r.sum = crc32.Update(r.sum, castagnoli, head[:binary.PutUvarint(head[:], n)])
	if uint64(cap(room)) < n {
		room = make([]byte, n)
	}
	room = room[:n]
	return room, r.fill(room)
}

// next reads the next entry, which holds until the one behind it is read; ok is false
// behind the last.
func (r *snapshotReader) next() (s seen, ok bool, err error) {
	if r.file == nil {
		return s, false, nil
	}
	kind := []byte{0}
	if err := r.fill(kind); err != nil {
		return s, false, r.damaged(err)
	}
	switch kind[0] {
	case 'Z':
		return s, false, r.end()
	case 'E':
	default:
		return s, false, r.damaged(errors.New("an entry does not begin as one"))
	}
	key, err := r.block(nil)
	if err == nil {
		r.room, err = r.block(r.room)
	}
	if err != nil || len(r.room) < len(s.digest) {
		return s, false, r.damaged(err)
	}
	s.key = key
	rest := r.room[copy(s.digest[:], r.room):]
	n, size := binary.Uvarint(rest)
	if size <= 0 || n > uint64(len(rest)-size) {
		return s, false, r.damaged(errors.New("an entry is not whole"))
	}
	s.keys, s.record = rest[size:size+int(n)], rest[size+int(n):]
	r.count++
	return s, true, nil
}

func (r *snapshotReader) end() error {
	var tail [12]byte
	if err := r.fill(tail[:8]); err != nil {
		return r.damaged(err)
	}
	sum := r.sum
	if err := r.fill(tail[8:]); err != nil {
		return r.damaged(err)
	}
	if binary.BigEndian.Uint64(tail[:8]) != r.count || binary.BigEndian.Uint32(tail[8:]) != sum {
		return r.damaged(errors.New("its checksum does not fit"))
	}
	return nil
}

func (r *snapshotReader) damaged(err error) error {
	if err == nil || errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return kit.Fail(kit.Malformed, "the snapshot %s is damaged: %w", filepath.Base(r.path), err).
		Hint("rewind the step's cursor to an earlier one, or reset it, which makes every record a created one")
}

// compare orders two keys.
func (s seen) compare(key []byte) int { return bytes.Compare(s.key, key) }
