// Package redis reads, fills and hears of Redis (and Valkey) servers: keys, streams and
// channels.
//
// Its nouns: settings say where a server is, a line is what is open to it, lent to one at
// a time; an entry is a message of a stream. Its rules: nothing is sent twice by itself;
// an entry is acknowledged only when its record is safe on disk, and one that was given
// before is acknowledged without being given again; a command that was sent and not
// answered is uncertain.
package redis

import (
	"time"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/depot"
	"jackfield/flow"
)

// New declares the connector. Its lines are closed when nobody used them for a while or on
// Close.
func New() kit.Connector {
	lines := &depot.Lines[*line]{Linger: 30 * time.Second, Idle: 4}
	return kit.Connector{
		ID: "redis", Title: "Redis", Icon: "redis", Tint: "red",
		Summary:    "Read and write keys of a Redis or Valkey server, and send and take messages by its streams and channels.",
		Connection: func() kit.Connection { return &connection{newSettings(lines)} },
		Close:      lines.Close,
		Ops:        append(keyOps(lines), messageOps(lines)...),
	}
}

func keyOps(lines *depot.Lines[*line]) []kit.Op {
	return []kit.Op{{
		ID: "get", Title: "Get a key", Icon: "redis", Effect: kit.Reads,
		Summary: "Gives the value of a key: a text, an object of a hash, or a list of a list, set or sorted set.",
		Words:   []string{"cache", "read", "lookup", "hgetall", "value"},
		New:     func() kit.Operation { return &get{settings: newSettings(lines), payload: payload{As: asAuto}} },
		Out:     keySchema(),
		Outlets: []flow.Outlet{flow.Done, missing},
		Examples: []kit.Example{{
			Title: "Look a customer up", With: flow.Values{"host": "127.0.0.1"}, Map: `{key: "customer:\(.id)"}`,
		}},
	}, {
		ID: "set", Title: "Set a key", Icon: "save", Effect: kit.Once,
		Summary: "Puts a text, or any value as JSON, under a key.",
		Words:   []string{"cache", "write", "put", "store", "lock", "setnx"},
		New:     func() kit.Operation { return &set{settings: newSettings(lines), When: always} },
		Outlets: []flow.Outlet{flow.Done, kept},
		Examples: []kit.Example{{
			Title: "Keep each record for an hour", With: flow.Values{"host": "127.0.0.1", "expires": "1h"}, Map: `{key: "order:\(.id)", value: .}`,
		}},
	}, {
		ID: "set_fields", Title: "Set fields of a hash", Icon: "table", Effect: kit.Repeatable,
		Summary: "Sets fields of a hash to the members of an object; its other fields stay.",
		Words:   []string{"hset", "hash", "write", "object"},
		New:     func() kit.Operation { return &setFields{settings: newSettings(lines)} },
		Examples: []kit.Example{{
			Title: "Each customer as a hash", With: flow.Values{"host": "127.0.0.1"}, Map: `{key: "customer:\(.id)", fields: .}`,
		}},
	}, {
		ID: "delete", Title: "Delete a key", Icon: "delete", Effect: kit.Repeatable,
		Summary: "Removes a key, of whatever type, or fields of a hash; where there is none, that is fine.",
		Words:   []string{"del", "hdel", "remove", "cache", "invalidate"},
		New:     func() kit.Operation { return &remove{settings: newSettings(lines)} },
		Examples: []kit.Example{{
			Title: "Forget a customer", With: flow.Values{"host": "127.0.0.1"}, Map: `{key: "customer:\(.id)"}`,
		}},
	}, {
		ID: "scan", Title: "List keys", Icon: "search", Effect: kit.Reads,
		Summary: "Gives every key that fits a pattern, with its value or without.",
		Words:   []string{"keys", "scan", "all", "export", "cache"},
		New:     func() kit.Operation { return &scan{settings: newSettings(lines), payload: payload{As: asAuto}} },
		Out:     keySchema(),
		Examples: []kit.Example{{
			Title: "All customers", With: flow.Values{"host": "127.0.0.1", "pattern": "customer:*", "values": true},
		}},
	}}
}

