package core

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"jackfield/connectors/kit"
)

// deltaDesk is where a step has its snapshots: that of the last run that ended well, and
// the drafts of this run, one for each gathering, of which a resume can bring more. The
// step's cursor names the former, so that it moves with the cursor; the files lie in the
// step's own folder, the drafts in the run's until the run has ended well.
type deltaDesk struct {
	env kit.Env
	deltaRun
	mine int // which of the drafts this gathering makes
}

// deltaRun is what the run knows of itself, as its folder holds it.
type deltaRun struct {
	Base   string       `json:"base"` // in the run's folder: the snapshot that was there when it began, "" for none
	Drafts []deltaDraft `json:"drafts,omitempty"`
}

type deltaDraft struct {
	Pass    string `json:"pass"`
	Records int    `json:"records"`
}

// deltaStand is the step's cursor.
type deltaStand struct {
	Snapshot string `json:"snapshot"`
	Records  int    `json:"records"`
}

const (
	deltaNotes     = "delta.json"
	snapshotEnding = ".snapshot"
	snapshotsKept  = 3
)

func openDeltaDesk(ctx context.Context, env kit.Env) (*deltaDesk, error) {
	d := &deltaDesk{env: env}
	text, err := os.ReadFile(env.InScratch(deltaNotes))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := d.pin(ctx); err != nil {
			return nil, err
		}
	case err != nil:
		return nil, kit.FailFile("read", env.InScratch(deltaNotes), err)
	default:
		if err := json.Unmarshal(text, &d.deltaRun); err != nil {
			return nil, kit.Fail(kit.Malformed, "the notes of the run %s do not read: %w", env.InScratch(deltaNotes), err).Hint("start the flow anew")
		}
	}
	d.mine = slices.IndexFunc(d.Drafts, func(one deltaDraft) bool { return one.Pass == env.Pass })
	if d.mine < 0 {
		d.mine = len(d.Drafts)
	}
	return d, nil
}

// pin keeps the snapshot that the cursor names for this run, whatever becomes of it
// while the run goes on.
func (d *deltaDesk) pin(ctx context.Context) error {
	var stands deltaStand
	if d.env.Stand != nil && d.env.Keep != "" {
		cursor, err := d.env.Stand(ctx)
		if err != nil {
			return err
		}
		if len(cursor) > 0 {
			if err := json.Unmarshal(cursor, &stands); err != nil || stands.Snapshot == "" || stands.Snapshot != filepath.Base(stands.Snapshot) {
				return kit.Fail(kit.Malformed, "the stored cursor %s names no snapshot", cursor).
					Hint("put it back to one that does: jackfield flows state %s %s --history", d.env.Flow, d.env.Step)
			}
		}
	}
	if err := os.MkdirAll(d.env.InScratch(""), 0o700); err != nil {
		return kit.FailFile("write", d.env.InScratch(""), err)
	}
	if stands.Snapshot != "" {
		from := filepath.Join(d.env.Keep, stands.Snapshot)
		err := linkOrCopy(from, d.env.InScratch("base"+snapshotEnding))
		if errors.Is(err, fs.ErrNotExist) {
			return kit.Fail(kit.Missing, "the snapshot %s is not there any more; the last %d are kept", stands.Snapshot, snapshotsKept).
				Hint("rewind the cursor to a later one, or reset it, which makes every record a created one: jackfield flows state %s %s --history", d.env.Flow, d.env.Step)
		}
		if err != nil {
			return kit.FailFile("read", from, err)
		}
		d.Base = "base" + snapshotEnding
	}
	return d.note()
}

func linkOrCopy(from, to string) error {
	if err := os.Remove(to); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if os.Link(from, to) == nil {
		return nil
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}

// note writes down what the run knows.
func (d *deltaDesk) note() error {
	text, err := json.Marshal(d.deltaRun)
	if err != nil {
		return err
	}
	path := d.env.InScratch(deltaNotes)
	file, err := os.OpenFile(path+".part", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err == nil {
		_, err = file.Write(text)
		err = errors.Join(err, file.Sync(), file.Close())
	}
	if err == nil {
		err = os.Rename(path+".part", path)
	}
	if err != nil {
		return kit.FailFile("write", path, err)
	}
	syncDir(filepath.Dir(path))
	return nil
}

// later says whether this gathering takes what a resume has brought, so that the list is
// not whole.
func (d *deltaDesk) later() bool { return d.mine > 0 }

// base is the snapshot that this gathering is compared with; "" for none.
func (d *deltaDesk) base() string {
	if d.mine > 0 {
		return d.file(d.mine - 1)
	}
	if d.Base == "" {
		return ""
	}
	return d.env.InScratch(d.Base)
}

func (d *deltaDesk) draft() string { return d.file(d.mine) }

func (d *deltaDesk) file(n int) string {
	return d.env.InScratch(fmt.Sprintf("draft-%d%s", n, snapshotEnding))
}

// keepDraft notes that the draft of this gathering is whole.
func (d *deltaDesk) keepDraft(records int) error {
	one := deltaDraft{Pass: d.env.Pass, Records: records}
	if d.mine == len(d.Drafts) {
		d.Drafts = append(d.Drafts, one)
	} else {
		d.Drafts[d.mine] = one
	}
	return d.note()
}

// commit puts the last draft where it outlives the run; nil where there is none. Done
// again it changes nothing.
func (d *deltaDesk) commit() (*deltaStand, error) {
	if len(d.Drafts) == 0 || d.env.Keep == "" {
		return nil, nil
	}
	last := d.Drafts[len(d.Drafts)-1]
	stands := &deltaStand{Snapshot: string(d.env.Run) + snapshotEnding, Records: last.Records}
	if err := os.MkdirAll(d.env.Keep, 0o700); err != nil {
		return nil, kit.FailFile("write", d.env.Keep, err)
	}
	to := filepath.Join(d.env.Keep, stands.Snapshot)
	if err := linkOrCopy(d.file(len(d.Drafts)-1), to+".part"); err != nil {
		return nil, kit.FailFile("write", to, err)
	}
	if err := os.Rename(to+".part", to); err != nil {
		return nil, kit.FailFile("write", to, err)
	}
	syncDir(d.env.Keep)
	d.sweep(stands.Snapshot)
	return stands, nil
}

// sweep removes the oldest snapshots. One that stays for now goes the next time.
func (d *deltaDesk) sweep(newest string) {
	entries, err := os.ReadDir(d.env.Keep)
	if err != nil {
		return
	}
	var names []string
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), snapshotEnding) && e.Name() != newest {
			names = append(names, e.Name())
		}
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Compare(b, a) }) // run ids ascend
	for _, name := range names[min(len(names), snapshotsKept-1):] {
		_ = os.Remove(filepath.Join(d.env.Keep, name))
	}
}
