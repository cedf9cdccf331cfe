package transforms

import (
	"math/big"
	"reflect"
	"unsafe"

	"github.com/itchyny/gojq"
)

// mostDeep is how deep a value may be nested; it is what JSON readers allow.
const mostDeep = 10_000

// treeSize is about how many bytes v takes when it is written out, with parts that
// are shared counted each time. It stops counting beyond most.
func treeSize(v any, most int) (size int, deep bool) {
	w := weigher{most: most}
	w.tree(v, 0)
	return w.size, w.deep
}

// heldBy is about how much memory the values hang on that a running program works
// with, without those that it was given. Shared parts count once. It stops counting
// beyond most.
func heldBy(iter gojq.Iter, given []any, most int) (size int, deep bool) {
	w := weigher{most: most, seen: map[unsafe.Pointer]bool{}}
	for _, v := range given {
		w.skip(reflect.ValueOf(v), 0)
	}
	env := reflect.ValueOf(iter)
	if env.Kind() != reflect.Pointer || env.Elem().Kind() != reflect.Struct {
		return 0, false
	}
	// The fields of gojq's machine that grow with what it works on.
	for _, name := range []string{"values", "stack", "paths", "scopes", "forks"} {
		if f := env.Elem().FieldByName(name); f.IsValid() {
			w.graph(f, 0)
		}
	}
	return w.size, w.deep
}

type weigher struct {
	most, size int
	deep       bool
	seen       map[unsafe.Pointer]bool
}

func (w *weigher) done(depth int) bool {
	w.deep = w.deep || depth > mostDeep
	return w.deep || w.size > w.most
}

func (w *weigher) tree(v any, depth int) {
	if w.done(depth) {
		return
	}
	switch v := v.(type) {
	case string:
		w.size += len(v) + 2
	case []any:
		w.size += 2
		for _, one := range v {
			w.tree(one, depth+1)
		}
	case map[string]any:
		w.size += 2
		for k, one := range v {
			w.size += len(k) + 4
			w.tree(one, depth+1)
		}
	case *big.Int:
		w.size += v.BitLen()/3 + 1
	default:
		w.size += 8
	}
}

// first says whether the memory behind p is met for the first time.
func (w *weigher) first(p unsafe.Pointer) bool {
	if w.seen[p] {
		return false
	}
	w.seen[p] = true
	return true
}

// skip marks v as seen without counting it.
func (w *weigher) skip(v reflect.Value, depth int) {
	before, most := w.size, w.most
	w.most = int(^uint(0) >> 1)
	w.graph(v, depth)
	w.size, w.most, w.deep = before, most, false
}

// graph counts what hangs on v, by reflection: gojq's machine does not show itself.
func (w *weigher) graph(v reflect.Value, depth int) {
	if w.done(depth) {
		return
	}
	switch v.Kind() {
	case reflect.Interface:
		if !v.IsNil() {
			w.graph(v.Elem(), depth+1)
		}
	case reflect.Pointer:
		if !v.IsNil() && w.first(v.UnsafePointer()) {
			w.graph(v.Elem(), depth)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			w.graph(v.Field(i), depth)
		}
	case reflect.String:
		w.size += 16 + v.Len()
	case reflect.Slice:
		w.slice(v, depth)
	case reflect.Map:
		w.object(v, depth)
	default:
		w.size += 8
	}
}

func (w *weigher) slice(v reflect.Value, depth int) {
	if v.Len() == 0 || !w.first(v.UnsafePointer()) {
		return
	}
	w.size += v.Cap() * int(v.Type().Elem().Size())
	if !holdsValues(v.Type().Elem()) {
		return
	}
	for i := range v.Len() {
		if w.graph(v.Index(i), depth+1); w.done(depth) {
			return
		}
	}
}

func (w *weigher) object(v reflect.Value, depth int) {
	if v.IsNil() || !w.first(v.UnsafePointer()) {
		return
	}
	for entry := v.MapRange(); entry.Next(); {
		w.size += entrySize
		w.graph(entry.Key(), depth+1)
		if w.graph(entry.Value(), depth+1); w.done(depth) {
			return
		}
	}
}

// holdsValues says whether memory of this type can lead to more memory.
func holdsValues(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Interface, reflect.Pointer, reflect.Slice, reflect.Map, reflect.String:
		return true
	case reflect.Struct:
		for i := range t.NumField() {
			if holdsValues(t.Field(i).Type) {
				return true
			}
		}
	}
	return false
}
