package flow

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

var sizeUnits = []string{"B", "KB", "MB", "GB", "TB"}

// ParseSize reads a number of bytes as a person writes it: "500MB", "1.5 GB", "0". A
// KB is 1024 bytes, as it is wherever Jackfield shows one.
func ParseSize(text string) (int64, error) {
	number := strings.TrimRight(text, "BKMGTbkmgti ")
	unit := strings.ToUpper(strings.TrimSpace(text[len(number):]))
	n, err := strconv.ParseFloat(number, 64)
	if err != nil || n < 0 || math.IsInf(n, 0) || math.IsNaN(n) {
		return 0, fmt.Errorf("%q is not a size; write it like 500MB or 10GB", text)
	}
	if unit == "" && n == 0 {
		return 0, nil
	}
	unit = strings.Replace(unit, "I", "", 1)
	if len(unit) == 1 && unit != "B" {
		unit += "B"
	}
	for _, one := range sizeUnits {
		if unit == one && n < 1<<62 {
			return int64(n), nil
		}
		n *= 1024
	}
	if unit == "" {
		return 0, fmt.Errorf("the size %s has no unit; write %sMB, if megabytes are meant", text, text)
	}
	return 0, fmt.Errorf("%q is not a size; write it like 500MB or 10GB", text)
}

// FormatSize writes a number of bytes so that ParseSize reads the very same: in the
// largest unit that leaves no rest.
func FormatSize(n int64) string {
	unit := 0
	for n != 0 && n%1024 == 0 && unit < len(sizeUnits)-1 {
		n /= 1024
		unit++
	}
	return strconv.FormatInt(n, 10) + sizeUnits[unit]
}

// ShowSize writes a number of bytes for a person: "3.2 GB", "57 KB", three digits or
// four.
func ShowSize(n int64) string {
	v, unit := float64(n), 0
	for math.Abs(v) >= 1023.5 && unit < len(sizeUnits)-1 {
		v /= 1024
		unit++
	}
	if unit > 0 && math.Abs(v) < 9.95 {
		return fmt.Sprintf("%.1f %s", v, sizeUnits[unit])
	}
	return fmt.Sprintf("%.0f %s", v, sizeUnits[unit])
}
