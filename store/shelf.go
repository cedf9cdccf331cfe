package store

import (
	"encoding/binary"
	"slices"

	"go.etcd.io/bbolt"
)

// shelf is a bucket of rows. Its path goes into their checksums, so that a row that
// turns up on another shelf is known to be wrong there.
type shelf struct {
	bucket  *bbolt.Bucket
	path    string
	touched *touched // told of every change, where there is one
	names   [][]byte // the path in parts, where touched is
}

// shelfOf gives one of the buckets that every file has.
func shelfOf(tx *txn, name string) shelf {
	return shelf{touched: tx.touched}.in(tx.Bucket([]byte(name)), []byte(name))
}

// in is the shelf inside this one that is the bucket b.
func (s shelf) in(b *bbolt.Bucket, name []byte) shelf {
	inner := shelf{bucket: b, path: pathOf(s.path, name), touched: s.touched}
	if s.touched != nil {
		inner.names = append(slices.Clip(s.names), slices.Clone(name))
	}
	return inner
}

func pathOf(outer string, name []byte) string { return outer + string(name) + "\x00" }

// inner gives the shelf inside this one, if it is there.
func (s shelf) inner(name []byte) (shelf, bool) {
	b := s.bucket.Bucket(name)
	return s.in(b, name), b != nil
}

// makeInner gives the shelf inside this one, a new one where it is missing.
func (s shelf) makeInner(name []byte) (shelf, error) {
	b, err := s.bucket.CreateBucketIfNotExists(name)
	inner := s.in(b, name)
	if s.touched != nil {
		s.touched.bucket(inner.names)
	}
	return inner, err
}

// removeInner forgets a shelf inside this one and all that is on it.
func (s shelf) removeInner(name []byte) error {
	if s.bucket.Bucket(name) == nil {
		return nil
	}
	if s.touched != nil {
		s.touched.bucket(s.in(nil, name).names).whole = true
	}
	return s.bucket.DeleteBucket(name)
}

// eachInner visits the shelves inside this one by name.
func (s shelf) eachInner(do func(name []byte, inner shelf) error) error {
	return s.bucket.ForEachBucket(func(name []byte) error {
		inner, _ := s.inner(name)
		return do(name, inner)
	})
}

// ascending says that keys are only ever added at the end, so pages may be full.
func (s shelf) ascending() shelf {
	s.bucket.FillPercent = 1
	return s
}

// put stores r under key. r must not change before the transaction has ended.
func (s shelf) put(key []byte, r row) error {
	binary.LittleEndian.PutUint32(r.data, rowSum(r.sum, s.path, key))
	s.touch(key)
	return s.bucket.Put(key, r.data)
}

func (s shelf) touch(key []byte) {
	if s.touched != nil {
		s.touched.row(s.names, key)
	}
}

func (s shelf) putJSON(key []byte, v any) error {
	r, err := rowOfJSON(v)
	if err != nil {
		return err
	}
	return s.put(key, r)
}

func (s shelf) remove(key []byte) error {
	s.touch(key)
	return s.bucket.Delete(key)
}

func (s shelf) has(key []byte) bool { return s.bucket.Get(key) != nil }

// get reads what is stored under key; nil where nothing is. The value holds until
// the transaction ends.
func (s shelf) get(key []byte) ([]byte, error) {
	stored := s.bucket.Get(key)
	if stored == nil {
		return nil, nil
	}
	return unpack(s.path, key, stored)
}

// getJSON reads what is stored under key into v. found is false where nothing is.
func (s shelf) getJSON(key []byte, v any) (found bool, err error) {
	value, err := s.get(key)
	if value == nil || err != nil {
		return false, err
	}
	return true, parseJSON(value, v)
}

// each visits the rows by key.
func (s shelf) each(do func(key, value []byte) error) error {
	c := s.bucket.Cursor()
	for key, stored := c.First(); key != nil; key, stored = c.Next() {
		if err := s.visit(key, stored, do); err != nil {
			return err
		}
	}
	return nil
}

// visit hands a row over that a cursor has come to.
func (s shelf) visit(key, stored []byte, do func(key, value []byte) error) error {
	if stored == nil { // a shelf inside
		return nil
	}
	value, err := unpack(s.path, key, stored)
	if err != nil {
		return err
	}
	return do(key, value)
}
