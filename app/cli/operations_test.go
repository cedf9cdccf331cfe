package cli_test

import (
	"strings"
	"testing"
)

// What the choices of a field mean and where records leave was in the window alone.
func TestOperationIsShownWithItsOutletsAndWhatItsChoicesMean(t *testing.T) {
	d := newDesk(t)
	got := d.call("connectors", "show", "core.each").out
	for _, want := range []string{"- results: One record for each result\n", "records leave by done, finally, failed\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("it does not say %q:\n%s", want, got)
		}
	}
}
