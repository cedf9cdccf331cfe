package flow

import "time"

// Retention says how long history is kept. The zero value of a field is without limit.
type Retention struct {
	Quota   int64         `json:"quota"`   // bytes in all
	Keep    int           `json:"keep"`    // ended runs of a flow; as many again that failed
	Done    time.Duration `json:"done"`    // how long a run that ended well, or was stopped, is kept
	Failed  time.Duration `json:"failed"`  // how long one that failed or is partial is
	Samples int           `json:"samples"` // how many first records of each outlet a run that is given up keeps for a while
}

// FlowLimits are what one flow has in place of the general retention. A zero leaves
// that.
type FlowLimits struct {
	Keep  int
	Quota int64
}

// Tidied is what became of history that retention gave up.
type Tidied struct {
	Freed   int64 `json:"freed"`           // bytes
	Removed int   `json:"removed"`         // runs
	Cut     int   `json:"cut"`             // runs of which only samples are left
	Over    int64 `json:"over,omitempty"`  // bytes above the quota that may not go: of runs that have not ended
	Short   bool  `json:"short,omitempty"` // it was the disk that is nearly full rather than the quota
}

// Usage is what is taken of the disk, in bytes.
type Usage struct {
	Total int64       `json:"total"` // all files of the home folder that Jackfield writes
	Free  int64       `json:"free"`  // of that, what is free to be used again
	Quota int64       `json:"quota"` // 0 is without
	Disk  int64       `json:"disk"`  // what is left on the disk
	Flows []FlowUsage `json:"flows"` // the largest first
}

// FlowUsage is the part of one flow.
type FlowUsage struct {
	Flow  ID     `json:"flow_id"`
	Name  string `json:"flow"`
	Runs  int    `json:"runs"`
	Bytes int64  `json:"bytes"`
	Quota int64  `json:"quota,omitempty"`
}
