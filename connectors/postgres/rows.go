package postgres

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"jackfield/connectors/kit/tables"
	"jackfield/flow"
	"jackfield/flow/value"
)

// The numbers of PostgreSQL's own types (pg_type.dat); every database has the same.
const (
	oidBool, oidBytea                 = 16, 17
	oidInt8, oidInt2, oidInt4, oidOID = 20, 21, 23, 26
	oidJSON, oidJSONB                 = 114, 3802
	oidFloat4, oidFloat8, oidNumeric  = 700, 701, 1700
	oidTimestamp, oidTimestamptz      = 1114, 1184
	oidDate, oidUUID                  = 1082, 2950
)

// elementOf is the type of what an array of PostgreSQL's own types holds.
var elementOf = map[uint32]uint32{
	1000: oidBool, 1001: oidBytea, 1005: oidInt2, 1007: oidInt4, 1016: oidInt8, 1028: oidOID, 1009: 25, 1014: 1042, 1015: 1043, 1002: 18, 1003: 19,
	1021: oidFloat4, 1022: oidFloat8, 1231: oidNumeric, 1115: oidTimestamp, 1185: oidTimestamptz, 1182: oidDate, 1183: 1083, 1270: 1266,
	1187: 1186, 2951: oidUUID, 199: oidJSON, 3807: oidJSONB, 1041: 869, 651: 650, 1040: 829, 143: 142, 791: 790,
	3905: 3904, 3907: 3906, 3909: 3908, 3911: 3910, 3913: 3912, 3927: 3926,
}

// rows are what a query gives, as text.
type rows struct {
	reader  *pgconn.ResultReader
	columns []tables.Column
	types   []uint32
	arrays  []uint32 // the type of the elements where a column holds arrays
	values  [][]byte
	rest    [][][]byte // of rows that were read already
	closed  bool
	changed int
	err     error
	after   func() error
	decoder value.Decoder
}

// rows begins to read a result.
func (l *line) rows(ctx context.Context, r *pgconn.ResultReader) (*rows, error) {
	fields := r.FieldDescriptions()
	if fields == nil {
		// Nothing is known before the end: an error, or a statement without columns.
		done := r.Read()
		return &rows{closed: true, changed: int(done.CommandTag.RowsAffected())}, done.Err
	}
	for _, f := range fields {
		if f.DataTypeOID < 16384 {
			continue
		}
		if _, known := l.elements[f.DataTypeOID]; !known {
			// Of a type that the database made itself the server has to be asked, and it
			// answers only when this result has been read.
			done := whole(r)
			if done.Err != nil {
				return nil, done.Err
			}
			return l.held(ctx, done)
		}
	}
	columns, err := l.columns(ctx, fields)
	return l.made(fields, columns, &rows{reader: r}), err
}

// held gives the rows of a result that was read.
func (l *line) held(ctx context.Context, done *pgconn.Result) (*rows, error) {
	columns, err := l.columns(ctx, done.FieldDescriptions)
	if err != nil {
		return nil, err
	}
	return l.made(done.FieldDescriptions, columns, &rows{rest: done.Rows, closed: true}), nil
}

func (l *line) made(fields []pgconn.FieldDescription, columns []tables.Column, r *rows) *rows {
	r.columns, r.types, r.arrays = columns, make([]uint32, len(fields)), make([]uint32, len(fields))
	for i, f := range fields {
		r.types[i], r.arrays[i] = f.DataTypeOID, l.element(f.DataTypeOID)
	}
	return r
}

func (l *line) element(oid uint32) uint32 {
	if e, own := elementOf[oid]; own {
		return e
	}
	return l.elements[oid]
}

// columns are the columns of a result.
func (l *line) columns(ctx context.Context, fields []pgconn.FieldDescription) ([]tables.Column, error) {
	if err := l.learn(ctx, fields); err != nil {
		return nil, err
	}
	columns := make([]tables.Column, len(fields))
	for i, f := range fields {
		columns[i] = tables.Column{Name: f.Name, Schema: schemaOf(f.DataTypeOID, l.element(f.DataTypeOID)), Null: true}
	}
	return columns, nil
}

