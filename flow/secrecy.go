package flow

// Protection is what keeps the key that secrets are sealed with.
type Protection string

// The places of the key.
const (
	ByKeyring    Protection = "keyring"    // the system's keyring: it opens with the person's session
	ByFile       Protection = "file"       // a file that its owner alone can read
	ByPassphrase Protection = "passphrase" // a file that a passphrase opens
)

// Secrecy is how the secrets of a home folder stand.
type Secrecy struct {
	By      Protection `json:"by,omitempty"` // "" where no secret was ever kept
	Locked  bool       `json:"locked"`       // a person has to give the passphrase first
	Secrets int        `json:"secrets"`
	Key     string     `json:"key,omitempty"`     // tells one key from another, and nothing of it
	Where   string     `json:"where,omitempty"`   // the key's file, or its name in the keyring
	Keyring string     `json:"keyring,omitempty"` // why the system's keyring does not serve; "" where it does
}
