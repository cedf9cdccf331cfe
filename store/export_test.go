package store

// Lose forgets what is held, as the end of the process does, and tells its keys.
func (s *Store) Lose() (keys []string) {
	for _, t := range s.tails.all() {
		t.mu.Lock()
		for _, one := range t.held {
			keys = append(keys, string(one.task[1:]))
		}
		t.next -= len(t.held)
		t.held, t.took = nil, 0
		t.mu.Unlock()
	}
	s.cache.mu.Lock()
	defer s.cache.mu.Unlock()
	for _, e := range s.cache.byRef {
		s.cache.drop(e)
	}
	return keys
}
