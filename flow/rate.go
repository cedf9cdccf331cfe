package flow

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Rate is how often something may be done at the most: N times in each stretch of
// length Per. The zero Rate sets no limit.
type Rate struct {
	N   int
	Per time.Duration
}

// rateUnits are the short names of stretches.
var rateUnits = map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}

var errRate = errors.New("a rate is a number and a stretch of time, like 10/s, 600/m or 5/10s")

// ParseRate reads "10/s", "600/m", "1000/h", "5/10s". An empty text is the zero Rate.
func ParseRate(text string) (Rate, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return Rate{}, nil
	}
	number, unit, _ := strings.Cut(text, "/")
	n, err := strconv.Atoi(strings.TrimSpace(number))
	if err != nil || n < 1 {
		return Rate{}, errRate
	}
	unit = strings.TrimSpace(unit)
	per, known := rateUnits[unit]
	if !known {
		if per, err = time.ParseDuration(unit); err != nil || per <= 0 {
			return Rate{}, errRate
		}
	}
	return Rate{n, per}, nil
}

// String is the rate as ParseRate reads it; "" where there is no limit.
func (r Rate) String() string {
	if r.N < 1 || r.Per <= 0 {
		return ""
	}
	for unit, per := range rateUnits {
		if per == r.Per {
			return fmt.Sprintf("%d/%s", r.N, unit)
		}
	}
	return fmt.Sprintf("%d/%s", r.N, FormatDuration(r.Per))
}

// PerSecond is the rate as a number; 0 sets no limit.
func (r Rate) PerSecond() float64 {
	if r.N < 1 || r.Per <= 0 {
		return 0
	}
	return float64(r.N) / r.Per.Seconds()
}

// IsZero says whether there is no limit.
func (r Rate) IsZero() bool { return r.PerSecond() == 0 }

// MarshalText writes the rate as String does.
func (r Rate) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads what ParseRate reads.
func (r *Rate) UnmarshalText(text []byte) (err error) {
	*r, err = ParseRate(string(text))
	return err
}
