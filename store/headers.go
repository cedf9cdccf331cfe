package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
)

// From bbolt's internal/common: meta.
const (
	headerMagic   = 0xED0CDAED
	headerVersion = 2
	headerSize    = 64 // the last eight bytes are an FNV-1a hash of the others
)

// header is one of the two pages that say where the root tree is.
type header struct {
	pageSize int
	root     uint64
	pages    uint64 // below this page all others lie
	tx       uint64 // the one with the greater number is the newer
}

func parseHeader(page []byte) (header, error) {
	if len(page) < pageHead+headerSize {
		return header{}, io.ErrUnexpectedEOF
	}
	b := page[pageHead:]
	le := binary.NativeEndian // as bbolt does
	h := header{
		pageSize: int(le.Uint32(b[8:])), root: le.Uint64(b[16:]),
		pages: le.Uint64(b[40:]), tx: le.Uint64(b[48:]),
	}
	sum := fnv.New64a()
	_, _ = sum.Write(b[:56])
	switch {
	case le.Uint32(b) != headerMagic:
		return h, errors.New("it is not the header of a store")
	case le.Uint32(b[4:]) != headerVersion:
		return h, fmt.Errorf("its version is %d instead of %d", le.Uint32(b[4:]), headerVersion)
	case sum.Sum64() != le.Uint64(b[56:]):
		return h, errChecksum
	case h.pageSize < 1<<9 || h.pageSize > 1<<24 || h.pageSize&(h.pageSize-1) != 0:
		return h, fmt.Errorf("its page size is %d", h.pageSize)
	}
	return h, nil
}

// readHeaders reads both headers, the newer one first. A page size is known as soon
// as one of them is whole; before that every possible one is tried.
func readHeaders(f io.ReaderAt) (found []header, faults []error) {
	first, err := headerAt(f, 0)
	if err != nil {
		faults = append(faults, fmt.Errorf("the first header cannot be read: %w", err))
		for size := int64(1 << 10); size <= 1<<24; size <<= 1 {
			if second, err := headerAt(f, size); err == nil && int64(second.pageSize) == size {
				return []header{second}, faults
			}
		}
		return nil, append(faults, errors.New("there is no second one either"))
	}
	second, err := headerAt(f, int64(first.pageSize))
	if err == nil && second.pageSize != first.pageSize {
		err = fmt.Errorf("its page size is %d, the first one's %d", second.pageSize, first.pageSize)
	}
	if err != nil {
		return []header{first}, []error{fmt.Errorf("the second header cannot be read: %w", err)}
	}
	if second.tx > first.tx {
		first, second = second, first
	}
	return []header{first, second}, nil
}

func headerAt(f io.ReaderAt, at int64) (header, error) {
	var page [pageHead + headerSize]byte
	if _, err := f.ReadAt(page[:], at); err != nil {
		return header{}, err
	}
	return parseHeader(page[:])
}
