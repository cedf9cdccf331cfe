package redis

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// add adds an entry to a stream.
type add struct {
	settings
	Stream   string
	Entry    any
	Most     int
	Remember time.Duration
}

func (a *add) Fields() kit.Fields {
	return a.own(
		kit.Text(&a.Stream, "stream", "Stream").Needed().Eg("orders"),
		kit.Value(&a.Entry, "entry", "Entry").AsMain().Help("An object, each member a field; a text is kept as it is, {base64: …} as bytes, all else as JSON."),
		kit.Duration(&a.Remember, "remember", "Add once within").Checked(func() error {
			if a.Remember < 0 || a.Remember%time.Millisecond != 0 {
				return errors.New("the server remembers whole milliseconds")
			}
			return nil
		}).Help("The server remembers each entry for so long under a small key of its own, so that another attempt adds nothing. Empty remembers nothing: a lost answer is then a question to you."),
		kit.Int(&a.Most, "most", "Most entries").More().Checked(func() error {
			if a.Most < 0 {
				return errors.New("a stream cannot hold fewer than none")
			}
			return nil
		}).Help("The oldest ones beyond about so many are dropped; 0 keeps all."))
}

// Effect is Repeatable where the server knows an entry again.
func (a *add) Effect() kit.Effect {
	if a.Remember > 0 {
		return kit.Repeatable
	}
	return kit.Once
}

// addOnce adds an entry unless its key was remembered, as one: KEYS are the stream and the
// key, ARGV the milliseconds to remember it and what follows the stream in XADD. It gives
// the id of the entry, new or old.
const addOnce = `local known = redis.call('GET', KEYS[2])
if known then return known end
local id = redis.call('XADD', KEYS[1], unpack(ARGV, 2))
redis.call('SET', KEYS[2], id, 'PX', ARGV[1])
return id`

func (a *add) Run(ctx context.Context, env kit.Env, rec flow.Record) (result kit.Result, err error) {
	pairs, err := pairsOf(a.Entry, "entry")
	if err != nil {
		return result, err
	}
	var args []any
	if a.Most > 0 {
		args = append(args, "MAXLEN", "~", a.Most)
	}
	args = append(append(args, "*"), pairs...)
	err = a.use(ctx, env, true, func(ctx context.Context, l *line) error {
		var answer *redis.Cmd
		if a.Remember > 0 {
			known := "jackfield:sent:{" + a.Stream + "}:" + env.Key(rec.ID)
			answer = l.Eval(ctx, addOnce, []string{a.Stream, known}, append([]any{a.Remember.Milliseconds()}, args...)...)
		} else {
			answer = l.Do(ctx, append([]any{"XADD", a.Stream}, args...)...)
		}
		id, err := answer.Text()
		result = kit.Give(map[string]any{"stream": a.Stream, "id": id})
		return err
	})
	if err != nil {
		return kit.Result{}, err
	}
	return result, nil
}

// entryOf is an entry as a record. The first half of its id is the milliseconds of its
// time, unless who added it chose another.
func (p *payload) entryOf(stream string, m redis.XMessage) map[string]any {
	data := map[string]any{}
	for name, v := range m.Values {
		text, _ := v.(string)
		data[name] = p.read(text)
	}
	at, _, _ := parseID(m.ID) //nolint:errcheck // a server's id reads
	return map[string]any{"stream": stream, "id": m.ID, "data": data, "time": time.UnixMilli(int64(at)).UTC().Format("2006-01-02T15:04:05.000Z07:00")}
}

// parseID takes an id apart: 1526919030474-55.
func parseID(id string) (ms, n uint64, err error) {
	first, second, _ := strings.Cut(id, "-")
	if ms, err = strconv.ParseUint(first, 10, 64); err != nil {
		return 0, 0, fmt.Errorf("%q is no id of an entry", id)
	}
	if second != "" {
		if n, err = strconv.ParseUint(second, 10, 64); err != nil {
			return 0, 0, fmt.Errorf("%q is no id of an entry", id)
		}
	}
	return ms, n, nil
}

// before says whether an id is less than another.
func before(a, b string) bool {
	am, an, _ := parseID(a) //nolint:errcheck // a server's id reads
	bm, bn, _ := parseID(b) //nolint:errcheck // a server's id reads
	return am < bm || am == bm && an < bn
}

// read reads a stream by the ids of its entries.
type read struct {
	settings
	payload
	Stream, From string
}

func (r *read) Fields() kit.Fields {
	return r.own(
		kit.Text(&r.Stream, "stream", "Stream").Needed().Eg("orders"),
		kit.Text(&r.From, "from", "First run begins behind").More().Eg("1526919030474-0").Checked(func() error {
			if r.From == "" {
				return nil
			}
			_, _, err := parseID(r.From)
			return err
		}).Help("An id, or milliseconds since 1970; empty is the very beginning."),
		r.field())
}

// place is where a reader of a stream stands: behind an entry, and where its run ends.
type place struct {
	Stream string `json:"stream"`
	After  string `json:"after"`
	To     string `json:"to,omitempty"` // only within a run
}

// pageOfEntries is how many entries are read in one go.
const pageOfEntries = 500

// Read gives a page. A run ends with the entry that was the last one when it began, so
// that a stream that grows all the while does not keep it going.
func (r *read) Read(ctx context.Context, env kit.Env, after flow.Cursor) (page kit.Page, err error) {
	at := place{Stream: r.Stream, After: r.From}
	if after != nil {
		var kept place
		if err := json.Unmarshal(after, &kept); err != nil {
			return page, kit.Fail(kit.Malformed, "the place in the stream cannot be read: %w", err).Hint("reset the cursor of the step")
		}
		if kept.Stream == r.Stream {
			at = kept
		}
	}
	err = r.use(ctx, env, false, func(ctx context.Context, l *line) error {
		if at.To == "" {
			more, err := r.begin(ctx, l, &at)
			if err != nil || !more {
				return err
			}
		}
		return r.page(ctx, l, at, &page)
	})
	return page, err
}

// begin finds out where a run ends; more is false where there is nothing new.
func (r *read) begin(ctx context.Context, l *line, at *place) (more bool, err error) {
	info, err := l.XInfoStream(ctx, r.Stream).Result()
	if err != nil && strings.Contains(err.Error(), "no such key") {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	at.To = info.LastGeneratedID
	if at.After != "" && at.After != r.From && before(at.To, at.After) {
		return false, kit.Fail(kit.Missing, "the stream %q was made anew: its last id is %s, and this step has read up to %s", r.Stream, at.To, at.After).
			On("stream").Hint("reset the cursor of the step to read the new one from its beginning")
	}
	return true, nil
}

func (r *read) page(ctx context.Context, l *line, at place, page *kit.Page) error {
	from := "-"
	if at.After != "" {
		from = "(" + at.After
	}
	entries, err := l.XRangeN(ctx, r.Stream, from, at.To, pageOfEntries).Result()
	if err != nil {
		return err
	}
	for _, m := range entries {
		page.Data = append(page.Data, r.entryOf(r.Stream, m))
		at.After = m.ID
	}
	page.More = len(entries) == pageOfEntries
	if page.Next, err = json.Marshal(at); err != nil {
		return err
	}
	page.Mark, err = json.Marshal(place{Stream: at.Stream, After: at.After})
	return err
}
