package engine

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"sync"
	"time"

	"jackfield/flow"
)

// runIDs makes ids of runs: 48 bits of the time in milliseconds, then 32 bits that
// are random in the first id of a millisecond and count up in it, so that ids ascend.
// Two programs, which never share a home at the same time, would meet on one once in
// four thousand million starts of the same millisecond.
type runIDs struct {
	mu   sync.Mutex
	last uint64
	tail uint32
}

// The digits and letters in their order in ASCII, without those that look alike.
var runAlphabet = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

func (r *runIDs) next(now time.Time) flow.RunID {
	r.mu.Lock()
	defer r.mu.Unlock()
	ms := uint64(now.UnixMilli())
	if ms > r.last {
		var random [4]byte
		rand.Read(random[:])
		r.last, r.tail = ms, binary.BigEndian.Uint32(random[:])>>1 // room to count up
	} else {
		r.tail++ // the same millisecond, or a clock that was set back
	}
	var b [10]byte
	binary.BigEndian.PutUint32(b[0:4], uint32(r.last>>16))
	binary.BigEndian.PutUint16(b[4:6], uint16(r.last))
	binary.BigEndian.PutUint32(b[6:10], r.tail)
	return flow.RunID(runAlphabet.EncodeToString(b[:]))
}
