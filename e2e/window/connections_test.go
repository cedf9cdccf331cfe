package window

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"fyne.io/fyne/v2"

	"jackfield/flow"
)

// A person pastes an address into a connection, saves it, tests it and cancels a test of a
// service that does not answer.
func TestFillTestAndWatchAConnection(t *testing.T) {
	for _, theme := range []string{"dark", "light"} {
		t.Run(theme, func(t *testing.T) {
			slow := make(chan struct{})
			service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if user, _, _ := r.BasicAuth(); user == "slow" {
					select {
					case <-slow:
					case <-r.Context().Done():
					}
				}
			}))
			t.Cleanup(service.Close)
			t.Cleanup(func() { close(slow) })
			d := open(t, "", theme == "dark")
			if err := d.door.SaveConnection(t.Context(), flow.Connection{Name: "crm", Connector: "http", Values: flow.Values{"url": "http://nowhere.invalid"}}); err != nil {
				t.Fatal(err)
			}
			paste := func(user string) {
				fyne.DoAndWait(func() {
					fyne.CurrentApp().Clipboard().SetContent("http://" + user + ":pass@" + service.Listener.Addr().String())
				})
				d.clickText("Paste")
				d.find("Filled in: Address, Sign in, User, Password")
				d.clickText("Save")
				d.await("the saved connection", func() bool {
					all, err := d.door.Connections(t.Context())
					return err == nil && all[len(all)-1].Values["user"] == user
				})
			}
			d.click(d.icon("key"))
			d.clickText("crm")
			d.find("none yet")
			paste("ann")
			d.clickText("Test")
			d.find("Request")
			d.await("the success of the test", func() bool {
				h, err := d.door.Health(t.Context(), "crm")
				return err == nil && h.WorkedFor == "a test"
			})
			d.await("the success on the page", func() bool {
				_, none := d.place(func(o fyne.CanvasObject) bool { return shows(o) == "none yet" })
				return !none
			})
			d.picture("health-" + theme)

			paste("slow")
			d.clickText("Test")
			d.find("Testing…")
			d.find("Proxy")
			d.picture("testing-" + theme)
			d.clickText("Cancel")
			d.find("Cancelled")
		})
	}
}
