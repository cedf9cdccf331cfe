package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// This file reads bbolt's file format by itself (bbolt v1.5.0, internal/common: page,
// meta, inode, bucket), for a file that may be damaged: bbolt asserts what it reads,
// in goroutines of its own too, and takes the whole process with it.
//
// A file is pages of one size. The first two are headers, written in turn. All others
// belong to trees: the root tree's values are buckets, each a tree of its own or, when
// small, a page inside the value. A page has a head of 16 bytes, elements of 16 bytes
// each, then keys and values in the order of the elements, then zeros.

const (
	pageHead    = 16
	pageElement = 16
	bucketHead  = 16

	branchPage = 0x01
	leafPage   = 0x02

	bucketValue = 0x01 // flag of an element whose value is a bucket
)

// tree reads one root tree and all below it. What is wrong is handed to fault, and
// the reading goes on with what is right.
type tree struct {
	file     io.ReaderAt
	pageSize int
	pages    uint64
	seen     []uint64 // a bit for each page that belongs to the tree
	fault    func(error)
	buffers  [][]byte
}

// subtree is a bucket: the page its tree begins at or, where root is 0, a page
// inside.
type subtree struct {
	root     uint64
	sequence uint64
	inside   []byte
}

func newTree(f io.ReaderAt, pageSize int, pages uint64, fault func(error)) *tree {
	return &tree{file: f, pageSize: pageSize, pages: pages, seen: make([]uint64, pages/64+1), fault: fault}
}

// each gives the elements of a bucket in order: a value, or a bucket inside. They
// hold until do returns.
func (t *tree) each(b subtree, do func(key, value []byte, inner *subtree)) {
	if b.root == 0 {
		t.elements("a small bucket", b.inside, do, nil, nil)
		return
	}
	t.page(b.root, nil, nil, do)
}

// page reads a page whose keys are at least low and below high, where these are set.
func (t *tree) page(id uint64, low, high []byte, do func(key, value []byte, inner *subtree)) {
	data, err := t.read(id)
	if err != nil {
		t.fault(fmt.Errorf("page %d: %w", id, err))
		return
	}
	t.elements(fmt.Sprintf("page %d", id), data, do, low, high)
	t.giveBack(data)
}

// read gives a whole page, whose head fits its place and that no other one has
// claimed.
func (t *tree) read(id uint64) ([]byte, error) {
	if id < 2 || id >= t.pages {
		return nil, fmt.Errorf("it lies outside of the file, which has %d", t.pages)
	}
	data := t.buffer(t.pageSize)
	if _, err := t.file.ReadAt(data, int64(id)*int64(t.pageSize)); err != nil {
		return nil, fmt.Errorf("it cannot be read: %w", err)
	}
	le := binary.NativeEndian
	more := uint64(le.Uint32(data[12:]))
	if is := le.Uint64(data); is != id {
		return nil, fmt.Errorf("it says that it is page %d", is)
	}
	if flags := le.Uint16(data[8:]); flags != branchPage && flags != leafPage {
		return nil, fmt.Errorf("it is of no known kind (%#x)", flags)
	}
	if id+more >= t.pages {
		return nil, fmt.Errorf("it claims %d pages behind it, over the end", more)
	}
	for p := id; p <= id+more; p++ {
		if t.seen[p/64]&(1<<(p%64)) != 0 {
			return nil, fmt.Errorf("page %d belongs to two places", p)
		}
		t.seen[p/64] |= 1 << (p % 64)
	}
	if more == 0 {
		return data, nil
	}
	whole := t.buffer(int(more+1) * t.pageSize)
	t.giveBack(data)
	if _, err := t.file.ReadAt(whole, int64(id)*int64(t.pageSize)); err != nil {
		return nil, fmt.Errorf("it cannot be read: %w", err)
	}
	return whole, nil
}

// buffer takes a buffer that was given back, if one is large enough.
func (t *tree) buffer(size int) []byte {
	if n := len(t.buffers); n > 0 && cap(t.buffers[n-1]) >= size {
		b := t.buffers[n-1][:size]
		t.buffers = t.buffers[:n-1]
		return b
	}
	return make([]byte, size)
}

func (t *tree) giveBack(b []byte) { t.buffers = append(t.buffers, b) }

