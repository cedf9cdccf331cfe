package redis

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// The outlets beside Done.
const (
	missing flow.Outlet = "missing" // there is no such key
	kept    flow.Outlet = "kept"    // the condition did not hold, and what was there stays
)

// get gives the value of a key.
type get struct {
	settings
	payload
	Key string
}

func (g *get) Fields() kit.Fields {
	return g.own(kit.Text(&g.Key, "key", "Key").Needed().Eg("customer:7"), g.field())
}

func (g *get) Run(ctx context.Context, env kit.Env, _ flow.Record) (result kit.Result, err error) {
	err = g.use(ctx, env, false, func(ctx context.Context, l *line) error {
		found, err := look(ctx, l, []string{g.Key}, &g.payload)
		if len(found) == 0 {
			result = kit.Pass(missing)
		} else {
			result = kit.Give(found...)
		}
		return err
	})
	return result, err
}

// When a key is set.
const (
	always   = "always"
	ifNew    = "new"
	ifExists = "exists"
)

// set puts a value under a key.
type set struct {
	settings
	Key     string
	Value   any
	Expires time.Duration
	When    string
}

func (s *set) Fields() kit.Fields {
	return s.own(
		kit.Text(&s.Key, "key", "Key").Needed().Eg("order:7"),
		kit.Value(&s.Value, "value", "Value").AsMain().Help("A text is kept as it is, {base64: …} as bytes, all else as JSON."),
		kit.Duration(&s.Expires, "expires", "Expires after").Checked(func() error {
			if s.Expires < 0 || s.Expires%time.Millisecond != 0 {
				return errors.New("a key expires after whole milliseconds")
			}
			return nil
		}).Help("Empty keeps it for good."),
		kit.Pick(&s.When, "when", "Set it",
			kit.Choice{Value: always, Label: "Always"},
			kit.Choice{Value: ifNew, Label: "Only where there is none yet"},
			kit.Choice{Value: ifExists, Label: "Only where there is one"}))
}

// Effect is Once where a second attempt would find what the first one has set.
func (s *set) Effect() kit.Effect {
	if s.When == ifNew {
		return kit.Once
	}
	return kit.Repeatable
}

func (s *set) Run(ctx context.Context, env kit.Env, _ flow.Record) (result kit.Result, err error) {
	text, err := written(s.Value)
	if err != nil {
		return result, err
	}
	args := redis.SetArgs{TTL: s.Expires, Mode: map[string]string{ifNew: "NX", ifExists: "XX"}[s.When]}
	err = s.use(ctx, env, true, func(ctx context.Context, l *line) error {
		err := l.SetArgs(ctx, s.Key, text, args).Err()
		result = kit.Pass(flow.Done)
		if errors.Is(err, redis.Nil) {
			result, err = kit.Pass(kept), nil
		}
		return err
	})
	return result, err
}

// setFields sets fields of a hash.
type setFields struct {
	settings
	Key    string
	Values any
}

func (s *setFields) Fields() kit.Fields {
	return s.own(
		kit.Text(&s.Key, "key", "Key").Needed().Eg("customer:7"),
		kit.Value(&s.Values, "fields", "Fields").AsMain().Help("An object; a text is kept as it is, {base64: …} as bytes, all else as JSON."))
}

func (s *setFields) Run(ctx context.Context, env kit.Env, _ flow.Record) (kit.Result, error) {
	pairs, err := pairsOf(s.Values, "fields")
	if err != nil {
		return kit.Result{}, err
	}
	return kit.Pass(flow.Done), s.use(ctx, env, true, func(ctx context.Context, l *line) error {
		return l.HSet(ctx, s.Key, pairs...).Err()
	})
}

// pairsOf is an object as names with texts, sorted by name.
func pairsOf(v any, field string) ([]any, error) {
	object, ok := v.(map[string]any)
	if !ok || len(object) == 0 {
		return nil, kit.Fail(kit.Malformed, "there is no object with members to write").On(field).Hint("map it to an object like {id, total}")
	}
	names := make([]string, 0, len(object))
	for name := range object {
		names = append(names, name)
	}
	slices.Sort(names)
	pairs := make([]any, 0, 2*len(names))
	for _, name := range names {
		text, err := written(object[name])
		if err != nil {
			return nil, err
		}
		pairs = append(pairs, name, text)
	}
	return pairs, nil
}

// remove removes a key, or fields of a hash.
type remove struct {
	settings
	Key   string
	Names []string
}

func (r *remove) Fields() kit.Fields {
	return r.own(
		kit.Text(&r.Key, "key", "Key").Needed().Eg("customer:7"),
		kit.List(&r.Names, "fields", "Only these fields").More().Help("Of a hash; empty removes the whole key."))
}

func (r *remove) Run(ctx context.Context, env kit.Env, _ flow.Record) (kit.Result, error) {
	return kit.Pass(flow.Done), r.use(ctx, env, true, func(ctx context.Context, l *line) error {
		if len(r.Names) > 0 {
			return l.HDel(ctx, r.Key, r.Names...).Err()
		}
		return l.Unlink(ctx, r.Key).Err()
	})
}

// scanned is how many keys are looked at in one go.
const scanned = 500

