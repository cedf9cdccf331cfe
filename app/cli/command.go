package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"jackfield/flow"
)

// command is one subcommand: what it takes and does, or, as "runs" is, a word in
// front of subcommands of its own.
type command struct {
	name, args, summary string
	run                 func(ctx context.Context, p *Program, c *call) error
	subs                []command
}

func commands() []command {
	return []command{
		{name: "run", args: "FLOW|FILE [--set step.key=value] [--input FILE|-] [--limit N]", summary: "run a flow and wait for its end", run: runFlow},
		{name: "check", args: "FILE...", summary: "list the problems of flow files", run: checkFiles},
		{name: "filter", args: "TEXT [--input FILE|-]", summary: "read a filter and print it, or the records of a file that it picks", run: filterRecords},
		{name: "flows", summary: "the flows of this machine", subs: []command{
			{name: "ls", summary: "list the flows", run: flowsList},
			{name: "show", args: "FLOW [--version N]", summary: "print a flow's file", run: flowsShow},
			{name: "import", args: "FILE", summary: "keep a copy of a flow file on this machine", run: flowsImport},
			{name: "export", args: "FLOW [FILE] [--version N]", summary: "write a flow to a new file", run: flowsExport},
			{name: "enable", args: "FLOW|FILE", summary: "make the triggers of a flow live", run: flowsEnable},
			{name: "disable", args: "FLOW", summary: "let the triggers of a flow rest", run: flowsDisable},
			{name: "state", args: "FLOW [STEP] [--history | --set JSON | --rewind TIME | --reset]", summary: "what incremental steps remember between runs", run: flowsState},
			{name: "triggers", args: "[FLOW]", summary: "list what starts flows by itself, what waits and what was missed", run: flowsTriggers},
			{name: "next", args: "FLOW [-n N] [--step SCHEDULE]", summary: "list when a schedule starts its next runs", run: flowsNext},
			{name: "backfill", args: "FLOW --from TIME [--to TIME] [--step SCHEDULE] [--dry-run]", summary: "plan a run for each time of a range that has none", run: flowsBackfill},
			{name: "rm", args: "FLOW", summary: "forget a flow; its file and its runs stay", run: flowsRemove},
			{name: "diff", args: "FLOW [VERSION [VERSION]]", summary: "what changed from one version to another", run: flowsDiff},
		}},
		{name: "runs", summary: "what happened", subs: []command{
			{name: "ls", args: "[--flow FLOW] [--state STATE] [--limit N]", summary: "list the runs, newest first", run: runsList},
			{name: "show", args: "RUN", summary: "what left each step of a run, and what failed", run: runsShow},
			{name: "logs", args: "RUN", summary: "print the log of a run", run: runsLogs},
			{name: "records", args: "RUN STEP [--outlet OUTLET] [--input]", summary: "print records as JSON Lines", run: runsRecords},
			{name: "questions", args: "[RUN]", summary: "list what runs wait for a person to say", run: runsQuestions},
			{name: "answer", args: "QUESTION|--all RUN [CHOICE] [--step STEP] [--note WHY] [--values JSON|-]", summary: "say what a run waits for", run: runsAnswer},
			{name: "resume", args: "RUN [--old|--new]", summary: "do what a run failed to do, or has not done yet", run: runsResume},
			{name: "replay", args: "RUN [--from STEP] [--failed] [--old|--new]", summary: "start a new run that does an old one, or a part of it, again", run: runsReplay},
			{name: "give-up", args: "RUN", summary: "leave undone what a run failed to do; no schedule resumes it", run: runsGiveUp},
			{name: "stop", args: "RUN", summary: "stop a run that goes on", run: runsStop},
			{name: "rm", args: "RUN", summary: "forget a run with its records", run: runsRemove},
			{name: "diff", args: "RUN RUN", summary: "how many records left each step of two runs", run: runsDiff},
		}},
		{name: "history", summary: "what runs take of the disk, and how long they are kept", run: historyShow, subs: []command{
			{name: "tidy", summary: "give up now what is not to be kept, and give the room back", run: historyTidy},
			{name: "set", args: "[quota=SIZE] [keep=RUNS] [done=TIME] [failed=TIME] [samples=RECORDS]", summary: "say how much and how long, as in quota=10GB done=30d; 0 is without limit", run: historySet},
		}},
		{name: "connections", summary: "accounts on services", subs: []command{
			{name: "ls", summary: "list the connections", run: connectionsList},
			{name: "add", args: "NAME CONNECTOR [key=value ...] [key=-] [--paste] [--rate 10/s]", summary: "save a connection; key=- takes the value from standard input, --paste a cURL command or an address", run: connectionsAdd},
			{name: "show", args: "NAME", summary: "how a connection has fared, who uses it, and what is about to go wrong", run: connectionsShow},
			{name: "test", args: "NAME", summary: "try a connection out", run: connectionsTest},
			{name: "slots", summary: "list the connections that flows name, and what serves for them here", run: connectionsSlots},
			{name: "bind", args: "SLOT [NAME]", summary: "let a connection serve here for what flows name; without NAME take that back", run: connectionsBind},
			{name: "sign-in", args: "NAME [--open] [--device|--paste|--show]", summary: "sign in where a person has to, in a browser or with a code", run: connectionsSignIn},
			{name: "sign-out", args: "NAME", summary: "forget what a sign-in gave", run: connectionsSignOut},
			{name: "rm", args: "NAME", summary: "forget a connection and its secrets", run: connectionsRemove},
		}},
		{name: "secrets", summary: "what keeps the secrets of connections", subs: []command{
			{name: "status", summary: "show where the key lies and whether it is locked", run: secretsStatus},
			{name: "unlock", summary: "open the vault with its passphrase, from the terminal or standard input", run: secretsUnlock},
			{name: "protect", args: "keyring|file|passphrase [--forget]", summary: "move the key, or change its passphrase", run: secretsProtect},
			{name: "rotate", summary: "seal all secrets anew with a new key", run: secretsRotate},
			{name: "check", summary: "open every secret", run: secretsCheck},
		}},
		{name: "connectors", summary: "what steps can do", subs: []command{
			{name: "ls", summary: "list all operations", run: connectorsList},
			{name: "show", args: "CONNECTOR|OPERATION", summary: "print fields and examples", run: connectorsShow},
			{name: "add", args: "FILE|ADDRESS [NAME]", summary: "make a connector of a file that describes a service, such as an OpenAPI document", run: connectorsAdd},
			{name: "new", args: "NAME --from REQUEST|-", summary: "draft a manifest from an example request, written as a command line of curl", run: connectorsNew},
			{name: "files", summary: "list the files that describe connectors, and what is wrong with them", run: connectorsFiles},
			{name: "rm", args: "NAME", summary: "take a connector away that was added", run: connectorsRemove},
		}},
		{name: "serve", args: "[--drain TIME] [--log plain|text|json] [--telemetry on|ADDRESS] [--unit]", summary: "schedules and listeners, without a window", run: serve},
		{name: "doctor", args: "[--rescue]", summary: "look at this machine and the home folder", run: doctor},
		{name: "version", summary: "print the version", run: printVersion},
	}
}

