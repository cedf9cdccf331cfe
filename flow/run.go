package flow

import (
	"fmt"
	"time"
)

// RunID names a run on one machine. Ids ascend with the time of their start, so
// that the newest run has the greatest id.
type RunID string

// RunState is how a run stands.
type RunState string

// A run is Running until it ends in one of the others.
const (
	Running    RunState = "running"
	RunDone    RunState = "done"    // every record went through
	RunPartial RunState = "partial" // it ended, and some records failed
	RunFailed  RunState = "failed"  // it could not go on
	RunStopped RunState = "stopped" // a person stopped it
)

// Ended says whether nothing more happens in a run of this state by itself.
func (s RunState) Ended() bool { return s != Running && s != "" }

// Run is one execution of a flow, as the run index shows it.
type Run struct {
	ID        RunID     `json:"run"`
	Flow      ID        `json:"flow_id"`
	Name      string    `json:"flow"` // the flow's name when it started
	Version   int       `json:"version"`
	Dir       string    `json:"dir"`     // what relative paths are relative to
	Trigger   StepID    `json:"trigger"` // the step that started it, "" where there is none
	Cause     string    `json:"cause"`   // "manual", "schedule", "webhook", "watch", "after", "flow", "retry", "replay", "command line"
	Of        RunID     `json:"of,omitempty"`
	Slot      time.Time `json:"slot,omitzero"` // the planned time, for a schedule
	Set       []Setting `json:"set,omitempty"` // settings given for this run only
	Limit     int       `json:"limit,omitempty"`
	State     RunState  `json:"state"`
	Started   time.Time `json:"started"`
	Ended     time.Time `json:"ended,omitzero"`
	Problem   *Problem  `json:"problem,omitempty"`   // why it failed
	Given     int       `json:"given"`               // records that sources and triggers gave
	Failures  int       `json:"failures"`            // records that left by a failed outlet
	Resumed   int       `json:"resumed,omitempty"`   // how often it was taken up again
	Wakes     time.Time `json:"wakes,omitzero"`      // when the first of the records that wait for their time goes on
	Questions int       `json:"questions,omitempty"` // how many answers it waits for
	Queued    bool      `json:"queued,omitempty"`    // it waits for other runs of its flow to end
	GivenUp   bool      `json:"given_up,omitempty"`  // a person said that what it left undone stays so
	Part      *Part     `json:"part,omitempty"`      // of a replay of a part of another run
	Keys      RunID     `json:"keys,omitempty"`      // the run whose idempotency keys its steps send; "" is this one
	Bytes     int64     `json:"bytes"`               // what its history takes of the disk; the history tells it
	Trimmed   bool      `json:"trimmed,omitempty"`   // it was given up, and only the first records of each outlet are left

	// Interrupted says of a run that is Running that nobody performs it: its program ended
	// before it did, and it goes on when Jackfield serves. It is never stored.
	Interrupted bool `json:"interrupted,omitempty"`
}

// Report names the run that tells of this one's end, where that is bad and its flow says
// who is to hear of it. Each end has its own.
func (r Run) Report() RunID {
	if r.Resumed > 0 {
		return RunID(fmt.Sprintf("%s-failure-%d", r.ID, r.Resumed))
	}
	return r.ID + "-failure"
}

// Part is what of another run a replay does again.
type Part struct {
	Steps  []StepID `json:"steps"`            // where its records come to
	Failed bool     `json:"failed,omitempty"` // only those that had failed there
}

// Setting overrides one value of one step's "with" for one run.
type Setting struct {
	Step  StepID `json:"step"`
	Key   string `json:"key"`
	Value any    `json:"value"`
}

// Took is how long the run lasted; for one that still runs, until now. It is never less
// than nothing, though the clock was set back.
func (r Run) Took(now time.Time) time.Duration {
	if r.Ended.IsZero() {
		return max(0, now.Sub(r.Started))
	}
	return max(0, r.Ended.Sub(r.Started))
}

// Ref is the address of a batch: what left a step run by one outlet.
type Ref struct {
	Run    RunID  `json:"run"`
	Seq    int    `json:"seq"`
	Outlet Outlet `json:"outlet"`
}

