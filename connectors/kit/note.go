package kit

// Noter is an operation that knows something of itself that a person needs and cannot
// read off its settings, like the address that it is reached at. It is asked once the
// step's settings were bound, touches nothing outside, and gives the zero Note where it
// has nothing to say.
type Noter interface {
	Operation
	Note(env Env) Note
}

// Note is a few words for a person, and behind them what they may want to copy.
type Note struct {
	Text string
	Copy string // "" is nothing
}
