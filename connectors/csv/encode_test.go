package csv_test

import (
	"encoding/binary"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// inUTF16 encodes s, with the big or the little end of each unit first.
func inUTF16(s string, bigEnd bool) string {
	var b []byte
	for _, unit := range utf16.Encode([]rune(s)) {
		if bigEnd {
			b = binary.BigEndian.AppendUint16(b, unit)
		} else {
			b = binary.LittleEndian.AppendUint16(b, unit)
		}
	}
	return string(b)
}

func whole(s string) *big.Int {
	n, _ := new(big.Int).SetString(s, 10)
	return n
}

func columnName(i int) string { return fmt.Sprintf("column%d", i+1) }

func isUTF8(row []string) bool {
	return !slices.ContainsFunc(row, func(s string) bool { return !utf8.ValidString(s) })
}

// hasMark says whether a text begins as one in another encoding does.
func hasMark(s string) bool {
	return slices.ContainsFunc([]string{"\xef\xbb\xbf", "\xff\xfe", "\xfe\xff"}, func(mark string) bool { return strings.HasPrefix(s, mark) })
}
