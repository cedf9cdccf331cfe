package window

import (
	"os"
	"path/filepath"
	"testing"
)

// askingFlow asks about two orders and, for each that may be sent, who calls.
const askingFlow = `jackfield: 1
name: Large orders
steps:
  - {id: begin, uses: core.manual, with: {items: [{id: 7, customer: Ada}, {id: 8, customer: Grace}]}}
  - {id: ok, uses: core.approval, with: {text: '"May order \(.id) of \(.customer) be sent?"'}}
  - {id: who, uses: core.form, with: {text: '"Who calls \(.customer)?"', fields: [{name: who, label: Name, needed: true}]}}
  - {id: out, uses: json.write, with: {path: out.jsonl, lines: true}}
  - {id: night, uses: core.schedule, with: {cron: "30 2 * * *", timezone: Europe/Vienna}}
edges:
  - begin -> ok
  - ok.approved -> who
  - who -> out
  - night -> out
`

// A person presses Run, is asked, answers with pointer and keys, and the run goes on to
// its end; then looks at the schedule, at what history takes and at a flow with a loop.
func TestAPersonIsAskedAnswersAndTheRunGoesOn(t *testing.T) {
	for _, theme := range []string{"dark", "light"} {
		t.Run(theme, func(t *testing.T) {
			folder := t.TempDir()
			path := filepath.Join(folder, "ask.flow.yaml")
			if err := os.WriteFile(path, []byte(askingFlow), 0o600); err != nil {
				t.Fatal(err)
			}
			d := open(t, path, theme == "dark")
			d.find("approved")
			d.clickText("Run")
			d.clickText("Answer")
			d.find("May order 7 of Ada be sent?")
			d.picture("question-" + theme)
			d.clickText("Approve")
			d.find(`"Grace"`) // in the record, and not in the list, where it has been all the time
			d.clickText("Reject")
			d.find("Who calls Ada?")
			d.clickText("Send")
			d.find("it is missing")
			d.clickBelow("Name")
			d.write("Lin")
			d.picture("form-" + theme)
			d.clickText("Send")
			d.find("Nothing waits for you")
			d.click(d.icon("clock"))
			d.find("Next")
			d.picture("schedules-" + theme)
			d.click(d.icon("disk"))
			d.find("How long runs are kept")
			d.picture("storage-" + theme)
		})
	}
}
