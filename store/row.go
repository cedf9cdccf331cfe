package store

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
)

// row is a value on its way to the file: four bytes of room for the checksum, then
// what is kept. The checksum is CRC-32C over the value, the path of the shelf and the
// key, in this order: the value's part is computed where the row is made, so that
// the writer only adds the rest.
type row struct {
	data []byte
	sum  uint32
}

const sumSize = 4

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// room is where the value of a row is appended to.
func room(capacity int) []byte { return make([]byte, sumSize, sumSize+capacity) }

// newRow takes what was appended to a room.
func newRow(data []byte) row {
	return row{data: data, sum: crc32.Checksum(data[sumSize:], castagnoli)}
}

func rowOf(value []byte) row { return newRow(append(room(len(value)), value...)) }

func rowOfJSON(v any) (row, error) {
	data, err := appendJSON(room(256), v)
	if err != nil {
		return row{}, err
	}
	return newRow(data), nil
}

var errChecksum = errors.New("its checksum does not fit")

// unpack checks a stored row and gives its value.
func unpack(path string, key, stored []byte) ([]byte, error) {
	if len(stored) < sumSize {
		return nil, errChecksum
	}
	if rowSum(crc32.Checksum(stored[sumSize:], castagnoli), path, key) != binary.LittleEndian.Uint32(stored) {
		return nil, errChecksum
	}
	return stored[sumSize:], nil
}

func rowSum(value uint32, path string, key []byte) uint32 {
	return crc32.Update(crc32.Update(value, castagnoli, []byte(path)), castagnoli, key)
}

// appendJSON writes v as it is, without the escapes that are meant for HTML.
func appendJSON(dst []byte, v any) ([]byte, error) {
	buf := bytes.NewBuffer(dst)
	enc := json.NewEncoder(buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), nil
}

// parseJSON reads what appendJSON wrote. Numbers of no known type stay json.Number.
func parseJSON(data []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	if err := dec.Decode(v); err != nil {
		return fmt.Errorf("read a row of the store: %w", err)
	}
	return nil
}
