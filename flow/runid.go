package flow

import (
	"encoding/binary"
	"time"
)

// NewRunID makes the id of a run that starts at t: nineteen characters, eleven for
// the microseconds since 1970 and eight from entropy, so that ids ascend with time
// and two runs of one microsecond differ.
func NewRunID(t time.Time, entropy func() uint32) RunID {
	var bits [12]byte // 55 bits of time and 40 of entropy, and one bit to spare
	micros := uint64(max(t.UnixMicro(), 0)) & (1<<55 - 1)
	chance := uint64(entropy())<<8 | uint64(entropy()&0xff)
	binary.BigEndian.PutUint64(bits[:8], micros<<9|chance>>31)
	binary.BigEndian.PutUint32(bits[8:], uint32(chance<<1))
	return RunID(idAlphabet.EncodeToString(bits[:])[:19])
}
