package store

// The file is mapped into memory, and of a long run every page of it is looked at once,
// when the next row is put behind what it holds. Those pages would count as memory of
// this process for as long as it lives, also where nobody looks at them again, so they
// are let go of from time to time. The system keeps them in its own cache, from where
// they come back at the cost of a page fault.

// letGoEvery is after how many commits: what they have touched is a few megabytes.
const letGoEvery = 256

// letGoOfPages takes the file's pages out of this process's memory.
func (s *Store) letGoOfPages() {
	s.open.RLock()
	defer s.open.RUnlock()
	if s.db == nil {
		return
	}
	_ = viewOf(s.db, func(tx *txn) error { // while it reads, the mapping stays
		release(s.db.Info().Data, uintptr(tx.Size()))
		return nil
	})
}
