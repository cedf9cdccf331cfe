package flow

// The outlets of containers beside those of every step.
const (
	// Item is where items leave a container for the first steps in its scope. No edge
	// leads from it.
	Item Outlet = "item"
	// Finally is where a record leaves a container, as it came, whatever became of it.
	Finally Outlet = "finally"
)

// Loop is how far a container got in the batch that it takes, once a step run is done.
// Records are told by their places in the batch, step runs by their places in the run.
type Loop struct {
	Given   int   `json:"given"`             // of the records before this one nothing more comes, but for Open
	Record  int   `json:"record"`            // whose items go on next
	Item    int   `json:"item"`              // the next of them
	At      int   `json:"at"`                // the record of the first item that this step run gave
	First   int   `json:"first,omitempty"`   // the place of that item
	Seen    int   `json:"seen"`              // results of step runs before this one are dealt with
	Since   int   `json:"since"`             // no result of a step run before this one is needed again
	Open    []int `json:"open,omitempty"`    // records with failed items, which a resume takes up
	Skipped int   `json:"skipped,omitempty"` // items that were not begun, because the loop was to stop
}
