package window

import (
	"os"
	"path/filepath"
	"testing"

	"jackfield/examples"
)

// example copies the examples and gives the path of one.
func example(t *testing.T, name string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, examples.Files); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, name+".flow.yaml")
	if _, err := os.Stat(path); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestEveryScreenInBothThemes opens one screen after the other. With
// JACKFIELD_PICTURES=folder it keeps a picture of each, for a person to look at.
func TestEveryScreenInBothThemes(t *testing.T) {
	for _, theme := range []string{"dark", "light"} {
		t.Run(theme, func(t *testing.T) {
			d := open(t, example(t, "orders"), theme == "dark")
			d.find("Send to the shop")
			d.clickText("Run")
			d.find("Open the run")
			d.click(d.card("send"))
			d.find("HTTP · Send a request")
			d.picture("orders-" + theme)
			d.clickText("Mapping")
			d.picture("mapping-" + theme)

			d.clickText("Open the run")
			d.find("Done, but some of 40 records failed: 3 records at Send to the shop.")
			d.find("Lars Östberg")
			d.picture("run-" + theme)
			d.clickText("Log")
			d.picture("log-" + theme)

			d.key("ctrl+h")
			d.find("some failed")
			d.find("Orders to the shop")
			d.picture("runs-" + theme)

			d.click(d.icon("key"))
			d.clickText("demo")
			d.clickText("Test")
			d.find("Request")
			d.picture("connections-" + theme)

			d.clickHome()
			d.find("Connect systems, without a cloud")
			d.find("Fails at first")
			d.picture("start-" + theme)

			d.clickText("New flow")
			c, origin := d.canvas()
			d.click(origin.AddXY(300, 250))
			d.key("Tab")
			d.write("csv")
			d.find("Read a CSV file")
			d.picture("palette-" + theme)
			d.key("Return")
			d.await("the step", func() bool { return len(c.Document().Flow().Steps) == 1 })
			d.key("ctrl+z")
			d.await("no step after the undo", func() bool { return len(c.Document().Flow().Steps) == 0 })
		})
	}
}