// scan gives every key that fits a pattern.
type scan struct {
	settings
	payload
	Pattern, Type string
	Values        bool
}

func (s *scan) Fields() kit.Fields {
	return s.own(
		kit.Text(&s.Pattern, "pattern", "Pattern").Eg("customer:*").Help("With * and ?; empty is every key."),
		kit.Pick(&s.Type, "type", "Type",
			kit.Choice{Value: "", Label: "Any"}, kit.Choice{Value: "string", Label: "Text"}, kit.Choice{Value: "hash", Label: "Hash"},
			kit.Choice{Value: "list", Label: "List"}, kit.Choice{Value: "set", Label: "Set"}, kit.Choice{Value: "zset", Label: "Sorted set"},
			kit.Choice{Value: "stream", Label: "Stream"}),
		kit.Toggle(&s.Values, "values", "With their values").Help("Of streams only their key; read those with their own operation."),
		s.field())
}

// Read gives a page. A key that is there all the while comes at least once; one that is
// moved within the server while it is read may come twice (Redis manual, "SCAN").
func (s *scan) Read(ctx context.Context, env kit.Env, after flow.Cursor) (page kit.Page, err error) {
	at := uint64(0)
	if after != nil {
		if err := json.Unmarshal(after, &at); err != nil {
			return page, kit.Fail(kit.Malformed, "the place in the list of keys cannot be read: %w", err).Hint("reset the cursor of the step")
		}
	}
	err = s.use(ctx, env, false, func(ctx context.Context, l *line) error {
		keys, next, err := s.keys(ctx, l, at)
		if err != nil {
			return err
		}
		slices.Sort(keys)
		keys = slices.Compact(keys)
		if page.Next, page.More = flow.Cursor(strconv.FormatUint(next, 10)), next != 0; !page.More {
			page.Next = nil
		}
		if s.Values {
			page.Data, err = look(ctx, l, keys, &s.payload)
			return err
		}
		types, err := typesOf(ctx, l, keys)
		for i, kind := range types {
			if kind != "none" {
				page.Data = append(page.Data, map[string]any{"key": keys[i], "type": kind})
			}
		}
		return err
	})
	return page, err
}

func (s *scan) keys(ctx context.Context, l *line, at uint64) ([]string, uint64, error) {
	if s.Type == "" {
		return l.Scan(ctx, at, s.Pattern, scanned).Result()
	}
	return l.ScanType(ctx, at, s.Pattern, scanned, s.Type).Result()
}

// typesOf names the types of keys; "none" is for one that is gone.
func typesOf(ctx context.Context, l *line, keys []string) ([]string, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	asked, err := l.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, key := range keys {
			p.Type(ctx, key)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	types := make([]string, len(asked))
	for i, one := range asked {
		types[i] = one.(*redis.StatusCmd).Val()
	}
	return types, nil
}

// look gives the keys that are there, with their values.
func look(ctx context.Context, l *line, keys []string, p *payload) (found []any, err error) {
	types, err := typesOf(ctx, l, keys)
	if err != nil || len(keys) == 0 {
		return nil, err
	}
	asked, err := l.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for i, key := range keys {
			pipe.PTTL(ctx, key)
			switch types[i] {
			case "string":
				pipe.Get(ctx, key)
			case "hash":
				pipe.HGetAll(ctx, key)
			case "list":
				pipe.LRange(ctx, key, 0, -1)
			case "set":
				pipe.SMembers(ctx, key)
			case "zset":
				pipe.ZRangeWithScores(ctx, key, 0, -1)
			default:
				pipe.Exists(ctx, key)
			}
		}
		return nil
	})
	if err != nil && !errors.Is(err, redis.Nil) {
		return nil, err
	}
	for i, key := range keys {
		left := asked[2*i].(*redis.DurationCmd).Val()
		if left == -2 || types[i] == "none" || errors.Is(asked[2*i+1].Err(), redis.Nil) {
			continue // it has gone meanwhile
		}
		one := map[string]any{"key": key, "type": types[i]}
		if v := p.of(asked[2*i+1]); v != nil {
			one["value"] = v
		}
		if left >= 0 {
			one["expires_in"] = left.Seconds()
		}
		found = append(found, one)
	}
	return found, nil
}

// of is the value that a command gave; nil where it gave none.
func (p *payload) of(answer redis.Cmder) any {
	switch answer := answer.(type) {
	case *redis.StringCmd:
		return p.read(answer.Val())
	case *redis.MapStringStringCmd:
		object := map[string]any{}
		for name, text := range answer.Val() {
			object[name] = p.read(text)
		}
		return object
	case *redis.StringSliceCmd:
		members := answer.Val()
		if answer.Name() == "smembers" {
			slices.Sort(members) // a set has no order of its own
		}
		list := make([]any, len(members))
		for i, text := range members {
			list[i] = p.read(text)
		}
		return list
	case *redis.ZSliceCmd:
		list := make([]any, len(answer.Val()))
		for i, z := range answer.Val() {
			member, _ := z.Member.(string)
			list[i] = map[string]any{"member": p.read(member), "score": z.Score}
		}
		return list
	}
	return nil
}