// elements reads what a page holds. Elements lie one behind the other without a gap
// and fill the page up to zeros, so a number that is wrong shows. What is out of
// place is handed over all the same: the checksums of rows decide.
func (t *tree) elements(name string, data []byte, do func(key, value []byte, inner *subtree), low, high []byte) {
	if len(data) < pageHead {
		t.fault(fmt.Errorf("%s: it is too short", name))
		return
	}
	kind := binary.NativeEndian.Uint16(data[8:])
	count := t.count(name, kind, data)
	end := pageHead + count*pageElement // where the next key must begin
	previous := low
	for i := range count {
		e, err := elementAt(kind, data, i)
		if err == nil && e.begin != end {
			err = errors.New("it is out of place")
		}
		if err == nil && (bytes.Compare(e.key, previous) < 0 || i > 0 && bytes.Equal(e.key, previous) ||
			high != nil && bytes.Compare(e.key, high) >= 0) {
			err = errors.New("its key is out of order")
		}
		if err != nil {
			t.fault(fmt.Errorf("%s: element %d of %d: %w", name, i, count, err))
		}
		if len(e.key) == 0 {
			continue
		}
		end, previous = e.begin+len(e.key)+len(e.value), e.key
		if kind == branchPage {
			t.page(e.page, e.key, upTo(data, i+1, count, high), do)
		} else {
			t.handOver(name, e, do)
		}
	}
	if end > len(data) || len(bytes.TrimLeft(data[end:], "\x00")) > 0 {
		t.fault(fmt.Errorf("%s: something stands behind its last element", name))
	}
}

// count is how many elements a page has: as many as it says, or as there is room for
// in front of the first key where that is more.
func (t *tree) count(name string, kind uint16, data []byte) int {
	says := int(binary.NativeEndian.Uint16(data[10:]))
	most := (len(data) - pageHead) / pageElement
	first, err := elementAt(kind, data, 0)
	room := (first.begin - pageHead) / pageElement
	if err == nil && room > says {
		t.fault(fmt.Errorf("%s: it says that it has %d elements but has %d", name, says, room))
		says = room
	}
	if says > most || kind == branchPage && says == 0 {
		t.fault(fmt.Errorf("%s: it says that it has %d elements", name, says))
	}
	return min(says, most)
}

// upTo is the key that the keys below branch i-1 must be less than: that of branch i.
func upTo(data []byte, i, count int, high []byte) []byte {
	if i == count {
		return high
	}
	next, err := elementAt(branchPage, data, i)
	if err != nil {
		return high
	}
	return next.key
}

// element is a key of a page, with what is below or behind it.
type element struct {
	begin  int // of the key, in the page
	key    []byte
	page   uint64 // of a branch
	bucket bool   // of a leaf: the value is one
	value  []byte // of a leaf
}

// elementAt reads the i-th element; its key is empty where it has none in the page.
func elementAt(kind uint16, data []byte, i int) (e element, err error) {
	le := binary.NativeEndian
	at := pageHead + i*pageElement
	if at+pageElement > len(data) {
		return e, errors.New("it lies outside of its page")
	}
	begin, keySize, valueSize := le.Uint32(data[at:]), le.Uint32(data[at+4:]), uint32(0)
	if kind == leafPage {
		begin, keySize, valueSize = keySize, le.Uint32(data[at+8:]), le.Uint32(data[at+12:])
	}
	from := uint64(at) + uint64(begin)
	if keySize == 0 || from+uint64(keySize)+uint64(valueSize) > uint64(len(data)) {
		return e, errors.New("it lies outside of its page")
	}
	e.begin = int(from)
	e.key = data[e.begin : e.begin+int(keySize)]
	if kind == branchPage {
		e.page = le.Uint64(data[at+8:])
		return e, nil
	}
	e.value = data[e.begin+int(keySize):][:valueSize]
	flags := le.Uint32(data[at:])
	e.bucket = flags == bucketValue
	if flags > bucketValue {
		err = fmt.Errorf("it is of no known kind (%#x)", flags)
	}
	return e, err
}

func (t *tree) handOver(name string, e element, do func(key, value []byte, inner *subtree)) {
	if !e.bucket {
		do(e.key, e.value, nil)
		return
	}
	inner, err := parseSubtree(e.value)
	if err != nil {
		t.fault(fmt.Errorf("%s: bucket %q: %w", name, e.key, err))
		return
	}
	do(e.key, nil, &inner)
}

// parseSubtree reads the value of a bucket.
func parseSubtree(value []byte) (subtree, error) {
	if len(value) < bucketHead {
		return subtree{}, errors.New("it is too short")
	}
	le := binary.NativeEndian
	b := subtree{root: le.Uint64(value), sequence: le.Uint64(value[8:])}
	if b.root != 0 {
		return b, nil
	}
	b.inside = value[bucketHead:]
	if len(b.inside) < pageHead || le.Uint16(b.inside[8:]) != leafPage {
		return b, errors.New("it is of no known kind")
	}
	return b, nil
}
