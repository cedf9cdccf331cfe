package store

import "go.etcd.io/bbolt"

// txn is a transaction of the store's file. Where touched is set, it is told what the
// transaction changes.
type txn struct {
	*bbolt.Tx
	touched *touched
}

// viewOf reads db, update changes it, in one transaction each.
func viewOf(db *bbolt.DB, do func(tx *txn) error) error {
	return db.View(func(tx *bbolt.Tx) error { return do(&txn{Tx: tx}) })
}

func updateOf(db *bbolt.DB, do func(tx *txn) error) error {
	return db.Update(func(tx *bbolt.Tx) error { return do(&txn{Tx: tx}) })
}

// begin opens a transaction that changes db.
func begin(db *bbolt.DB) (*txn, error) {
	tx, err := db.Begin(true)
	return &txn{Tx: tx}, err
}
