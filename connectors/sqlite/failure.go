package sqlite

import (
	"context"
	"errors"
	"path/filepath"
	"regexp"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"jackfield/connectors/kit"
)

// explain makes what SQLite says into a Failure that names the file and the way out.
func explain(path string, err error) error {
	var said *sqlite.Error
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case !errors.As(err, &said):
		return err
	}
	f := failure(path, said)
	f.Cause = err
	return f
}

// code is SQLite's result code in err, 0 where there is none.
func code(err error) int {
	var said *sqlite.Error
	if errors.As(err, &said) {
		return said.Code()
	}
	return 0
}

// failure sorts by SQLite's primary result code, the low byte of its extended one
// (sqlite.org/rescode.html).
func failure(path string, said *sqlite.Error) *kit.Failure {
	name := filepath.Base(path)
	switch said.Code() & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL:
		return kit.Fail(kit.Busy, "the database %s is locked by another program", name).On("path").
			Hint("close the program that writes %s, or raise \"busy\", then retry", path)
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH:
		return kit.Fail(kit.Denied, "the database %s cannot be written", name).On("path").
			Hint("allow this user to write %s and its folder", path)
	case sqlite3.SQLITE_FULL:
		return kit.Fail(kit.Full, "there is no room left to write the database %s", name).On("path").
			Hint("make room on the disk of %s, then retry", filepath.Dir(path))
	case sqlite3.SQLITE_NOTADB:
		return kit.Fail(kit.Malformed, "%s is not a SQLite database", name).On("path").
			Hint("check the path; the file may be of another kind, or encrypted")
	case sqlite3.SQLITE_CORRUPT:
		return kit.Fail(kit.Malformed, "the database %s is damaged: %s", name, plain(said)).On("path").
			Hint("restore %s from a copy, or save what can be read: sqlite3 %s .recover", name, name)
	case sqlite3.SQLITE_CANTOPEN:
		return kit.Fail(kit.Denied, "the database %s cannot be opened: %s", name, plain(said)).On("path").
			Hint("check that %s is a file that this user may open", path)
	case sqlite3.SQLITE_IOERR:
		return kit.Fail(kit.Unavailable, "the disk of %s does not read or write as it should: %s", name, plain(said)).On("path").
			Hint("check the disk and its connection, then retry")
	case sqlite3.SQLITE_CONSTRAINT:
		return kit.Fail(kit.Refused, "the table refuses it: %s", plain(said)).Hint("mend the value, or loosen the table's rule")
	case sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_TOOBIG:
		return kit.Fail(kit.Malformed, "the value does not fit: %s", plain(said)).Hint("map it to what the column takes")
	}
	return kit.Fail(kit.Invalid, "SQLite does not understand it: %s", plain(said)).Hint("%s", wayOut(plain(said)))
}

// wayOut answers the mistakes that SQL shows most often.
func wayOut(said string) string {
	switch {
	case strings.Contains(said, "no such table"):
		return "check the name of the table, and that \"path\" names the right file"
	case strings.Contains(said, "no such column"):
		return "check the name of the column; a text stands in 'single quotes'"
	}
	return "mend the SQL; the part in quotes is where SQLite stumbled"
}

// resultCode is the number that the driver adds to each message.
var resultCode = regexp.MustCompile(` \(\d+\)$`)

// plain is SQLite's message without the number and the name of its class.
func plain(said *sqlite.Error) string {
	text := resultCode.ReplaceAllString(said.Error(), "")
	for _, class := range []string{"SQL logic error: ", "constraint failed: ", "database disk image is malformed: ", "datatype mismatch: "} {
		text = strings.TrimPrefix(text, class)
	}
	return text
}