func messageOps(lines *depot.Lines[*line]) []kit.Op {
	return []kit.Op{{
		ID: "add", Title: "Add to a stream", Icon: "send", Effect: kit.Once,
		Summary: "Adds an entry to the end of a stream, and gives its id.",
		Words:   []string{"xadd", "queue", "publish", "produce", "message", "event"},
		New:     func() kit.Operation { return &add{settings: newSettings(lines)} },
		Out:     flow.ObjectOf(must("stream", flow.Of(flow.String)), must("id", flow.Of(flow.String))),
		Examples: []kit.Example{{
			Title: "Each order once, whatever happens", With: flow.Values{"host": "127.0.0.1", "stream": "orders", "remember": "24h"}, Map: `{entry: {id, total}}`,
		}},
	}, {
		ID: "read", Title: "Read a stream", Icon: "list", Effect: kit.Reads,
		Summary: "Gives what is in a stream, each run going on where the one before ended; nothing is taken out.",
		Words:   []string{"xrange", "queue", "history", "event", "incremental"},
		New:     func() kit.Operation { return &read{settings: newSettings(lines), payload: payload{As: asAuto}} },
		Out:     entrySchema(),
		Examples: []kit.Example{{
			Title: "What is new in a stream", With: flow.Values{"host": "127.0.0.1", "stream": "orders"},
		}},
	}, {
		ID: "consume", Title: "When an entry comes into a stream", Icon: "trigger", Effect: kit.Reads, Trigger: true,
		Summary: "Starts a run for each entry of a stream as a member of a consumer group, and acknowledges it when its record is safe on disk.",
		Words:   []string{"xreadgroup", "queue", "subscribe", "message", "event", "worker"},
		New:     func() kit.Operation { return newConsume(lines) },
		Out:     entrySchema(),
		Examples: []kit.Example{{
			Title: "For each order", With: flow.Values{"host": "127.0.0.1", "stream": "orders", "group": "billing"},
		}},
	}, {
		ID: "publish", Title: "Publish to a channel", Icon: "send", Effect: kit.Once,
		Summary: "Sends a message to all who listen to a channel at this moment, and gives how many these are.",
		Words:   []string{"pubsub", "message", "notify", "broadcast", "send"},
		New:     func() kit.Operation { return &publish{settings: newSettings(lines)} },
		Out:     flow.ObjectOf(must("channel", flow.Of(flow.String)), must("receivers", flow.Of(flow.Integer))),
		Examples: []kit.Example{{
			Title: "Tell that an order changed", With: flow.Values{"host": "127.0.0.1", "channel": "orders"}, Map: `{message: {id}}`,
		}},
	}, {
		ID: "listen", Title: "When a message comes by a channel", Icon: "webhook", Effect: kit.Reads, Trigger: true,
		Summary: "Starts a run for each message of a channel, or of all channels whose names fit a pattern.",
		Words:   []string{"pubsub", "subscribe", "psubscribe", "message", "event"},
		New: func() kit.Operation {
			return &listen{settings: newSettings(lines), payload: payload{As: asAuto}, Begin: true}
		},
		Out: flow.ObjectOf(must("channel", flow.Of(flow.String)), flow.Property{Name: "payload", Required: true},
			must("begins", flow.Of(flow.Boolean))),
		Examples: []kit.Example{{
			Title: "When a key expires", With: flow.Values{"host": "127.0.0.1", "channel": "__keyevent@*__:expired"},
		}},
	}}
}

func must(name string, s flow.Schema) flow.Property {
	return flow.Property{Name: name, Required: true, Schema: s}
}

func keySchema() flow.Schema {
	return flow.ObjectOf(must("key", flow.Of(flow.String)), must("type", flow.Of(flow.String)),
		flow.Property{Name: "value"}, flow.Property{Name: "expires_in", Schema: flow.Of(flow.Number)})
}

func entrySchema() flow.Schema {
	return flow.ObjectOf(must("stream", flow.Of(flow.String)), must("id", flow.Of(flow.String)),
		must("time", flow.Schema{Types: []flow.Kind{flow.String}, Format: "date-time"}), must("data", flow.Of(flow.Object)))
}
