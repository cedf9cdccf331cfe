package kit

// Container is an operation with other steps in its scope. The engine performs those
// for each item; the operation only says how. It is asked after it was bound for a
// record.
type Container interface {
	Operation
	Scope() Scope
}

// Scope says how a container's steps are performed for one record that came to it.
type Scope struct {
	Whole  bool      // the record itself is the one item; Items is ignored
	Items  any       // a list: each of its members is an item; anything else is one item; Itself stands for the record
	AtOnce int       // how many items go through together; 0 leaves it to the engine
	Stop   string    // names the field whose jq, where it holds for a result, ends the loop
	Give   ScopeGive // what becomes of the results
	Into   string    // of GiveList: the name under which the record gets them
}

// ScopeGive says what a container gives when a record's items are done.
type ScopeGive string

// What containers give.
const (
	GiveList    ScopeGive = "list"    // the record with a list of all that left the last steps
	GiveResults ScopeGive = "results" // what left the last steps, record by record
	GiveRecord  ScopeGive = "record"  // the record as it came
)

// Itself stands for the record, where nobody says what its items are.
type Itself struct{}
