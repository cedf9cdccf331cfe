package redis

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/depot"
	"jackfield/flow"
)

// Where a group begins that is made.
const (
	fromNew   = "new"
	fromFirst = "first"
)

// consume starts runs by the entries of a stream, as a member of a consumer group.
type consume struct {
	settings
	payload
	kit.Gathering
	Stream, Group, Consumer, From string
	Prefetch                      int
	Claim                         time.Duration
}

func newConsume(lines *depot.Lines[*line]) *consume {
	return &consume{settings: newSettings(lines), payload: payload{As: asAuto}, Group: "jackfield", From: fromFirst, Prefetch: 64}
}

func (c *consume) Fields() kit.Fields {
	fields := kit.Fields{
		kit.Text(&c.Stream, "stream", "Stream").Needed().Eg("orders"),
		kit.Text(&c.Group, "group", "Group").Checked(func() error {
			if c.Group == "" {
				return errors.New("a group has a name")
			}
			return nil
		}).Help("Each entry goes to one member of the group. It is made where there is none."),
		kit.Text(&c.Consumer, "consumer", "Own name").More().Help("Of this member; no two members may share one. Empty is made of this machine, flow and step."),
		kit.Pick(&c.From, "from", "A new group begins",
			kit.Choice{Value: fromFirst, Label: "At the beginning of the stream"},
			kit.Choice{Value: fromNew, Label: "With what comes from then on"}),
		kit.Int(&c.Prefetch, "prefetch", "Taken in one go").More().Checked(func() error {
			if c.Prefetch < 1 || c.Prefetch > 10_000 {
				return errors.New("between 1 and 10,000 entries can be taken")
			}
			return nil
		}).Help("How many entries this member holds at the most before they are safe on disk."),
		kit.Duration(&c.Claim, "claim_after", "Take over after").More().Checked(func() error {
			if c.Claim < 0 {
				return errors.New("no time is shorter than none")
			}
			return nil
		}).Help("Entries that another member took and did not acknowledge for so long; empty leaves them to it."),
		c.field(),
	}
	return append(append(fields, c.GatherFields()...), c.common()...)
}

// member is the name that the group knows this one by.
func (c *consume) member(env kit.Env) string {
	if c.Consumer != "" {
		return c.Consumer
	}
	host, err := os.Hostname()
	if err != nil {
		host = "localhost"
	}
	return fmt.Sprintf("%s:%s:%s", host, env.Flow, env.Step)
}

// given is a listener's mark: the entries that are safe on disk, and that the server may
// not know to be. It is stored in one with each event, so an entry that comes again after
// a crash or a lost answer is acknowledged and not given again.
type given struct {
	Of  string   `json:"of"` // the stream and the group
	IDs []string `json:"ids"`
}

// blocked is how long the server may be silent before it is asked anew, which shows that
// it is still there.
const blocked = 30 * time.Second

// Listen gives an event for each entry until ctx ends: first those that this member took
// earlier and did not acknowledge, then new ones. It returns on the first fault, and
// whoever begins it anew loses nothing.
func (c *consume) Listen(ctx context.Context, env kit.Env, give func(context.Context, kit.Event) (kit.Receipt, error)) error {
	l, err := c.open(ctx, env)
	if err != nil {
		return err
	}
	defer l.Close()
	stop := context.AfterFunc(ctx, func() { _ = l.Close() })
	defer stop()
	m := membership{consume: c, l: l, name: c.member(env), give: give, env: env}
	return c.explain(ctx, m.work(ctx), false)
}

// membership is one life of a listener.
type membership struct {
	*consume
	l    *line
	name string
	give func(context.Context, kit.Event) (kit.Receipt, error)
	env  kit.Env
	mark given
}

