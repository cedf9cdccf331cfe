package mysql

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"strings"

	"github.com/go-sql-driver/mysql"

	"jackfield/connectors/kit"
)

// number is the server's number of what went wrong, 0 where it said nothing.
func number(err error) uint16 {
	if said, ok := errors.AsType[*mysql.MySQLError](err); ok {
		return said.Number
	}
	return 0
}

// explain makes what the server or the way to it says into a Failure.
func (s *server) explain(err error) error {
	var known *kit.Failure
	if err == nil || errors.As(err, &known) {
		return err
	}
	if large(err) {
		return tooLarge(err)
	}
	if said, ok := errors.AsType[*mysql.MySQLError](err); ok {
		f := s.failure(said)
		f.Cause = err
		return f
	}
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, mysql.ErrNoTLS):
		return kit.Fail(kit.Denied, "%s does not encrypt: %w", s.Address(), err).On("tls").Hint("choose another encryption, or have it set up on the server")
	case errors.Is(err, mysql.ErrInvalidConn), errors.Is(err, driver.ErrBadConn), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return kit.Fail(kit.Unavailable, "%s hung up: %w", s.Address(), err).On("host").Unsure().
			Hint("retry; the server may have been restarted, and its log says why")
	}
	if f := s.Unreached(err); f != nil {
		return f
	}
	return err
}

// failure sorts by the server's number (MySQL's manual, "Server Error Message Reference",
// and mariadb.com/kb/en/mariadb-error-code-reference).
func (s *server) failure(said *mysql.MySQLError) *kit.Failure {
	switch said.Number {
	case 1045, 1698, 1524, 1251:
		return kit.Fail(kit.Denied, "%s does not let %q in: %s", s.Address(), s.User, said.Message).On("password").
			Hint("check user and password, and from which hosts the user may come")
	case 1049:
		return kit.Fail(kit.Missing, "there is no database %q on %s", s.Database, s.Address()).On("database").Hint("check the name; show databases lists them")
	case 1290, 1792, 1836, 3159:
		return kit.Fail(kit.Denied, "nothing may be written here: %s", said.Message).
			Hint("turn \"read_only\" off, or say by \"changes\" that the SQL changes something")
	case 1044, 1142, 1143, 1227, 1370:
		return kit.Fail(kit.Denied, "%q may not do that: %s", s.User, said.Message).Hint("have it granted: grant select, insert, update, delete on … to …")
	case 1040, 1203, 1226:
		return kit.Fail(kit.Busy, "%s takes no more connections: %s", s.Address(), said.Message).On("connections").Hint("retry, or lower \"connections\"")
	case 1205:
		return kit.Fail(kit.Busy, "the rows are locked by somebody else: %s", said.Message).On("lock_timeout").Hint("retry, or raise \"lock_timeout\"")
	case 1213, 1020, 4031:
		return kit.Fail(kit.Busy, "somebody else changed the same rows: %s", said.Message).Hint("retry")
	case 1969, 3024, 1317:
		return kit.Fail(kit.TimedOut, "the statement was ended: %s", said.Message).On("statement_timeout").Hint("raise \"statement_timeout\", or make the statement faster")
	case 1053, 1927:
		return kit.Fail(kit.Unavailable, "%s: %s", s.Address(), said.Message).On("host").Hint("retry when the server is up")
	case 1114, 1021:
		return kit.Fail(kit.Full, "the server's disk or table is full: %s", said.Message).Hint("make room on the server, then retry")
	case 1153, 1162:
		return kit.Fail(kit.Malformed, "the value is larger than the server takes at once: %s", said.Message).Hint("have max_allowed_packet raised on the server")
	case 1146, 1051:
		return kit.Fail(kit.Missing, "%s", said.Message).Hint("check the name of the table")
	case 1054:
		return kit.Fail(kit.Missing, "%s", said.Message).Hint("check the name of the column; a text stands in 'single quotes'")
	case 1050, 1060:
		return kit.Fail(kit.Busy, "somebody else has just made it: %s", said.Message).Hint("retry")
	case 1412, 1615:
		return kit.Fail(kit.Busy, "the table was changed meanwhile: %s", said.Message).Hint("retry")
	}
	if ofTheRow(said) {
		return rowFailure(said)
	}
	return kit.Fail(kit.Invalid, "the server does not understand it: %s", said.Message).Hint("mend the SQL; the part in quotes is where it stumbled")
}

// refused are what the rules of a table refuse, malformed what does not fit into a column.
var (
	refused = map[uint16]bool{
		1062: true, 1048: true, 1364: true, 1451: true, 1452: true, 4025: true, 3819: true, 1644: true, 1906: true, 3105: true,
		1169: true, 1586: true, 1216: true, 1217: true, 1442: true, 1369: true,
	}
	malformed = map[uint16]bool{
		1264: true, 1265: true, 1366: true, 1406: true, 1292: true, 1690: true, 3140: true, 1411: true, 1416: true, 1118: true,
		1300: true, 4038: true, 1367: true, 1425: true, 1525: true,
	}
)

// ofTheRow says whether the server refuses this row alone.
func ofTheRow(err error) bool {
	n := number(err)
	return refused[n] || malformed[n] || large(err)
}

func explainRow(err error) error {
	if large(err) {
		return tooLarge(err)
	}
	if said, ok := errors.AsType[*mysql.MySQLError](err); ok {
		f := rowFailure(said)
		f.Cause = err
		return f
	}
	return err
}

// large says whether a value is longer than the server takes. In a prepared statement that
// has no number of its own.
func large(err error) bool {
	return errors.Is(err, mysql.ErrPktTooLarge) || number(err) == 1105 && strings.Contains(err.Error(), "max_allowed_packet")
}

func tooLarge(err error) *kit.Failure {
	return kit.Fail(kit.Malformed, "the value is larger than the server takes at once: %w", err).Hint("have max_allowed_packet raised on the server")
}

func rowFailure(said *mysql.MySQLError) *kit.Failure {
	what := strings.TrimSuffix(said.Message, " at row 1")
	if refused[said.Number] {
		return kit.Fail(kit.Refused, "the table refuses it: %s", what).Hint("mend the value, or loosen the table's rule")
	}
	return kit.Fail(kit.Malformed, "the value does not fit: %s", what).Hint("map it to what the column takes")
}
