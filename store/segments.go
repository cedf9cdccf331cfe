package store

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"jackfield/flow"
)

// batchesName is the folder of the segment files, in the home folder.
const batchesName = "batches"

// largeBatch is the size in bytes from which a batch goes to a segment file: below,
// bbolt is as quick and keeps all in one place; above, it would write it more than
// once.
const largeBatch = 64 << 10

// place says where in which segment file of its run a batch lies.
type place struct {
	File string `json:"file"`
	At   int64  `json:"at"`
	Size int    `json:"size"`
	Sum  uint32 `json:"sum"` // CRC-32C
}

// segments are the files beside the store that hold large batches: a folder for each
// run, a file for each time that a process took the run up. A file is only ever
// appended to, and by the process that made it; what stands at its end without a row
// that points to it was never taken.
type segments struct {
	folder string
	mu     sync.Mutex
	open   map[flow.RunID]*segment
}

type segment struct {
	mu   sync.Mutex
	file *os.File
	end  int64
}

func newSegments(folder string) *segments {
	return &segments{folder: folder, open: map[flow.RunID]*segment{}}
}

// write puts data on disk and tells where. Where the run's file was closed under it,
// because the run ended meanwhile, it takes another.
func (s *segments) write(id flow.RunID, data []byte) (place, error) {
	for {
		seg, err := s.of(id)
		if err != nil {
			return place{}, err
		}
		p, err := seg.append(data)
		if !errors.Is(err, fs.ErrClosed) {
			return p, err
		}
	}
}

// writeOpen is write for a run that has a file open. It makes none.
func (s *segments) writeOpen(id flow.RunID, data []byte) (place, error) {
	s.mu.Lock()
	seg := s.open[id]
	s.mu.Unlock()
	if seg == nil {
		return place{}, fs.ErrClosed
	}
	return seg.append(data)
}

// append writes under the lock and syncs outside of it, so that step runs that end
// together are synced together.
func (s *segment) append(data []byte) (p place, err error) {
	s.mu.Lock()
	at := s.end
	if _, err = s.file.WriteAt(data, at); err == nil {
		s.end += int64(len(data))
	} else {
		_ = s.file.Truncate(at) // a full disk gets back what was half written
	}
	s.mu.Unlock()
	if err != nil {
		return place{}, err
	}
	return place{
		File: filepath.Base(s.file.Name()), At: at, Size: len(data),
		Sum: crc32.Checksum(data, castagnoli),
	}, s.file.Sync()
}

// of gives the file that is written to for a run.
func (s *segments) of(id flow.RunID) (*segment, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if seg := s.open[id]; seg != nil {
		return seg, nil
	}
	folder := s.folderOf(id)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(folder, rand.Text()), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	for _, one := range []string{folder, s.folder, filepath.Dir(s.folder)} {
		if err := syncFolder(one); err != nil {
			return nil, errors.Join(err, f.Close())
		}
	}
	seg := &segment{file: f}
	s.open[id] = seg
	return seg, nil
}

// read gives the data at p.
func (s *segments) read(id flow.RunID, p place) ([]byte, error) {
	f, err := os.Open(filepath.Join(s.folderOf(id), filepath.Base(p.File)))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data := make([]byte, p.Size)
	if _, err := f.ReadAt(data, p.At); err != nil {
		if errors.Is(err, io.EOF) {
			err = fmt.Errorf("the segment file %s ends too early", f.Name())
		}
		return nil, err
	}
	if crc32.Checksum(data, castagnoli) != p.Sum {
		return nil, fmt.Errorf("the segment file %s: %w", f.Name(), errChecksum)
	}
	return data, nil
}

// end closes the file of a run that has ended. Should it go on, it gets another.
func (s *segments) end(id flow.RunID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if seg := s.open[id]; seg != nil {
		seg.mu.Lock()
		defer seg.mu.Unlock()
		_ = seg.file.Close() // all of it was synced
		delete(s.open, id)
	}
}

// remove forgets what lies outside the file for a run.
func (s *segments) remove(id flow.RunID) error {
	s.end(id)
	return os.RemoveAll(s.folderOf(id))
}

func (s *segments) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []error
	for id, seg := range s.open {
		all = append(all, seg.file.Close())
		delete(s.open, id)
	}
	return errors.Join(all...)
}

// folderOf is where a run's files lie. An id that does not serve as a name on every
// system is written in hex.
func (s *segments) folderOf(id flow.RunID) string {
	return filepath.Join(s.folder, folderName(id))
}

func folderName(id flow.RunID) string {
	const plain = "0123456789abcdefghijklmnopqrstuvwxyz_-"
	if id != "" && len(id) <= 64 && strings.Trim(string(id), plain) == "" && !strings.HasPrefix(string(id), "hex-") {
		return string(id)
	}
	return "hex-" + hex.EncodeToString([]byte(id))
}

// size counts the bytes of all files.
func (s *segments) size() (total int64, err error) {
	err = filepath.WalkDir(s.folder, func(_ string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // none yet, or removed meanwhile
		}
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			total += info.Size()
		} else if errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
		return err
	})
	return total, err
}
