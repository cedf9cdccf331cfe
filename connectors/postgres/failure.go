package postgres

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"jackfield/connectors/kit"
)

// explain makes what PostgreSQL or the way to it says into a Failure.
func (s *server) explain(err error) error {
	var known *kit.Failure
	if err == nil || errors.As(err, &known) {
		return err
	}
	if said, ok := errors.AsType[*pgconn.PgError](err); ok {
		f := s.failure(said)
		f.Cause = err
		return f
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) && !isConnecting(err) {
		return err
	}
	if f := s.Unreached(err); f != nil {
		return f
	}
	if isConnecting(err) {
		return kit.Fail(kit.Denied, "%s: %w", s.Address(), bare(err)).On("tls").
			Hint("choose another encryption, or check that it is PostgreSQL that answers there")
	}
	if strings.Contains(err.Error(), "unexpected EOF") || strings.Contains(err.Error(), "conn closed") {
		return kit.Fail(kit.Unavailable, "%s hung up: %w", s.Address(), err).On("host").Unsure().
			Hint("retry; the server may have been restarted, and its log says why")
	}
	return err
}

func isConnecting(err error) bool {
	_, ok := errors.AsType[*pgconn.ConnectError](err)
	return ok
}

// bare is what went wrong, without who wanted what.
func bare(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}

// failure sorts by the code (PostgreSQL's manual, appendix "PostgreSQL Error Codes").
func (s *server) failure(said *pgconn.PgError) *kit.Failure {
	switch said.Code {
	case "28P01", "28000":
		return kit.Fail(kit.Denied, "%s does not let %q in: %s", s.Address(), s.User, said.Message).On("password").
			Hint("check user and password, and that the server's pg_hba.conf lets this machine in")
	case "3D000":
		return kit.Fail(kit.Missing, "there is no database %q on %s", s.Database, s.Address()).On("database").
			Hint("check the name; psql -l lists the databases")
	case "53300", "53400":
		return kit.Fail(kit.Busy, "%s takes no more connections: %s", s.Address(), said.Message).On("connections").
			Hint("retry, or lower \"connections\"")
	case "57P01", "57P02", "57P03", "57P04", "57P05":
		return kit.Fail(kit.Unavailable, "%s: %s", s.Address(), said.Message).On("host").Hint("retry when the server is up")
	case "25006":
		return kit.Fail(kit.Denied, "nothing may be written here: %s", said.Message).
			Hint("turn \"read_only\" off, or say by \"changes\" that the SQL changes something")
	case "42501":
		return kit.Fail(kit.Denied, "%q may not do that: %s", s.User, said.Message).Hint("have it granted: grant select, insert, update, delete on … to %s", quote(s.User))
	case "40001", "40P01":
		return kit.Fail(kit.Busy, "somebody else changed the same rows: %s", said.Message).Hint("retry")
	case "55P03":
		return kit.Fail(kit.Busy, "the rows are locked by somebody else: %s", said.Message).On("lock_timeout").
			Hint("retry, or raise \"lock_timeout\"")
	case "57014":
		return kit.Fail(kit.TimedOut, "the statement was ended: %s", said.Message).On("statement_timeout").Hint("raise \"statement_timeout\", or make the statement faster")
	case "53100":
		return kit.Fail(kit.Full, "the server's disk is full: %s", said.Message).Hint("make room on the server, then retry")
	case "42P01", "3F000":
		return kit.Fail(kit.Missing, "%s", said.Message).Hint("check the name of the table, and \"schema\"")
	case "42703":
		return kit.Fail(kit.Missing, "%s", said.Message).Hint("%s", wayOut(said, "check the name of the column; a text stands in 'single quotes'"))
	case "42P07", "42701":
		return kit.Fail(kit.Busy, "somebody else has just made it: %s", said.Message).Hint("retry")
	case "0A000":
		if strings.Contains(said.Message, "cached plan") {
			return kit.Fail(kit.Busy, "the table was changed while it was read: %s", said.Message).Hint("retry")
		}
	}
	switch {
	case strings.HasPrefix(said.Code, "08"):
		return kit.Fail(kit.Unavailable, "%s: %s", s.Address(), said.Message).On("host").Hint("retry")
	case ofTheRow(said):
		return rowFailure(said)
	}
	return kit.Fail(kit.Invalid, "PostgreSQL does not understand it: %s%s", said.Message, place(said)).Hint("%s", wayOut(said, "mend the SQL"))
}

func wayOut(said *pgconn.PgError, otherwise string) string {
	if said.Hint != "" {
		return strings.ToLower(said.Hint[:1]) + said.Hint[1:]
	}
	return otherwise
}

func place(said *pgconn.PgError) string {
	if said.Position == 0 {
		return ""
	}
	return fmt.Sprintf(" (character %d)", said.Position)
}

func explainRow(err error) error {
	if said, ok := errors.AsType[*pgconn.PgError](err); ok {
		f := rowFailure(said)
		f.Cause = err
		return f
	}
	return err
}

// inColumn is where COPY says which column it was at.
var inColumn = regexp.MustCompile(`, column ([^:]+):`)

// rowFailure is why a row was refused: by a rule, which is named, or for its data.
func rowFailure(said *pgconn.PgError) *kit.Failure {
	what := said.Message
	if column := inColumn.FindStringSubmatch(said.Where); column != nil && !strings.Contains(what, column[1]) {
		what = fmt.Sprintf("column %q: %s", column[1], what)
	}
	if said.ConstraintName != "" && said.Detail != "" {
		what += ": " + strings.TrimSuffix(said.Detail, ".")
	}
	switch said.Code[:2] {
	case "23", "44", "P0", "42", "21":
		return kit.Fail(kit.Refused, "the table refuses it: %s", what).Hint("%s", wayOut(said, "mend the value, or loosen the table's rule"))
	}
	return kit.Fail(kit.Malformed, "the value does not fit: %s", what).Hint("map it to what the column takes")
}
