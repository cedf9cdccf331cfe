package store

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"os"
	"slices"
)

// mostStates is how many states of a damaged file Rescue looks into.
const mostStates = 8

// state is a root tree of the file: the newest one, or one from before a later
// transaction, whose pages may have been used for something else since.
type state struct {
	root    uint64
	commits uint64 // how many transactions there had been
	buckets map[string]subtree
	tree    *tree
	faults  []error // found since they were last taken away
}

// statesOf finds the states of a file, newest first. The headers name two of them,
// if they can be read; the others are found by looking at every page. sure says that
// the first one is the newest that there was.
func statesOf(f *os.File) (states []*state, sure bool, err error) {
	info, err := f.Stat()
	if err != nil {
		return nil, false, err
	}
	headers, _ := readHeaders(f)
	sizes := []int{os.Getpagesize(), 4 << 10, 8 << 10, 16 << 10, 64 << 10}
	if len(headers) > 0 {
		sizes = []int{headers[0].pageSize}
	}
	for _, size := range sizes {
		if states = rootsOf(f, size, uint64(info.Size())/uint64(size)); len(states) > 0 {
			break
		}
	}
	slices.SortFunc(states, func(a, b *state) int { return cmp.Compare(b.commits, a.commits) })
	states, sure = newestFirst(states, headers)
	return states[:min(len(states), mostStates)], sure, nil
}

// newestFirst leaves out what comes behind the newest header: that was never
// finished. Where only one header is left the other one was of the state before it or
// behind it. Both are still in the file when the header is damaged, so finding
// neither means that a newer one may be lost.
func newestFirst(states []*state, headers []header) (left []*state, sure bool) {
	if len(headers) == 0 {
		return states, false
	}
	at := slices.IndexFunc(states, func(s *state) bool { return s.root == headers[0].root })
	if at < 0 {
		return states, false
	}
	if len(headers) == 2 {
		return states[at:], true
	}
	next := at > 0 && states[at-1].commits == states[at].commits+1
	before := at+1 < len(states) && states[at+1].commits+1 == states[at].commits
	return states, next || before
}

// rootsOf finds the pages that a root tree begins at: leaves that hold our buckets.
func rootsOf(f *os.File, pageSize int, pages uint64) (states []*state) {
	for id := uint64(2); id < pages; id++ {
		look := newTree(f, pageSize, pages, func(error) {})
		page, err := look.read(id)
		if err != nil || binary.NativeEndian.Uint16(page[8:]) != leafPage {
			continue
		}
		s := &state{root: id, buckets: map[string]subtree{}}
		look.elements("", page, func(key, _ []byte, inner *subtree) {
			if inner != nil && slices.Contains(buckets(), string(key)) {
				inner.inside = bytes.Clone(inner.inside)
				s.buckets[string(key)] = *inner
			}
		}, nil, nil)
		if len(s.buckets) <= len(buckets())/2 {
			continue
		}
		s.commits = s.buckets[metaBucket].sequence
		s.tree = newTree(f, pageSize, pages, func(err error) { s.faults = append(s.faults, err) })
		states = append(states, s)
	}
	return states
}

// layout is the number of the layout that the state has; 0 where it cannot be read.
func (s *state) layout() (layout int) {
	s.tree.each(s.buckets[metaBucket], func(key, stored []byte, _ *subtree) {
		value, err := unpack(pathOf("", []byte(metaBucket)), key, stored)
		if string(key) == layoutKey && err == nil && len(value) == 8 {
			layout = int(binary.BigEndian.Uint64(value))
		}
	})
	s.takeFaults()
	return layout
}

// takeFaults gives what was found since it was called last.
func (s *state) takeFaults() []error {
	all := s.faults
	s.faults = nil
	return all
}
