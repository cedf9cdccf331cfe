package cli

import (
	_ "embed"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
)

// sendDatagram writes a text to a Unix datagram socket; a path with @ in front is one
// without a file.
func sendDatagram(path, text string) error {
	c, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		return err
	}
	_, err = c.Write([]byte(text))
	if closed := c.Close(); err == nil {
		err = closed
	}
	return err
}

//go:embed jackfield.service
var unitFile string

// printUnit writes the unit file with this program's path and home folder in it.
func printUnit(w io.Writer, home string) error {
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	if program, err = filepath.EvalSymlinks(program); err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	start := quoteUnit(program) + " serve"
	if home != "" {
		folder, err := filepath.Abs(home)
		if err != nil {
			return err
		}
		start = quoteUnit(program) + " --home " + quoteUnit(folder) + " serve"
	}
	_, err = io.WriteString(w, strings.Replace(unitFile, "%h/.local/bin/jackfield serve", start, 1))
	return err
}

// quoteUnit writes one word of a command as systemd.service(5) reads it.
func quoteUnit(word string) string {
	word = strings.NewReplacer(`\`, `\\`, `"`, `\"`, `%`, `%%`, `$`, `$$`).Replace(word)
	if strings.ContainsAny(word, " \t'\"\\") {
		return `"` + word + `"`
	}
	return word
}
