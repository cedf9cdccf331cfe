package editor

import "jackfield/flow"

// Replace puts another state in the place of all that is drawn, as one change with
// its way back. What the store knows of the flow stays.
func (d *Document) Replace(f flow.Flow, words string) bool {
	return d.change(words, func(t *draft) {
		t.scene = *sceneOf(f)
		t.ownSteps, t.ownEdges = true, true
	})
}