// learn asks the server which of the types are arrays that it does not know from the
// beginning.
func (l *line) learn(ctx context.Context, fields []pgconn.FieldDescription) error {
	var unknown []string
	for _, f := range fields {
		if _, known := l.elements[f.DataTypeOID]; f.DataTypeOID >= 16384 && !known {
			unknown = append(unknown, strconv.Itoa(int(f.DataTypeOID)))
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	if l.elements == nil {
		l.elements = map[uint32]uint32{}
	}
	done := l.conn.ExecParams(ctx, "select oid, case when typcategory = 'A' then typelem else 0 end from pg_type where oid in ("+strings.Join(unknown, ", ")+")",
		nil, nil, nil, nil).Read()
	for _, row := range done.Rows {
		oid, _ := strconv.ParseUint(string(row[0]), 10, 32)
		element, _ := strconv.ParseUint(string(row[1]), 10, 32)
		l.elements[uint32(oid)] = uint32(element)
	}
	return done.Err
}

func schemaOf(oid, element uint32) flow.Schema {
	switch oid {
	case oidBool:
		return flow.Of(flow.Boolean)
	case oidInt2, oidInt4, oidInt8, oidOID:
		return flow.Of(flow.Integer)
	case oidFloat4, oidFloat8, oidNumeric:
		return flow.Of(flow.Number)
	case oidJSON, oidJSONB:
		return flow.Any()
	}
	s := flow.Of(flow.String)
	switch {
	case element != 0:
		items := schemaOf(element, 0)
		s = flow.Of(flow.Array)
		s.Items = &items
	case oid == oidTimestamptz:
		s.Format = "date-time"
	case oid == oidDate:
		s.Format = "date"
	case oid == oidUUID:
		s.Format = "uuid"
	}
	return s
}

func (r *rows) Columns() []tables.Column { return r.columns }

func (r *rows) Next() bool {
	if len(r.rest) > 0 {
		r.values, r.rest = r.rest[0], r.rest[1:]
		return true
	}
	if r.closed || !r.reader.NextRow() {
		return false
	}
	r.values = r.reader.Values()
	return true
}

// Value is a cell as flows know it.
func (r *rows) Value(i int) (any, error) {
	if r.values[i] == nil {
		return nil, nil
	}
	if r.arrays[i] != 0 {
		return r.array(r.arrays[i], string(r.values[i]))
	}
	return r.value(r.types[i], r.values[i])
}

// Mark is a cell as a cursor keeps it: PostgreSQL's own text, but for numbers and times.
func (r *rows) Mark(i int) (any, error) {
	if r.values[i] == nil {
		return nil, nil
	}
	switch r.types[i] {
	case oidInt2, oidInt4, oidInt8, oidOID, oidFloat4, oidFloat8, oidNumeric, oidBool, oidTimestamp, oidTimestamptz:
		return r.value(r.types[i], r.values[i])
	}
	return string(r.values[i]), nil
}

func (r *rows) Err() error {
	if !r.closed {
		r.finish()
	}
	return r.err
}

func (r *rows) Close() error { return r.Err() }

// finish reads to the end and says how many rows were changed.
func (r *rows) finish() (int, error) {
	if !r.closed {
		tag, err := r.reader.Close()
		r.closed, r.changed, r.err = true, int(tag.RowsAffected()), err
	}
	if r.after != nil {
		if err := r.after(); r.err == nil {
			r.err = err
		}
		r.after = nil
	}
	return r.changed, r.err
}

func (r *rows) value(oid uint32, text []byte) (any, error) {
	switch oid {
	case oidBool:
		return text[0] == 't', nil
	case oidInt2, oidInt4, oidInt8, oidOID:
		return strconv.Atoi(string(text))
	case oidFloat4, oidFloat8:
		f, err := strconv.ParseFloat(string(text), 64)
		if err != nil || f-f != 0 { // NaN and the infinities have no number in JSON
			return string(text), nil
		}
		return f, nil
	case oidNumeric:
		return tables.Decimal(string(text)), nil
	case oidJSON, oidJSONB:
		return r.decoder.Decode(text)
	case oidBytea:
		return base64Of(text)
	case oidTimestamp, oidTimestamptz:
		return isoTime(string(text)), nil
	}
	return string(text), nil
}

func base64Of(text []byte) (any, error) {
	digits, found := strings.CutPrefix(string(text), `\x`)
	if !found {
		return nil, fmt.Errorf("bytes are written as %.20q", text)
	}
	data, err := hex.DecodeString(digits)
	return base64.StdEncoding.EncodeToString(data), err
}

// isoTime writes a time as RFC 3339 does, without a zone where it has none. What has no
// place there, such as infinity or a year before the common era, stays as it is.
func isoTime(text string) string {
	if len(text) < 19 || text[10] != ' ' || strings.HasSuffix(text, "BC") {
		return text
	}
	text = text[:10] + "T" + text[11:]
	if zoned, ok := strings.CutSuffix(text, "+00"); ok {
		return zoned + "Z"
	}
	return text
}
