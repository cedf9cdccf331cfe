package filter

import (
	"strings"
	"testing"
)

func TestLDAP(t *testing.T) {
	l := LDAP{Attributes: map[string]Attribute{
		"name": {Name: "cn"}, "uid": {Name: "uid", Exact: true}, "age": {Name: "age", Exact: true, Ordered: true},
		"changed": {Name: "modifyTimestamp", Ordered: true, Time: true, Exact: true}, "odd": {Name: "a)(b"},
	}}
	tests := []struct{ src, want, rest string }{
		{`name = 'Ann'`, `(cn=Ann)`, `name = 'Ann'`},
		{`name contains 'a*(b)\'`, `(cn=*a\2a\28b\29\5c*)`, `name contains E'a*(b)\\'`},
		{`uid = 'x' and name != null`, `(&(&(uid=*)(uid=x))(cn=*))`, ``},
		{`uid != 'x'`, `(&(uid=*)(!(uid=x)))`, ``},
		{`name != 'x'`, ``, `name != 'x'`},
		{`not uid = 'x' or name = null`, `(|(!(&(uid=*)(uid=x)))(!(cn=*)))`, ``},
		{`not name = 'x'`, ``, `not name = 'x'`},
		{`age > 5 limit 3`, `(&(age=*)(age>=5))`, `age > 5 limit 3`},
		{`age between 5 and 9`, `(&(&(age=*)(age>=5))(&(age=*)(age<=9)))`, ``},
		{`uid in ('a', 'b')`, `(|(&(uid=*)(uid=a))(&(uid=*)(uid=b)))`, ``},
		{`changed >= 2024-05-01T12:00:00Z`, `(&(modifyTimestamp=*)(modifyTimestamp>=20240501120000Z))`, ``},
		{`changed >= 2024-05-01T12:00:00.5Z`, ``, `changed >= 2024-05-01T12:00:00.5Z`},
		{`name > 'x' or uid = 'y'`, ``, `name > 'x' or uid = 'y'`},
		{`odd = 'x'`, ``, `odd = 'x'`},
		{"uid = 'a\x00ü'", "(&(uid=*)(uid=a\\00ü))", ``},
	}
	for _, tt := range tests {
		pushed, rest := l.Split(mustParse(t, tt.src))
		got, err := l.Filter(pushed.Where)
		if err != nil || got != tt.want || Print(rest) != tt.rest {
			t.Errorf("%s: %s, rest %s, %v\nwant %s, rest %s", tt.src, got, rest, err, tt.want, tt.rest)
		}
	}
	if got := EscapeLDAP("\xff*"); got != `\ff\2a` {
		t.Errorf("bytes are %s", got)
	}
	if text, err := l.Filter(mustParse(t, `name > 'x'`).Where); err == nil {
		t.Errorf("what was not pushed is written %s", text)
	}
}

func TestParams(t *testing.T) {
	p := Params{Limit: "per_page", List: []Param{
		{Field: "created", Op: GreaterEqual, Name: "created_after", As: AsRFC3339},
		{Field: "created", Op: LessEqual, Name: "created_before", As: AsUnix},
		{Field: "day", Op: Equal, Name: "day", As: AsDate},
		{Field: "status", Op: Equal, Name: "status"},
		{Field: "status", Op: In, Name: "status"},
		{Field: "title", Op: Contains, Name: "q", Rough: true},
		{Field: "total", Op: Greater, Name: "total", Format: "gt:{value}"},
	}}
	tests := []struct{ src, query, rest string }{
		{`status = 'a b&c' limit 5`, `per_page=5&status=a+b%26c`, `limit 5`},
		{`created > 2024-05-01 and total > 5`, `created_after=2024-05-01T00%3A00%3A00Z&total=gt%3A5`, `created > 2024-05-01`},
		{`created between 2024-05-01 and 2024-05-02`, `created_after=2024-05-01T00%3A00%3A00Z&created_before=1714608000`, ``},
		{`status = 'a' and status = 'b' limit 5`, `status=a`, `status = 'b' limit 5`},
		{`status in ('a', 'b')`, `status=a%2Cb`, ``},
		{`status in ('a,c', 'b')`, ``, `status in ('a,c', 'b')`},
		{`title contains 'x'`, `q=x`, `title contains 'x'`},
		{`status = 'a' or status = 'b'`, ``, `status = 'a' or status = 'b'`},
		{`status = null`, ``, `status = null`},
		{`day = 2024-05-01T12:00:00Z`, ``, `day = 2024-05-01T12:00:00Z`},
		{`day = '2024-05-01'`, `day=2024-05-01`, ``},
		{`created >= 'soon'`, ``, `created >= 'soon'`},
		{`limit 7`, `per_page=7`, `limit 7`},
	}
	for _, tt := range tests {
		query, rest := p.Split(mustParse(t, tt.src))
		if query.Encode() != tt.query || Print(rest) != tt.rest {
			t.Errorf("%s: %s, rest %s\nwant %s, rest %s", tt.src, query.Encode(), rest, tt.query, tt.rest)
		}
	}
}

func TestOData(t *testing.T) {
	o := OData{Properties: map[string]Property{
		"name": {Path: "Customer/Name", Kind: TextColumn}, "city": {Path: "City", Kind: TextColumn, Folds: true},
		"total": {Path: "Total", Kind: DecimalColumn, Lists: true}, "paid": {Path: "Paid", Kind: BoolColumn},
		"created": {Path: "CreatedAt", Kind: DateTimeColumn}, "due": {Path: "Due", Kind: DateColumn}, "blob": {Path: "Blob"},
	}}
	tests := []struct{ src, want, rest string }{
		{`name = "O'Neil" and (total > 5.50 or paid = true)`, `Customer/Name eq 'O''Neil' and (Total gt 5.50 or Paid eq true)`, ``},
		{`name != 'x'`, `(Customer/Name ne null and Customer/Name ne 'x')`, ``},
		{`not name contains 'x'`, `not ((Customer/Name ne null and contains(Customer/Name,'x')))`, ``},
		{`name = null or total != null`, `Customer/Name eq null or Total ne null`, ``},
		{`city = 'Wien'`, `City eq 'Wien'`, `city = 'Wien'`},
		{`city != 'Wien'`, ``, `city != 'Wien'`},
		{`total in (1, 2)`, `Total in (1,2)`, ``},
		{`name in ('a', 'b')`, `Customer/Name eq 'a' or Customer/Name eq 'b'`, ``},
		{`total between 1 and 2`, `Total ge 1 and Total le 2`, ``},
		{`created >= 2024-05-01 and due < 2024-06-01`, `CreatedAt ge 2024-05-01T00:00:00Z and Due lt 2024-06-01`, ``},
		{`name > 'x'`, ``, `name > 'x'`},
		{`total = '5'`, ``, `total = '5'`},
		{`paid`, `Paid eq true`, ``},
		{`blob = 'x'`, ``, `blob = 'x'`},
		{`total > null`, ``, `total > null`},
	}
	for _, tt := range tests {
		pushed, rest := o.Split(mustParse(t, tt.src))
		got, err := o.Filter(pushed.Where)
		if err != nil || got != tt.want || Print(rest) != tt.rest {
			t.Errorf("%s: %s, rest %s, %v\nwant %s, rest %s", tt.src, got, rest, err, tt.want, tt.rest)
		}
	}
	if text, err := o.Filter(mustParse(t, `'x'`).Where); err == nil || !strings.Contains(err.Error(), "'x'") {
		t.Errorf("a constant is written %s, %v", text, err)
	}
}
