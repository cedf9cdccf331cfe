// Package process runs programs of this machine: one for each record, or one that goes
// on and whose lines start runs.
//
// Its nouns: a program is what a person names, with its arguments, its folder and its
// environment; a job is one that runs. Its rules: arguments are handed over one by one,
// never through a shell, unless the person asks for one, and even then a record's values
// are arguments and no part of the line; a program sees of this machine's environment only
// what it was allowed; when it is to end, all that it started ends with it.
package process

import (
	"jackfield/connectors/kit"
	"jackfield/flow"
)

// New declares the connector.
func New() kit.Connector {
	return kit.Connector{
		ID: "process", Title: "Programs", Icon: "code", Tint: "slate",
		Summary: "Run programs of this machine.",
		Ops:     []kit.Op{listenOp(), runOp()},
	}
}

func runOp() kit.Op {
	return kit.Op{
		ID: "run", Title: "Run a program", Effect: kit.Once,
		Summary: "Runs a program for each record and gives what it prints.",
		Words:   []string{"command", "execute", "shell", "script", "bash", "python", "exec", "cli", "stdin", "stdout"},
		New:     func() kit.Operation { return newRun() },
		Examples: []kit.Example{{
			Title: "Count the words of a text",
			With:  flow.Values{"program": "wc", "args": []any{"-w"}, "input_as": "text", "effect": "reads"},
			Map:   "{input: .text}",
		}, {
			Title: "A script that takes and prints JSON",
			With:  flow.Values{"program": "./enrich.py", "effect": "reads"},
		}, {
			Title: "Arguments from the record",
			With:  flow.Values{"program": "convert"},
			Map:   `{args: [.path, "-resize", "50%", (.path + ".small")]}`,
		}},
	}
}

func listenOp() kit.Op {
	return kit.Op{
		ID: "listen", Title: "When a program prints a line", Icon: "watch", Trigger: true, Effect: kit.Reads,
		Summary: "Keeps a program going and starts a run for each line that it prints.",
		Words:   []string{"trigger", "tail", "follow", "stream", "daemon", "watch", "command"},
		New:     func() kit.Operation { return newListen() },
		Examples: []kit.Example{{
			Title: "Follow a log",
			With:  flow.Values{"program": "tail", "args": []any{"-n", "0", "-F", "app.log"}},
		}},
	}
}