// find takes the words that name a command off args. c.name says them all.
func (c *call) find(args []string) error {
	among := commands()
	for {
		cmd, ok := named(among, args[0])
		if !ok {
			return c.unknown(among, args[0])
		}
		c.command, c.args = cmd, args[1:]
		c.name = strings.TrimSpace(c.name + " " + cmd.name)
		if cmd.subs == nil {
			return nil
		}
		if cmd.run != nil && (len(c.args) == 0 || strings.HasPrefix(c.args[0], "-") && !isHelp(c.args[0])) {
			c.command.subs = nil // it does something by itself
			return nil
		}
		if len(c.args) == 0 {
			return usagef("say which: jackfield %s %s", c.name, strings.Join(names(cmd.subs), "|"))
		}
		if isHelp(c.args[0]) {
			return nil
		}
		among, args = cmd.subs, c.args
	}
}

func (c *call) unknown(among []command, word string) error {
	what := strings.TrimSpace(c.name + " " + word)
	if near, ok := flow.Nearest(word, names(among)); ok {
		return usagef("there is no command %q; did you mean %q?", what, strings.TrimSpace(c.name+" "+near))
	}
	return usagef("there is no command %q; %s lists them", what, strings.Join(strings.Fields("jackfield help "+c.name), " "))
}

func named(among []command, name string) (command, bool) {
	for _, cmd := range among {
		if cmd.name == name {
			return cmd, true
		}
	}
	return command{}, false
}

func names(among []command) []string {
	var all []string
	for _, cmd := range among {
		all = append(all, cmd.name)
	}
	return all
}

func isHelp(word string) bool {
	return word == "help" || word == "--help" || word == "-help" || word == "-h"
}

// overview lists the commands.
func (p *Program) overview(w io.Writer) error {
	fmt.Fprint(w, "Jackfield connects systems without a cloud.\n\n")
	rows := [][2]string{{"jackfield [FILE]", "open the window"}}
	if p.Window == nil {
		rows = nil
	}
	for _, cmd := range commands() {
		what, summary := cmd.args, cmd.summary
		if cmd.subs != nil {
			what, summary = "…", summary+": "+strings.Join(names(cmd.subs), ", ")
		}
		what, _, _ = strings.Cut(what, " [")
		rows = append(rows, [2]string{strings.TrimSpace("jackfield " + cmd.name + " " + what), summary})
	}
	rows = append(rows, [2]string{"jackfield help COMMAND", "what a command takes"}, [2]string{"jackfield help file", "how a flow file is written"})
	printPairs(w, rows)
	_, err := fmt.Fprint(w, `
--home DIR or JACKFIELD_HOME says where everything is kept.
JACKFIELD_PASSPHRASE_FILE names a file with the passphrase of the vault, where it has one.
JACKFIELD_WORKERS says how many tasks are performed at a time, in all runs.
--json makes a command print JSON.
Exit code: 0 all records done, 1 the run failed, 2 bad usage or an invalid flow,
3 finished and some records failed.
`)
	return err
}

// group lists the subcommands of one command.
func (c *call) group() error {
	fmt.Fprintf(c.p.Out, "jackfield %s: %s\n\n", c.name, c.command.summary)
	var rows [][2]string
	for _, cmd := range c.command.subs {
		rows = append(rows, [2]string{strings.TrimSpace("jackfield " + c.name + " " + cmd.name + " " + cmd.args), cmd.summary})
	}
	printPairs(c.p.Out, rows)
	return nil
}

// usage is how the command is called.
func (c *call) usage() string {
	return strings.TrimSpace("usage: jackfield " + c.name + " " + c.command.args)
}

// printPairs writes two columns.
func printPairs(w io.Writer, rows [][2]string) {
	width := 0
	for _, r := range rows {
		width = max(width, len([]rune(r[0])))
	}
	for _, r := range rows {
		fmt.Fprintf(w, "  %-*s  %s\n", width, r[0], r[1])
	}
}
