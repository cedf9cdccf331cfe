package flow

// Pressure is what waits in a run, and who rests because of that. What is being worked
// on waits until it is done.
type Pressure struct {
	Waits []Waits `json:"waits,omitempty"`
	Held  []Held  `json:"held,omitempty"`
}

// Waits is how much has come to a step by an edge and is not taken yet.
type Waits struct {
	Edge    int    `json:"edge"` // index of the edge; -1 for what came by none, such as records taken again
	Step    StepID `json:"step"` // where the edge leads to
	Batches int    `json:"batches"`
	Records int    `json:"records"`
	Gathers bool   `json:"gathers,omitempty"` // the step takes all of it together, once no more can come
}

// Held is a source, or a barrier that has more to give, that rests until a step behind
// it has taken some of what waits there.
type Held struct {
	Step StepID `json:"step"`
	By   StepID `json:"by"` // where most waits
}
