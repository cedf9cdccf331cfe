package window

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"jackfield/connectors/kit/auth/authtest"
	"jackfield/flow"
)

// fakeBrowser takes the place of the system's: it writes down the address that it is to
// open.
func fakeBrowser(t *testing.T) (asked func() string) {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "address")
	script := "#!/bin/sh\nprintf '%s' \"$1\" > '" + file + ".new' && mv '" + file + ".new' '" + file + "'\n"
	if err := os.WriteFile(filepath.Join(dir, "xdg-open"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	return func() string {
		text, err := os.ReadFile(file)
		if err != nil {
			return "" // it was not opened yet
		}
		_ = os.Remove(file) // the next address comes anew
		return string(text)
	}
}

func TestSignInByTheBrowser(t *testing.T) {
	browser := fakeBrowser(t)
	for _, theme := range []string{"dark", "light"} {
		t.Run(theme, func(t *testing.T) {
			d := open(t, "", theme == "dark")
			server := authtest.New()
			service := httptest.NewServer(server)
			defer service.Close()
			err := d.door.SaveConnection(t.Context(), flow.Connection{Name: "crm", Connector: "http", Values: flow.Values{
				"url": service.URL, "auth": "oauth2", "oauth_client_id": "app",
				"oauth_auth_url": service.URL + "/authorize", "oauth_token_url": service.URL + "/token",
			}})
			if err != nil {
				t.Fatal(err)
			}
			standing, err := d.door.Standing(t.Context(), "crm")
			if err != nil {
				t.Fatal(err)
			}
			server.Redirects = []string{standing.Redirect}

			d.click(d.icon("key"))
			d.clickText("crm")
			d.find("Nobody is signed in")
			d.find(standing.Redirect)
			d.picture("sign-in-" + theme)
			d.clickText("Sign in")
			address := ""
			d.await("the browser", func() bool { address = browser(); return address != "" })
			d.find("If it cannot come back, paste the address that it ended at:")
			d.picture("sign-in-waits-" + theme)
			res, err := http.Get(address)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			d.find("Signed in as ann@example.com")
			d.picture("signed-in-" + theme)

			server.Refuse("access_denied")
			d.clickText("Sign in again")
			d.await("the browser", func() bool { address = browser(); return address != "" })
			if res, err = http.Get(address); err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			d.await("why not", func() bool {
				_, said := d.place(func(o fyne.CanvasObject) bool { return strings.Contains(shows(o), "the person said no") })
				return said
			})
			d.picture("sign-in-refused-" + theme)
		})
	}
}
