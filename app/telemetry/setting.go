package telemetry

import (
	"strings"

	"jackfield/flow"
)

// Setting reads what a person said: off, on, or the address for the metrics, which
// means on. It gives the address, "" where it is off.
func Setting(text string) (address string, err error) {
	switch strings.ToLower(text) {
	case "", "off", "false", "0", "no":
		return "", nil
	case "on", "true", "1", "yes":
		return Address, nil
	}
	if !strings.Contains(text, ":") {
		return "", flow.Problem{
			Field: "telemetry", Code: "invalid", What: text + " is neither on nor off nor an address",
			Fix: "say on, or where to serve the metrics, like " + Address,
		}
	}
	return text, nil
}
