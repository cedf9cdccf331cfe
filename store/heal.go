package store

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"os"
)

// heal writes a header anew that cannot be read, where that loses nothing. The power may
// go while bbolt writes a header, which it does last, once all that the header names is
// on the disk: then the state behind the other header is in the file, whole, and is the
// newest that there was. Where it is not there, but the state before the other header's
// is, the broken one named that, and nobody needs it. Where neither is there, something
// may be lost: nothing is changed, and Rescue saves what can be saved.
func heal(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("open the store: %w", err)
	}
	defer f.Close()
	found, faults := readHeaders(f)
	if len(found) != 1 || len(faults) != 1 {
		return nil
	}
	whole := found[0]
	mended, ok := otherHeader(f, whole)
	if !ok {
		return nil
	}
	slot := int64(mended.tx % 2)
	if _, err := headerAt(f, slot*int64(whole.pageSize)); err == nil {
		return nil // the numbers do not belong to this file
	}
	if _, err := f.WriteAt(mended.page(), slot*int64(whole.pageSize)); err != nil {
		return fmt.Errorf("mend the header of %s: %w", path, noRoom(err))
	}
	return f.Sync()
}

// otherHeader finds out what the header beside this one said, or may as well say.
func otherHeader(f *os.File, whole header) (h header, ok bool) {
	info, err := f.Stat()
	if err != nil {
		return h, false
	}
	pages := uint64(info.Size()) / uint64(whole.pageSize)
	states := rootsOf(f, whole.pageSize, pages)
	for _, mine := range states {
		if mine.root != whole.root {
			continue
		}
		for _, s := range states {
			switch {
			case s.commits == mine.commits+1 && s.isWhole():
				return header{pageSize: whole.pageSize, root: s.root, pages: pages, tx: whole.tx + 1}, true
			case s.commits+1 == mine.commits:
				h, ok = whole, true
				h.tx--
			}
		}
	}
	return h, ok
}

// isWhole says whether all rows of the state are there and right.
func (s *state) isWhole() bool {
	s.takeFaults()
	s.tree.checkRows("", subtree{root: s.root})
	return len(s.takeFaults()) == 0
}

// page is the header as bbolt writes it (internal/common: page and meta), without a list
// of free pages, as all of ours are.
func (h header) page() []byte {
	const isHeader = 0x04
	le := binary.NativeEndian
	page := make([]byte, h.pageSize)
	le.PutUint64(page, h.tx%2)
	le.PutUint16(page[8:], isHeader)
	b := page[pageHead:]
	le.PutUint32(b, headerMagic)
	le.PutUint32(b[4:], headerVersion)
	le.PutUint32(b[8:], uint32(h.pageSize))
	le.PutUint64(b[16:], h.root)
	le.PutUint64(b[32:], ^uint64(0))
	le.PutUint64(b[40:], h.pages)
	le.PutUint64(b[48:], h.tx)
	sum := fnv.New64a()
	_, _ = sum.Write(b[:56])
	le.PutUint64(b[56:], sum.Sum64())
	return page
}
