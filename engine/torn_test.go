package engine_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"

	"jackfield/engine"
	"jackfield/engine/enginetest"
	"jackfield/flow"
	"jackfield/store"
)

// tearing keeps what the file of the store was before and after the first entry from
// the n-th write on. Nothing gets through behind that.
type tearing struct {
	engine.History
	n             int
	file          string
	mu            sync.Mutex
	writes        int
	before, after []byte
}

var errPowerless = errors.New("the power is gone")

// Append writes an entry, and takes a picture around the last one.
func (h *tearing) Append(ctx context.Context, e flow.Entry) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.writes++; h.writes < h.n {
		return h.History.Append(ctx, e)
	}
	if h.before != nil {
		return 0, errPowerless
	}
	h.before, _ = os.ReadFile(h.file)
	_, err := h.History.Append(ctx, e)
	h.after, _ = os.ReadFile(h.file)
	return 0, errors.Join(err, errPowerless)
}

// Update writes the run's own row.
func (h *tearing) Update(ctx context.Context, r flow.Run) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.before != nil {
		return errPowerless
	}
	return h.History.Update(ctx, r)
}

// The ways in which the power can go while bbolt writes: before all pages are on the
// disk, in any order, and while it writes the header behind them.
func tornPages(rnd *rand.Rand, before, after []byte) []byte {
	torn := append(bytes.Clone(before), after[len(before):]...)
	for at := 2 * pageSize; at < len(torn); at += pageSize {
		if at >= len(before) || rnd.IntN(2) == 0 {
			copy(torn[at:min(at+pageSize, len(torn))], after[at:])
		}
	}
	return torn
}

func tornHeader(rnd *rand.Rand, before, after []byte) []byte {
	torn := bytes.Clone(after)
	for at := 0; at < 2*pageSize; at += pageSize {
		if !bytes.Equal(before[at:at+pageSize], after[at:at+pageSize]) {
			const head, size = 16, 64 // of a page, and of what bbolt writes behind it
			cut := head + 1 + rnd.IntN(size-1)
			copy(torn[at+cut:at+pageSize], before[at+cut:])
		}
	}
	return torn
}

var pageSize = os.Getpagesize()

const tornFlow = `
jackfield: 1
name: Torn
steps:
  - {id: start, uses: test.start}
  - {id: read, uses: test.pages, with: {pages: 3, size: 40}}
  - {id: pad, uses: test.map, map: '. + {pad: ("x" * 2000)}'}
  - {id: send, uses: test.send}
  - {id: mail, uses: test.mail}
edges:
  - start -> read
  - read -> pad
  - pad -> send
  - {from: send, to: mail, when: .n % 20 == 0}
`

func TestATornLastWriteCostsNothing(t *testing.T) {
	for name, tear := range map[string]func(*rand.Rand, []byte, []byte) []byte{"pages": tornPages, "header": tornHeader} {
		for seed := range 12 {
			t.Run(fmt.Sprint(name, " ", seed), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { tearAndRecover(t, rand.New(rand.NewPCG(uint64(seed), 3)), tear) })
			})
		}
	}
}

func tearAndRecover(t *testing.T, rnd *rand.Rand, tear func(*rand.Rand, []byte, []byte) []byte) {
	home := t.TempDir()
	first := openStore(t, home)
	n := 3 + rnd.IntN(14)
	torn := &tearing{History: first, n: n, file: filepath.Join(home, "jackfield.db")}
	h := enginetest.Open(t, enginetest.NewWorld(), torn)
	h.Add("f", tornFlow)
	id, err := h.Local.Start(t.Context(), engine.Start{Flow: "f"})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = h.Local.Wait(t.Context(), id) // it dies
	h.Close()
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	spoilt := tear(rnd, torn.before, torn.after)
	if binary.NativeEndian.Uint32(spoilt[16:]) != 0xED0CDAED {
		t.Fatal("the file has no header any more")
	}
	if err := os.WriteFile(torn.file, spoilt, 0o600); err != nil {
		t.Fatal(err)
	}
	halfWritten(t, filepath.Join(home, "batches", string(id)))

	second := openStore(t, home)
	defer second.Close()
	h.History = second
	h.Reopen()
	defer h.Close()
	if err := h.Local.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
	for _, q := range h.Questions(id) {
		choice := flow.Again
		if len(h.World.Sent()[fmt.Sprintf("%s-%s-%s", q.Run, q.Step, q.Record.ID)]) > 0 {
			choice = flow.Skip
		}
		h.Answer(q.ID, choice)
	}
	r := h.Wait(id)
	equal(t, "state", r.State, flow.RunDone)
	equal(t, "counts", h.Counts(id), "[mail.done=6 pad.done=120 read.done=120 send.done=120 start.done=1]")
	mails := 0
	for key, times := range h.World.Sent() {
		if len(key) > len(id)+6 && key[len(id)+1:len(id)+6] == "mail-" {
			mails += len(times)
		}
	}
	equal(t, "mails", mails, 6)
}

func openStore(t *testing.T, home string) *store.Store {
	t.Helper()
	s, err := store.Open(home, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// halfWritten puts behind each file of a run the beginning of a batch, whose row never
// came to be.
func halfWritten(t *testing.T, folder string) {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(folder, "*"))
	for _, path := range files {
		f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			continue // the folder for what steps keep
		}
		_, err = f.WriteString(`{"i":"8m3k","d":` + "\t" + `{"n":1,"pad":"xxxxxxxx`)
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
