package store

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
)

// mostFaults is how many faults are told; a damaged file may have thousands.
const mostFaults = 5

// inspect reads the whole file and checks its structure and the checksum of every
// row, before bbolt maps it: bbolt reads every page when it opens a file, and ends
// the process over one that is wrong. It gives a *DamagedError where something is.
func inspect(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("open the store: %w", err)
	}
	defer f.Close()
	if faults := faultsOf(f); len(faults) > 0 {
		return &DamagedError{Path: path, Faults: inWords(faults)}
	}
	return nil
}

// faultsOf lists what is wrong with a file. One broken header counts: bbolt would go
// back to the other one, and lose the last transaction without a word.
func faultsOf(f *os.File) (faults []error) {
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return []error{err}
	}
	if size == 0 {
		return []error{errors.New("the file is empty")}
	}
	headers, faults := readHeaders(f)
	if len(faults) > 0 {
		return faults
	}
	newest := headers[0]
	if whole := int64(newest.pages) * int64(newest.pageSize); size < whole {
		return []error{fmt.Errorf("the file ends after %d of %d bytes", size, whole)}
	}
	t := newTree(f, newest.pageSize, newest.pages, func(err error) { faults = append(faults, err) })
	t.checkRows("", subtree{root: newest.root})
	return faults
}

// checkRows checks every row of a bucket and of those inside it.
func (t *tree) checkRows(path string, b subtree) {
	t.each(b, func(key, value []byte, inner *subtree) {
		if inner != nil {
			t.checkRows(pathOf(path, key), *inner)
			return
		}
		if _, err := unpack(path, key, value); err != nil {
			t.fault(fmt.Errorf("row %q: %w", key, err))
		}
	})
}

// inWords tells the first few faults, each once, and how many more there are.
func inWords(faults []error) (words []string) {
	told := map[string]bool{}
	for _, err := range faults {
		if text := err.Error(); !told[text] {
			told[text] = true
			words = append(words, text)
		}
	}
	if more := len(words) - mostFaults; more > 0 {
		words = append(words[:mostFaults], fmt.Sprintf("and %d more faults", more))
	}
	return slices.Clip(words)
}
