package kit

// JoinPolicy says when records that meet at a join go on.
type JoinPolicy string

// The policies of a join.
const (
	// JoinLists waits until nothing more can come and gives one record with a list for
	// each way in: {STEP: [data, …], …}.
	JoinLists JoinPolicy = "lists"
	// JoinStream waits until nothing more can come; then the records themselves go on,
	// those of the first way in first.
	JoinStream JoinPolicy = "stream"
	// JoinPairs waits until nothing more can come, and then gives one record for each set
	// of records with the same key, one of each way in: {key: …, STEP: data, …}. A record
	// is in as many sets as there are; one that is in none leaves by Unmatched. As many
	// records as the disk has room for can be joined.
	JoinPairs JoinPolicy = "pairs"
	// JoinAny lets the first record go on, or the first of each key. The others leave by
	// Late.
	JoinAny JoinPolicy = "any"
	// JoinKeyed gives one record as soon as each way in has given a record with the key:
	// {key: …, STEP: data, …}. What finds no partner leaves by Unmatched once nothing
	// more can come.
	JoinKeyed JoinPolicy = "keyed"
)

// Joiner is an operation at which several ways of a flow meet. The engine joins: it
// knows by which way each record came, and which can still come. The operation says how.
type Joiner interface {
	Operation
	// Policy hangs on the step's settings alone.
	Policy() JoinPolicy
	// Key is what the record has in common with its partners. It is asked after the
	// operation was bound for the record.
	Key() any
}
