package store

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// touched is what has changed in a file since one began to look: rows by their keys,
// and buckets that were made or removed. It says where, not what to: whoever wants to
// know looks again. What a transaction touched that was given up counts too, and does
// no harm.
type touched struct {
	buckets map[string]*touchedBucket // by their path
	keys    int
}

type touchedBucket struct {
	names [][]byte // from the root
	keys  map[string]struct{}
	whole bool // removed, and perhaps made again
}

func newTouched() *touched { return &touched{buckets: map[string]*touchedBucket{}} }

func (t *touched) bucket(names [][]byte) *touchedBucket {
	var path strings.Builder
	for _, name := range names {
		path.WriteString(string(number(len(name))))
		path.Write(name)
	}
	b := t.buckets[path.String()]
	if b == nil {
		b = &touchedBucket{names: names, keys: map[string]struct{}{}}
		t.buckets[path.String()] = b
		t.keys++
	}
	return b
}

func (t *touched) row(names [][]byte, key []byte) {
	b := t.bucket(names)
	b.keys[string(key)] = struct{}{}
	t.keys++
}

// outerFirst lists the buckets so that each comes behind those that it is in.
func (t *touched) outerFirst() []*touchedBucket {
	return slices.SortedFunc(maps.Values(t.buckets), func(a, b *touchedBucket) int {
		return cmp.Or(cmp.Compare(len(a.names), len(b.names)), slices.CompareFunc(a.names, b.names, slices.Compare))
	})
}