// StepRun is one step's pass over one batch, as it is appended to the history. One
// without a step is a mark: the start of a flow that has no trigger, or a resume.
type StepRun struct {
	Run      RunID          `json:"run"`
	Seq      int            `json:"seq"` // its place in the run, from 0; given by the history
	Key      string         `json:"key"` // of the task; a second append with it changes nothing
	Step     StepID         `json:"step"`
	From     []Ref          `json:"from,omitempty"`    // what it took; several for the last page of a barrier, none for those before it and for a start
	With     []Ref          `json:"with,omitempty"`    // of a join: batches taken before, some of whose records are in what it gave
	Edge     int            `json:"edge"`              // index of the edge it came by; -1 for none
	Nth      int            `json:"nth,omitempty"`     // place in its batch of the first record it took
	Page     int            `json:"page,omitempty"`    // which page of a source or barrier, from 0
	More     bool           `json:"more,omitempty"`    // it has another page
	Next     Cursor         `json:"next,omitempty"`    // where that page begins
	Attempt  int            `json:"attempt"`           // attempts made, 1 is the first
	Retries  int            `json:"retries,omitempty"` // attempts beyond the first ones, of all its records together
	In       int            `json:"in"`                // records it took; a source takes its record with the first page, a barrier all with the last
	Passed   int            `json:"passed,omitempty"`  // records that the edge's condition held back
	Out      map[Outlet]int `json:"out"`
	Problems []Problem      `json:"problems,omitempty"` // the first few; each failed record has its own
	Fatal    *Problem       `json:"fatal,omitempty"`    // why the run cannot go on
	Mark     Mark           `json:"mark,omitempty"`     // what it is where it is no pass over records
	Intends  int            `json:"intends,omitempty"`  // how many of the records behind these the step was about to do, each time counting
	Asks     []Ask          `json:"asks,omitempty"`     // what those that left by Waiting wait for: one each, or one for all
	Loop     *Loop          `json:"loop,omitempty"`     // of a container: how far it got in its batch
	Waits    []Wait         `json:"waits,omitempty"`    // where they wait for no answer: until when, in the order of their batch
	Answer   *Answer        `json:"answer,omitempty"`   // of an Answered: what was said about the record at From and Nth
	// Computed says that what it gave is not stored, but computed again when somebody
	// asks for it, by this Version of the flow. Sum is the history's, to know it again.
	Computed bool          `json:"computed,omitempty"`
	Version  int           `json:"version,omitempty"`
	Sum      uint64        `json:"sum,omitempty"`
	Started  time.Time     `json:"started"`
	Took     time.Duration `json:"took"`
}

// Mark says what a step run is that is no pass over records.
type Mark string

// The marks.
const (
	Intended Mark = "intended" // the step is about to do what counts each time: Intends records
	Settled  Mark = "settled"  // the program had ended in the middle of that; what became of these records
	Rest     Mark = "rest"     // it stands for others that are not shown, with their sums; it has no place
	Answered Mark = "answered" // somebody answered a question of the step
)

// Asked is what the place-th of the records that left r by Waiting waits for.
func (r StepRun) Asked(place int) Ask {
	if len(r.Asks) == 0 {
		return Ask{}
	}
	return r.Asks[min(place, len(r.Asks)-1)]
}

// Entry is what one step run leaves behind. A history takes it whole or not at all.
type Entry struct {
	StepRun
	Batches    map[Outlet]Batch
	Checkpoint *Checkpoint
	Arranged   *Arrangement // of the run's trigger, with which the run begins; its own Run is nil
	Log        []LogLine
	// MayWait says that nothing is lost where the entry is: the same would be made again,
	// from what is in the history before it.
	MayWait bool
	// Begin is the run, where it begins with this entry and is not in the history yet.
	// End is how the run ends with it, if it takes the place Seq; where another one came
	// before it, that is no longer known, and End is not written. Both are taken together
	// with the entry.
	Begin, End *Run
}

// Checkpoint is the stored cursor of one step of one flow.
type Checkpoint struct {
	Flow   ID        `json:"flow"`
	Step   StepID    `json:"step"`
	Cursor Cursor    `json:"cursor"`
	Run    RunID     `json:"run"` // which moved it
	Moved  time.Time `json:"moved"`
}

// Level orders log lines.
type Level string

// The levels of a log line.
const (
	Debug Level = "debug"
	Info  Level = "info"
	Warn  Level = "warn"
	Error Level = "error"
)

// LogLine is one line of a run's log.
type LogLine struct {
	Time   time.Time `json:"time"`
	Level  Level     `json:"level"`
	Step   StepID    `json:"step,omitempty"`
	Record RecordID  `json:"record,omitempty"`
	Text   string    `json:"text"`
}

// Overview is what a list shows of a stored flow.
type Overview struct {
	ID       ID        `json:"id"`
	Name     string    `json:"name"`
	Path     string    `json:"path,omitempty"`
	Version  int       `json:"version"`
	Versions int       `json:"versions"`
	Steps    int       `json:"steps"`
	Enabled  bool      `json:"enabled"` // its triggers are live
	Saved    time.Time `json:"saved"`
	LastRun  RunID     `json:"last_run,omitempty"`
	State    RunState  `json:"state,omitempty"` // of the last run
}

// Connection is the stored settings for one account on one service.
type Connection struct {
	Name      string            `json:"name"` // what flows call it: [a-z][a-z0-9_-]*
	Connector string            `json:"connector"`
	Values    Values            `json:"values"`
	Secrets   map[string]string `json:"secrets,omitempty"` // field to reference in the vault
	Rate      Rate              `json:"rate,omitzero"`     // how often it may be used, all flows together
	BuiltIn   bool              `json:"built_in,omitempty"`
	Saved     time.Time         `json:"saved,omitzero"`
}

// Saved is one stored version of a flow.
type Saved struct {
	Version int       `json:"version"`
	Saved   time.Time `json:"saved"`
	Steps   int       `json:"steps"`
}
