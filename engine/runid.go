package engine

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"strings"
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

// behind lets all ids come behind one that there is, whatever the clock says.
func (r *runIDs) behind(id flow.RunID) {
	own, _, _ := strings.Cut(string(id), "-") // a called run's begins with its caller's
	b, err := runAlphabet.DecodeString(own)
	if err != nil || len(b) != 10 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last = uint64(binary.BigEndian.Uint32(b[0:4]))<<16 | uint64(binary.BigEndian.Uint16(b[4:6]))
	r.tail = binary.BigEndian.Uint32(b[6:10])
}

// lastly is when a run ends that ends now: not before it began, though the clock was set
// back since.
func lastly(r flow.Run) time.Time {
	if now := time.Now(); now.After(r.Started) {
		return now
	}
	return r.Started
}

func (r *runIDs) next(now time.Time) flow.RunID {
	r.mu.Lock()
	defer r.mu.Unlock()
	ms := uint64(now.UnixMilli())
	if ms > r.last {
		var random [4]byte
		rand.Read(random[:])
		r.last, r.tail = ms, binary.BigEndian.Uint32(random[:])>>1 // room to count up
	} else if r.tail++; r.tail == 0 { // the same millisecond, or a clock that was set back
		r.last++
	}
	var b [10]byte
	binary.BigEndian.PutUint32(b[0:4], uint32(r.last>>16))
	binary.BigEndian.PutUint16(b[4:6], uint16(r.last))
	binary.BigEndian.PutUint32(b[6:10], r.tail)
	return flow.RunID(runAlphabet.EncodeToString(b[:]))
}
