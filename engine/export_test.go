package engine

import "jackfield/flow"

// Lose forgets what the end of the program may lose, and tells its keys.
func (m *Memory) Lose() (keys []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, one := range m.runs {
		kept := len(one.steps) - one.held
		for _, lost := range one.steps[kept:] {
			keys = append(keys, lost.Key)
			delete(one.keys, lost.Key)
			for o := range lost.Out {
				delete(one.data, flow.Ref{Run: lost.Run, Seq: lost.Seq, Outlet: o})
			}
		}
		one.steps, one.held = one.steps[:kept:kept], 0
	}
	return keys
}
