package mysql

import (
	"context"
	"fmt"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
)

func TestDeclaration(t *testing.T) {
	c := New()
	kittest.Connector(t, c)
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

func TestValuesComeAsTheyAre(t *testing.T) {
	r := newRig(t)
	r.sql(`create table t (id int primary key, big bigint unsigned, d decimal(40,10), f float, g double, b bit(10), s varchar(20), bin varbinary(10), at timestamp(6) null, dt datetime(3), day date, tm time, y year, doc json, e enum('sad','merry'));
		insert into t values (1, 18446744073709551615, 123456789012345678901234567890.0, 0.1, 0.30000000000000004, b'1000000001', 'Zoë 🎺', x'00ff', '2024-02-29 10:00:00.123456', '2024-02-29 10:00:00.5', '2024-02-29', '-12:30:00', 2024, '{"a":[1,null]}', 'merry'),
		(2, 1, 12345678901234567890.0123456789, -1.5, 1e300, 0, '', '', null, '2024-01-01', null, null, null, null, null)`)
	got, _ := r.Read("read", flow.Values{"table": "t"}, nil)
	want := `[{"at":"2024-02-29T10:00:00.123456Z","b":513,"big":18446744073709551615,"bin":"AP8=","d":123456789012345678901234567890,"day":"2024-02-29","doc":{"a":[1,null]},"dt":"2024-02-29T10:00:00.5","e":"merry","f":0.1,"g":0.30000000000000004,"id":1,"s":"Zoë 🎺","tm":"-12:30:00","y":2024},` +
		`{"at":null,"b":0,"big":1,"bin":"","d":"12345678901234567890.0123456789","day":null,"doc":null,"dt":"2024-01-01T00:00:00","e":null,"f":-1.5,"g":1e+300,"id":2,"s":"","tm":null,"y":null}]`
	if text := kittest.JSON(got); text != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
	r.sql("create table u like t")
	for _, said := range r.Write("upsert", flow.Values{"table": "u", "key": []any{"id"}}, got...) {
		if said != "" {
			t.Fatal(said)
		}
	}
	again, _ := r.Read("read", flow.Values{"table": "u"}, nil)
	if text := kittest.JSON(again); text != want {
		t.Errorf("written and read again\ngot  %s\nwant %s", text, want)
	}
}

func TestReadLosesNothingOfATableThatChanges(t *testing.T) {
	zoned, ofZoned := kittest.Ticks(time.RFC3339)
	bare, ofBare := kittest.Ticks("2006-01-02T15:04:05")
	text, ofText := kittest.Ticks(time.DateTime)
	number, ofNumber := kittest.Numbers()
	for _, tt := range []struct {
		name, table, from, unit, partition string
		parts                              int
		at                                 func(int) any
		tick                               func(any) int
	}{
		{"times with a zone", "create table `rows` (id int primary key, at timestamp null, part int, text text)", "", "s", "", 1, zoned, ofZoned},
		{"times without", "create table `rows` (id int primary key, at datetime, part int, text text, key (at, id))", "", "s", "", 1, bare, ofBare},
		{"texts", "create table `rows` (id int primary key, at varchar(40), part int, text text)", "", "s", "", 1, text, ofText},
		{"a view", "create table `rows` (id int primary key, at decimal(20,2), part int, text text); create view seen as select * from `rows`", "seen", "", "", 1, number, ofNumber},
		{"partitions", "create table `rows` (id int primary key, at double, part int, text text)", "", "", "part", 3, number, ofNumber},
	} {
		t.Run(tt.name, func(t *testing.T) {
			kittest.Incremental(t, tt.parts, false, func(t testing.TB) kittest.Table {
				r := newRig(t)
				r.sql(tt.table)
				return &kittest.Shifting{Desk: r.Desk, Table: "rows", From: tt.from, At: tt.at, Tick: tt.tick, Unit: tt.unit, Partition: tt.partition}
			})
		})
	}
}

func TestReadFindsWhatCommitsLate(t *testing.T) {
	r := newRig(t)
	r.sql("create table t (id int primary key, at timestamp(6) not null default current_timestamp(6))")
	late, commit := r.transaction("insert into t (id) values (1)")
	defer late.Close()
	r.sql("insert into t (id) values (2)")
	with := flow.Values{"table": "t", "cursor": "at", "overlap": "1h"}
	first, mark := r.Read("read", with, nil)
	if got := kittest.JSON(kittest.Column(first, "id")); got != "[2]" {
		t.Fatalf("first %s", got)
	}
	commit()
	then, mark := r.Read("read", with, mark)
	if got := kittest.JSON(kittest.Column(then, "id")); got != "[1]" {
		t.Errorf("the row of the transaction that was open: %s", got)
	}
	if again, _ := r.Read("read", with, mark); len(again) != 0 {
		t.Errorf("and then again %v", again)
	}
}

func TestReadKeepsItsOrderByWhateverColumn(t *testing.T) {
	r := newRig(t)
	r.sql("create table t (id int primary key, at datetime, v varbinary(5), f float, s varchar(9), key (f));" +
		"insert into t values (1, null, x'01', 0.1, 'b'), (2, '2024-01-01', x'00', 0.1, 'A'), (3, null, x'ff', 0.3, 'a'), (4, '2023-01-01', x'', -7.7, 'B'), (5, '2024-01-01', x'02', 0.1, null)")
	for _, tt := range []struct{ cursor, want string }{
		{"at", "[1,3,4,2,5]"}, {"v", "[4,2,1,5,3]"}, {"f", "[4,1,2,5,3]"}, {"s", "[5,2,3,1,4]"}, {"", "[1,2,3,4,5]"}, {"id", "[1,2,3,4,5]"},
	} {
		for size := 1; size <= 6; size++ {
			got, _ := r.Read("read", flow.Values{"table": "t", "cursor": tt.cursor, "page_size": size}, nil)
			if ids := kittest.JSON(kittest.Column(got, "id")); ids != tt.want {
				t.Errorf("by %q in pages of %d: %s, want %s", tt.cursor, size, ids, tt.want)
			}
		}
	}
}

func TestUpsertMakesTheTableFromTheFirstBatch(t *testing.T) {
	r := newRig(t)
	with := flow.Values{"table": "orders", "key": []any{"shop", "id"}}
	said := r.Write("upsert", with,
		map[string]any{"id": 1, "shop": "a", "total": 5, "paid": true, "tags": []any{"x", 1}, "big": new(big.Int).Lsh(big.NewInt(1), 70), "later": nil, "mixed": 1},
		map[string]any{"id": 2, "shop": "a", "total": 5.25, "paid": false, "tags": nil, "note": "Zoë's \"own\"\n\t\\", "mixed": "two"})
	if said[0]+said[1] != "" {
		t.Fatal(said)
	}
	want := "shop varchar(255) NO, id bigint(20) NO, big decimal(65,0) YES, later longtext YES, mixed longtext YES, paid tinyint(1) YES, tags longtext YES, total double YES, note longtext YES"
	if got := r.sql("select group_concat(column_name, ' ', column_type, ' ', is_nullable order by ordinal_position separator ', ') from information_schema.columns where table_schema = database()"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	said = r.Write("upsert", with, map[string]any{"id": 1, "shop": "a", "total": 7, "new": 1.5}, map[string]any{"ID": 1, "shop": "a", "total": 8})
	if said[0]+said[1] != "" {
		t.Fatal(said)
	}
	if got, want := r.sql("select id, big, mixed, paid, tags, total, new from orders order by id"), "1\t1180591620717411303424\t1\t1\t[\"x\",1]\t8\t1.5\n2\tNULL\ttwo\t0\tNULL\t5.25\tNULL"; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestARowThatIsRefusedFailsAlone(t *testing.T) {
	for _, op := range []string{"upsert", "insert"} {
		for _, engine := range []string{"innodb", "myisam"} {
			t.Run(op+" "+engine, func(t *testing.T) {
				r := newRig(t)
				r.sql(`create table t (id int primary key, name varchar(30) not null, total decimal(20,2) check (total >= 0), twice decimal(20,2) as (total * 2) stored, code varchar(9) unique, doc json, raw blob, at datetime) engine=` + engine + `;
					insert into t (id, name, code) values (-1, 'old', 'taken')`)
				with := flow.Values{"table": "t", "add_columns": false}
				if op == "upsert" {
					with["key"] = []any{"id"}
				}
				rows := make([]any, 300)
				for i := range rows {
					row := map[string]any{"id": i, "name": fmt.Sprintf("row %d", i), "total": float64(i) / 4}
					switch i {
					case 1:
						row["total"] = -1
					case 2:
						row["name"] = strings.Repeat("x", 31)
					case 3:
						row["id"] = "three"
					case 4:
						row["name"] = nil
					case 5:
						row["code"] = "taken"
					case 6:
						row["colour"] = "red"
					case 7:
						row["raw"] = "no base64!"
					case 8:
						row["at"] = "soon"
					case 9:
						row["twice"] = 1
					case 10:
						row["id"] = 10.5
					}
					rows[i] = row
				}
				said := r.Write(op, with, rows...)
				for i, want := range []string{
					"", "total", "too long", "three", "'name'", "'code'", `no column "colour"`, "base64", "soon", "twice", "whole numbers",
				} {
					if (want == "") != (said[i] == "") || !strings.Contains(said[i], want) {
						t.Errorf("row %d: %q, want %q", i, said[i], want)
					}
				}
				for i, s := range said[11:] {
					if s != "" {
						t.Fatalf("row %d: %s", i+11, s)
					}
				}
				if got, want := r.sql("select count(*), sum(id) from t where id >= 10; select name from t where code = 'taken'"), "289\t44795\nold"; got != want {
					t.Errorf("in the table %q, want %q", got, want)
				}
			})
		}
	}
}

func TestUpsertNeverTouchesTheRowOfAnotherKey(t *testing.T) {
	r := newRig(t)
	r.sql("create table t (id int primary key, email varchar(50) unique, n int); insert into t values (1, 'a@example.com', 1), (2, 'b@example.com', 2)")
	said := r.Write("upsert", flow.Values{"table": "t", "key": []any{"id"}},
		map[string]any{"id": 3, "email": "a@example.com", "n": 9}, map[string]any{"id": 2, "n": 5}, map[string]any{"id": 4, "email": "d@example.com"}, map[string]any{"id": 2})
	if !strings.Contains(said[0], "Duplicate entry 'a@example.com'") || said[1]+said[2]+said[3] != "" {
		t.Errorf("said %q", said)
	}
	if got, want := r.sql("select * from t order by id"), "1\ta@example.com\t1\n2\tb@example.com\t5\n4\td@example.com\tNULL"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	_, err := r.TryWrite("upsert", flow.Values{"table": "t", "key": []any{"n"}}, map[string]any{"n": 1})
	kittest.WantFailure(t, err, kit.Invalid, "key", "create unique index `t_n` on `t` (`n`)")
}

func TestUpdateAndDeleteTakeTheRowsWithTheKey(t *testing.T) {
	r := newRig(t)
	r.sql("create table t (id int primary key, a varchar(9), b varchar(9)); insert into t values (1, 'x', 'b'), (2, 'a', 'b'), (3, 'a', 'b')")
	key := flow.Values{"table": "t", "key": []any{"id"}}
	said := r.Write("update", key, map[string]any{"id": 1, "a": "x"}, map[string]any{"id": 9, "a": "x"}, map[string]any{"id": 3, "a": nil, "b": "y"})
	if said[0] != "" || !strings.Contains(said[1], "no row of t has id 9") || said[2] != "" {
		t.Errorf("said %q", said)
	}
	if said = r.Write("delete", key, map[string]any{"id": 2}, map[string]any{"id": 9}); said[0]+said[1] != "" {
		t.Error(said)
	}
	if got := r.sql("select * from t order by id"); got != "1\tx\tb\n3\tNULL\ty" {
		t.Errorf("left: %q", got)
	}
}

func TestQueryTellsRowsAndChanges(t *testing.T) {
	r := newRig(t)
	for _, step := range []struct {
		sql    string
		params any
		want   string
	}{
		{"create table t (id int primary key auto_increment, n int)", nil, `[{"changed":0,"last_id":null}]`},
		{"insert into t (n) values (1), (2), (3)", nil, `[{"changed":3,"last_id":1}]`},
		{"update t set n = n + 1 where id > :least", map[string]any{"least": 1}, `[{"changed":2,"last_id":null}]`},
		{"select id, n, ':x' as x from t where n > ? order by id", []any{2}, `[{"id":2,"n":3,"x":":x"},{"id":3,"n":4,"x":":x"}]`},
		{"insert into t (n) values (9) returning id, n", nil, `[{"id":4,"n":9}]`},
		{"delete from t", nil, `[{"changed":4,"last_id":null}]`},
	} {
		got, err := r.Run("query", flow.Values{"sql": step.sql, "params": step.params})
		if err != nil {
			t.Fatalf("%s: %v", step.sql, err)
		}
		if text := kittest.JSON(got); text != step.want {
			t.Errorf("%s\ngot  %s\nwant %s", step.sql, text, step.want)
		}
	}
	_, err := r.Run("query", flow.Values{"sql": "insert into t (n) values (1)", "changes": "nothing"})
	kittest.WantFailure(t, err, kit.Denied, "", "nothing may be written")
	_, out, err := r.Bind("query", flow.Values{"sql": "select id, n as x from t where id = :id"}).(kit.Describer).Describe(t.Context(), r.Env)
	if err != nil || len(out.Properties) != 2 || out.Properties[1].Name != "x" {
		t.Errorf("%v, %v", out, err)
	}
}

func TestAConnectionIsTriedStepByStep(t *testing.T) {
	r := newRig(t)
	r.sql("create table orders (id int); insert into orders values (1); create or replace user certified@'127.0.0.1' require subject '/CN=certified'; grant select on " + r.database + ".* to certified@'127.0.0.1'")
	certificate, key, err := db.Authority.Issue("certified", time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := closed.Addr().(*net.TCPAddr).Port
	closed.Close()
	for _, tt := range []struct {
		name, steps, ends string
		with              flow.Values
		words             []string
	}{
		{"as it should be", "Name Connection Sign-in Permission Sample", "", nil, []string{"tester@127.0.0.1 in " + r.database, "MariaDB", "orders: 1 columns, 1 row read"}},
		{"encrypted and checked", "Name Connection Certificate Sign-in Permission Sample", "", flow.Values{"tls": "on", "ca": string(db.CA)}, nil},
		{"encrypted, not checked", "Name Connection Certificate Sign-in Permission Sample", "", flow.Values{"tls": "unchecked"}, nil},
		{
			"by certificate", "Name Connection Certificate Sign-in Permission Sample", "",
			flow.Values{"tls": "on", "ca": string(db.CA), "user": "certified", "password": "", "certificate": string(certificate), "certificate_key": string(key)},
			[]string{"certified@127.0.0.1"},
		},
		{"a connection that only reads", "Name Connection Sign-in Permission Sample", "", flow.Values{"read_only": true}, []string{"none may be written"}},
		{"a certificate that nobody knows", "Name Connection Certificate", "Certificate", flow.Values{"tls": "on"}, []string{"is not trusted"}},
		{"a wrong password", "Name Connection Sign-in", "Sign-in", flow.Values{"password": "wrong"}, []string{`does not let "tester" in`}},
		{"no such database", "Name Connection Sign-in", "Sign-in", flow.Values{"database": "shpo"}, []string{`no database "shpo"`}},
		{"nobody there", "Name Connection", "Connection", flow.Values{"port": port}, []string{"refused"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := r.Set.Connection()
			for _, layer := range []flow.Values{r.All, tt.with} {
				for _, p := range c.Fields().Bind("c", layer) {
					t.Fatal(p)
				}
			}
			var steps []string
			text := ""
			for _, c := range c.Test(t.Context(), r.Env) {
				steps, text = append(steps, c.Name), text+c.What+"; "+c.Fix+"\n"
				if c.OK == (c.Name == tt.ends) || !c.OK && c.Fix == "" {
					t.Errorf("%s: %v, %s; %s", c.Name, c.OK, c.What, c.Fix)
				}
			}
			if got := strings.Join(steps, " "); got != tt.steps {
				t.Errorf("steps %s, want %s", got, tt.steps)
			}
			for _, w := range tt.words {
				if !strings.Contains(text, w) {
					t.Errorf("%s does not speak of %q", text, w)
				}
			}
			if strings.Contains(text, db.Password) {
				t.Errorf("the password shows: %s", text)
			}
		})
	}
}

func TestAConnectionIsFilledByWhatIsPasted(t *testing.T) {
	c := New().Connection().(kit.Paster)
	for text, want := range map[string]string{
		"mysql://ada:s%40cret@db.example.com:3307/shop?ssl-mode=VERIFY_IDENTITY": `{"database":"shop","host":"db.example.com","password":"s@cret","port":3307,"tls":"on","user":"ada"}`,
		"DATABASE_URL='mariadb://ada@localhost/shop'":                            `{"database":"shop","host":"localhost","user":"ada"}`,
		"ada:secret@tcp(db:3306)/shop?tls=skip-verify":                           `{"database":"shop","host":"db","password":"secret","port":3306,"tls":"unchecked","user":"ada"}`,
		"ada@unix(/run/mysqld/mysqld.sock)/shop":                                 `{"database":"shop","host":"/run/mysqld/mysqld.sock","user":"ada"}`,
		"postgres://a@b/c":                                                       "",
		"what":                                                                   "",
	} {
		values, ok := c.Paste(text)
		if ok != (want != "") {
			t.Errorf("%s: %v", text, ok)
			continue
		}
		if secret, there := values["password"].(kit.Secret); there {
			values["password"] = secret.Reveal()
		}
		if got := kittest.JSON(map[string]any(values)); ok && got != want {
			t.Errorf("%s\ngot  %s\nwant %s", text, got, want)
		}
	}
}

func TestFailuresSayWhatToDo(t *testing.T) {
	r := newRig(t)
	r.sql("create table orders (id int primary key, total decimal(9,2))")
	for _, tt := range []struct {
		name, op string
		with     flow.Values
		kind     flow.Code
		field    string
		words    []string
	}{
		{"no such table", "read", flow.Values{"table": "order"}, kit.Missing, "table", []string{`did you mean "orders"`}},
		{"no such column", "read", flow.Values{"table": "orders", "columns": []any{"sum"}}, kit.Missing, "columns", []string{"id, total"}},
		{"a condition that is none", "read", flow.Values{"table": "orders", "where": "total >"}, kit.Invalid, "where", []string{"syntax"}},
		{"no SQL", "query", flow.Values{"sql": "selekt 1"}, kit.Invalid, "sql", []string{"selekt"}},
		{"SQL of no table", "query", flow.Values{"sql": "select * from no"}, kit.Missing, "sql", []string{"no"}},
		{"two statements", "query", flow.Values{"sql": "select 1; select 2"}, kit.Invalid, "sql", nil},
		{"a name not given", "query", flow.Values{"sql": "select :a", "params": map[string]any{"b": 1}}, kit.Invalid, "params", []string{":a"}},
		{"too slow", "query", flow.Values{"sql": "select sleep(100) from orders, (select 1) x union select benchmark(10000000000, 1)", "statement_timeout": "20ms"}, kit.TimedOut, "statement_timeout", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var err error
			if made := r.Bind(tt.op, tt.with); tt.op == "read" {
				_, err = made.(kit.Source).Read(t.Context(), r.Env, nil)
			} else {
				_, err = made.(kit.Action).Run(t.Context(), r.Env, flow.Record{})
			}
			kittest.WantFailure(t, err, tt.kind, tt.field, tt.words...)
		})
	}
}

func TestALockedRowIsTriedAgainLater(t *testing.T) {
	r := newRig(t)
	r.sql("create table t (id int primary key, n int); insert into t values (1, 1)")
	other, commit := r.transaction("update t set n = 2")
	defer other.Close()
	with := flow.Values{"table": "t", "key": []any{"id"}, "lock_timeout": "1s"}
	_, err := r.TryWrite("upsert", with, map[string]any{"id": 1, "n": 3})
	kittest.WantFailure(t, err, kit.Busy, "lock_timeout", "locked")
	commit()
	if said := r.Write("upsert", with, map[string]any{"id": 1, "n": 3}); said[0] != "" {
		t.Errorf("after the lock is gone: %s", said[0])
	}
}

func TestAStopEndsTheStatementOnTheServer(t *testing.T) {
	r := newRig(t)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	q := r.Bind("query", flow.Values{"sql": "select sleep(1000), 'stop me " + r.database + "'"}).(kit.Action)
	go func() {
		_, err := q.Run(ctx, r.Env, flow.Record{})
		done <- err
	}()
	watch, _ := r.transaction("select 1")
	defer watch.Close()
	running := func(want int) {
		t.Helper()
		// The server itself waits until it sees it, and gives up after a while.
		if _, err := watch.ExecContext(t.Context(), fmt.Sprintf(`begin not atomic declare i int default 0;
			while (select count(*) from information_schema.processlist where info like '%%stop me %[1]s%%' and id <> connection_id()) <> %[2]d do
				set i = i + 1; if i > 2000 then signal sqlstate '45000' set message_text = 'it does not come to that'; end if; do sleep(0.01);
			end while; end`, r.database, want)); err != nil {
			t.Fatal(err)
		}
	}
	running(1)
	stop()
	if err := <-done; kit.AsFailure(err).Kind != kit.Stopped {
		t.Errorf("it ends with %v", err)
	}
	running(0)
}

func TestAReadGivesWhatItsFilterMeans(t *testing.T) {
	r := newRig(t)
	r.sql(`create table t (id int primary key, i8 bigint, u8 bigint unsigned, n decimal(9,2), big decimal(40,5), f double, r float, s varchar(20), l varchar(20) character set latin1, c char(4), b boolean, d date, at timestamp(3) null, dt datetime, doc json, e enum('a','open'), raw blob);
		insert into t values (1, 9007199254740993, 18446744073709551615, 12.50, 12345678901234567890.5, 0.1, 0.1, 'open', 'open', 'ab', true, '2024-02-29', '2024-02-29 10:00:00.5', '2024-02-29 12:00:00', '{"a":1}', 'a', x'00'),
		(2, -1, 1, 0, 0, -1, 1, 'Open ', 'Zoë', '1', false, '1999-12-31', '2024-02-29 10:00:00', '1999-12-31', '"open"', 'open', ''),
		(3, 1, 0, -0.5, 1, 1e300, 1e30, '', '', '', null, '2024-01-01', '2024-01-01', null, null, null, null),
		(4, null, null, null, null, null, null, null, null, null, null, null, null, null, '1', null, null),
		(5, 2, 2, 2, 2, 2, 2, '100%', '%', '%', true, '2024-01-01', '2024-01-01', '2024-01-01', 'true', 'open', 'open'),
		(6, 1, 1, 1.00, 1.0, 1, 1, 'Zoë', 'x', 'x', 2, '2024-01-01', '2024-01-01', '2024-01-01', '[1]', 'a', 'a')`)
	kittest.Sifts(t, r.Desk, flow.Values{"table": "t", "page_size": 4}, []string{
		"0", "1", "2", "-1", "0.1", "12.5", "-0.5", "9007199254740993", "9007199254740992", "1e300", "true", "false",
		"'open'", "'OPEN'", "''", "'%'", "'Zo'", "'1'", "'a'", "2024-02-29", "1999-12-31", "2024-02-29T10:00:00Z", "2024-01-01T00:00:00Z", "'2024-01-01'",
	}, 60)
}

func TestAHugeValueFailsAlone(t *testing.T) {
	r := newRig(t)
	r.sql("create table t (id int primary key, v longtext)")
	huge := strings.Repeat("x'\\", 6<<20) // longer than max_allowed_packet, 16 MB
	said := r.Write("upsert", flow.Values{"table": "t", "key": []any{"id"}},
		map[string]any{"id": 1, "v": "small"}, map[string]any{"id": 2, "v": huge}, map[string]any{"id": 3, "v": huge[:3<<20]})
	if said[0] != "" || !strings.Contains(said[1], "larger than the server takes") || said[2] != "" {
		t.Errorf("said %.200q", said)
	}
	if got := r.sql("select id, length(v) from t"); got != "1\t5\n3\t3145728" {
		t.Errorf("in the table %q", got)
	}
}

func TestClocksThatDifferLoseNothing(t *testing.T) {
	for _, kind := range []string{"timestamp(3)", "datetime(3)"} {
		r := newRig(t) // the run begins on 2026-03-01 at 12:00 UTC
		r.sql("create table t (id int primary key, at " + kind + " null); insert into t values (0, '2026-01-01'), (1, '2026-03-01 11:59:50'), (2, '2026-03-01 11:59:54.5'), (3, '2026-03-01 11:59:55.5'), (4, '2026-03-01 12:00:07')")
		with := flow.Values{"table": "t", "cursor": "at", "settle": "5s", "first": "2d", "page_size": 2}
		first, mark := r.Read("read", with, nil)
		if got := kittest.JSON(kittest.Column(first, "id")); got != "[1,2]" {
			t.Errorf("%s: first %s", kind, got)
		}
		r.sql("insert into t values (5, '2026-03-01 11:59:58')") // by a clock that runs behind
		r.Env.Started = r.Env.Started.Add(time.Minute)
		then, _ := r.Read("read", with, mark)
		if got := kittest.JSON(kittest.Column(then, "id")); got != "[3,5,4]" {
			t.Errorf("%s: a minute later %s", kind, got)
		}
	}
}