func (m *membership) work(ctx context.Context) error {
	if err := m.join(ctx); err != nil {
		return err
	}
	for after := "0"; ; { // what was taken before
		entries, err := m.take(ctx, after, -1)
		if err != nil {
			return err
		}
		if len(entries) == 0 {
			break
		}
		if err := m.settle(ctx, entries); err != nil {
			return err
		}
		after = entries[len(entries)-1].ID
	}
	m.mark.IDs = nil // all of them are acknowledged
	for {
		wait := blocked
		if m.Claim > 0 {
			if err := m.claim(ctx); err != nil {
				return err
			}
			wait = min(blocked, max(m.Claim, time.Millisecond))
		}
		entries, err := m.take(ctx, ">", wait)
		if err != nil {
			return err
		}
		if err := m.settle(ctx, entries); err != nil {
			return err
		}
	}
}

// join makes the group where there is none, and finds out what was given before.
func (m *membership) join(ctx context.Context) error {
	from := "0"
	if m.From == fromNew {
		from = "$"
	}
	err := m.l.XGroupCreateMkStream(ctx, m.Stream, m.Group, from).Err()
	if err != nil && !strings.HasPrefix(err.Error(), "BUSYGROUP") {
		return err
	}
	m.mark.Of = m.Stream + "\x00" + m.Group
	last, err := m.env.LastMark(ctx)
	if err != nil || last == nil {
		return err
	}
	var kept given
	if err := json.Unmarshal(last, &kept); err == nil && kept.Of == m.mark.Of {
		m.mark.IDs = kept.IDs
	}
	return nil
}

// take asks for entries; block below 0 does not wait.
func (m *membership) take(ctx context.Context, after string, block time.Duration) ([]redis.XMessage, error) {
	streams, err := m.l.XReadGroup(ctx, &redis.XReadGroupArgs{
		Group: m.Group, Consumer: m.name, Streams: []string{m.Stream, after}, Count: int64(m.Prefetch), Block: block,
	}).Result()
	if errors.Is(err, redis.Nil) || err == nil && len(streams) == 0 {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return streams[0].Messages, nil
}

// claim takes over what other members have left.
func (m *membership) claim(ctx context.Context) error {
	for start := "0-0"; ; {
		entries, next, err := m.l.XAutoClaim(ctx, &redis.XAutoClaimArgs{
			Stream: m.Stream, Group: m.Group, Consumer: m.name, MinIdle: m.Claim, Start: start, Count: int64(m.Prefetch),
		}).Result()
		if err != nil {
			return err
		}
		if err := m.settle(ctx, entries); err != nil {
			return err
		}
		if next == "0-0" {
			return nil
		}
		start = next
	}
}

// settle gives entries, unless that was done, and acknowledges them together.
func (m *membership) settle(ctx context.Context, entries []redis.XMessage) error {
	if len(entries) == 0 {
		return nil
	}
	ids := make([]string, len(entries))
	for i, entry := range entries {
		ids[i] = entry.ID
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err := m.pass(ctx, entry); err != nil {
			return err
		}
	}
	if err := m.l.XAck(ctx, m.Stream, m.Group, ids...).Err(); err != nil {
		return err
	}
	m.mark.IDs = slices.DeleteFunc(m.mark.IDs, func(id string) bool { return slices.Contains(ids, id) })
	return nil
}

func (m *membership) pass(ctx context.Context, entry redis.XMessage) error {
	if slices.Contains(m.mark.IDs, entry.ID) {
		return nil
	}
	if entry.Values == nil { // it was deleted from the stream while it was pending
		m.env.Log(flow.Warn, "", "the entry %s was deleted from %q before it was acknowledged", entry.ID, m.Stream)
		return nil
	}
	m.mark.IDs = append(m.mark.IDs, entry.ID)
	mark, err := json.Marshal(m.mark)
	if err != nil {
		return err
	}
	_, err = m.give(ctx, kit.Event{Data: []any{m.entryOf(m.Stream, entry)}, Cause: "entry " + entry.ID + " of " + m.Stream, Mark: mark})
	return err
}
