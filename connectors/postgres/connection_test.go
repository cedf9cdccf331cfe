package postgres

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
)

// connected is a connection with settings beside those of the rig.
func (r *rig) connected(with flow.Values) *connection {
	r.T.Helper()
	c := r.Set.Connection().(*connection)
	for _, layer := range []flow.Values{r.All, with} {
		for _, p := range c.Fields().Bind("c", layer) {
			r.T.Fatal(p)
		}
	}
	return c
}

func TestAConnectionIsTriedStepByStep(t *testing.T) {
	r := newRig(t)
	r.sql("create table orders (id int); insert into orders values (1); create role looker" + r.schema + " login password 'look'; grant usage on schema " + r.schema + " to looker" + r.schema + "; grant select on orders to looker" + r.schema)
	certificate, key, err := db.Authority.Issue("certified", time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	r.sql("do $$ begin create role certified login; exception when duplicate_object then null; end $$")
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
		{"as it should be", "Name Connection Sign-in Permission Sample", "", nil, []string{"127.0.0.1", "tester in shop, PostgreSQL 15", "orders: 1 columns, 1 row read"}},
		{"encrypted and checked", "Name Connection Certificate Sign-in Permission Sample", "", flow.Values{"tls": "on", "ca": string(db.CA)}, []string{"127.0.0.1 valid until", "issued by Jackfield's tests"}},
		{"encrypted, not checked", "Name Connection Certificate Sign-in Permission Sample", "", flow.Values{"tls": "unchecked"}, []string{"127.0.0.1 valid until"}},
		{
			"by certificate", "Name Connection Certificate Sign-in Permission Sample", "",
			flow.Values{"tls": "on", "ca": string(db.CA), "user": "certified", "password": "", "certificate": string(certificate), "certificate_key": string(key)},
			[]string{"certified in shop"},
		},
		{"who may only read", "Name Connection Sign-in Permission Sample", "", flow.Values{"user": "looker" + r.schema, "password": "look"}, []string{"1 tables may be read, 0 written"}},
		{"a connection that only reads", "Name Connection Sign-in Permission Sample", "", flow.Values{"read_only": true}, []string{"may be read, 0 written"}},
		{"by socket", "Sign-in Permission Sample", "", flow.Values{"host": db.Dir}, nil},
		{"a certificate that nobody knows", "Name Connection Certificate", "Certificate", flow.Values{"tls": "on"}, []string{"is not trusted"}},
		{"a wrong password", "Name Connection Sign-in", "Sign-in", flow.Values{"password": "wrong"}, []string{`does not let "tester" in`}},
		{"a wrong password behind a certificate", "Name Connection Certificate Sign-in", "Sign-in", flow.Values{"password": "wrong", "tls": "on", "ca": string(db.CA)}, []string{`does not let "tester" in`}},
		{"no such database", "Name Connection Sign-in", "Sign-in", flow.Values{"database": "shpo"}, []string{`no database "shpo"`}},
		{"nobody there", "Name Connection", "Connection", flow.Values{"port": port}, []string{"refused"}},
		{"no such host", "Name", "Name", flow.Values{"host": "no.such.host.invalid"}, []string{"no.such.host.invalid"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			checks := r.connected(tt.with).Test(t.Context(), r.Env)
			var steps []string
			text := ""
			for _, c := range checks {
				text += c.What + "; " + c.Fix + "\n"
				steps = append(steps, c.Name)
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

func TestAnExpiredCertificateSaysSo(t *testing.T) {
	r := newRig(t)
	for name, issued := range map[string]struct {
		host  string
		until time.Time
		field string
		words string
	}{
		"expired":         {"127.0.0.1", time.Now().Add(-time.Hour), "tls", "expired"},
		"of another host": {"db.example.com", time.Now().Add(time.Hour), "host", "another host"},
	} {
		t.Run(name, func(t *testing.T) {
			certificate, key, err := db.Authority.Issue(issued.host, issued.until)
			if err != nil {
				t.Fatal(err)
			}
			// PostgreSQL answers a request for encryption, of eight bytes, with an S.
			address, err := kittest.SecureServer(t, certificate, key, func(c net.Conn) error {
				if _, err := c.Read(make([]byte, 8)); err != nil {
					return err
				}
				_, err := c.Write([]byte{'S'})
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			_, err = r.Run("query", flow.Values{"sql": "select 1", "port": address.Port, "tls": "on", "ca": string(db.CA)})
			kittest.WantFailure(t, err, kit.Denied, issued.field, issued.words)
		})
	}
}

func TestAConnectionIsFilledByWhatIsPasted(t *testing.T) {
	c := New().Connection().(kit.Paster)
	for text, want := range map[string]string{
		"postgresql://ada:s%40cret@db.example.com:5433/shop?sslmode=verify-full&connect_timeout=5": `{"connect_timeout":"5s","database":"shop","host":"db.example.com","password":"s@cret","port":5433,"tls":"on","user":"ada"}`,
		"DATABASE_URL=\"postgres://ada@localhost/shop\"":                                           `{"database":"shop","host":"localhost","user":"ada"}`,
		"postgres:///shop?host=/run/postgresql":                                                    `{"database":"shop","host":"/run/postgresql"}`,
		`host=db port=5432 dbname=shop user=ada password='s \'x\\' sslmode=disable`:                `{"database":"shop","host":"db","password":"s 'x\\","port":5432,"tls":"off","user":"ada"}`,
		"https://example.com": "",
		"mysql://a:b@c/d":     "",
		"":                    "",
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

func TestAConnectionThatOnlyReadsRefusesToWrite(t *testing.T) {
	r := newRig(t)
	r.sql("create table t (id int primary key)")
	_, err := r.TryWrite("upsert", flow.Values{"table": "t", "key": []any{"id"}, "read_only": true}, map[string]any{"id": 1})
	kittest.WantFailure(t, err, kit.Denied, "", "nothing may be written", "read_only")
	_, err = r.Run("query", flow.Values{"sql": "select nextval('x')", "changes": "nothing"})
	kittest.WantFailure(t, err, kit.Missing, "sql")
	_, err = r.Run("query", flow.Values{"sql": "insert into t values (1)", "changes": "nothing"})
	kittest.WantFailure(t, err, kit.Denied, "", "nothing may be written")
}

func TestFailuresSayWhatToDo(t *testing.T) {
	r := newRig(t)
	r.sql("create table orders (id int primary key, total numeric); create table lone (id int)")
	for _, tt := range []struct {
		name, op string
		with     flow.Values
		kind     flow.Code
		field    string
		words    []string
	}{
		{"no such table", "read", flow.Values{"table": "order"}, kit.Missing, "table", []string{`did you mean "orders"`}},
		{"no such schema", "read", flow.Values{"table": "nowhere.orders"}, kit.Missing, "table", nil},
		{"no such column", "read", flow.Values{"table": "orders", "columns": []any{"sum"}}, kit.Missing, "columns", []string{"id, total"}},
		{"no such cursor", "read", flow.Values{"table": "orders", "cursor": "totl"}, kit.Missing, "cursor", []string{`"total"`}},
		{"a condition that is none", "read", flow.Values{"table": "orders", "where": "total >"}, kit.Invalid, "where", []string{"syntax error"}},
		{"a condition on nothing", "read", flow.Values{"table": "orders", "where": "sum > 1"}, kit.Missing, "where", []string{`"sum" does not exist`}},
		{"no SQL", "query", flow.Values{"sql": "selekt 1"}, kit.Invalid, "sql", []string{"selekt", "character 1"}},
		{"SQL of no table", "query", flow.Values{"sql": "select * from no"}, kit.Missing, "sql", []string{`"no"`}},
		{"params of no use", "query", flow.Values{"sql": "select $1", "params": "x"}, kit.Invalid, "params", []string{`"x"`}},
		{"a name not given", "query", flow.Values{"sql": "select :a::text", "params": map[string]any{"b": 1}}, kit.Invalid, "params", []string{":a"}},
		{"too slow", "query", flow.Values{"sql": "select pg_sleep(100)", "statement_timeout": "20ms"}, kit.TimedOut, "statement_timeout", nil},
		{"no user", "query", flow.Values{"sql": "select 1", "user": ""}, kit.Invalid, "user", nil},
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
	other := newLine(t, r)
	if err := other.conn.Exec(t.Context(), "begin; update "+r.schema+".t set n = 2").Close(); err != nil {
		t.Fatal(err)
	}
	with := flow.Values{"table": "t", "key": []any{"id"}, "lock_timeout": "20ms"}
	_, err := r.TryWrite("upsert", with, map[string]any{"id": 1, "n": 3})
	kittest.WantFailure(t, err, kit.Busy, "lock_timeout", "locked")
	if err := other.conn.Exec(t.Context(), "commit").Close(); err != nil {
		t.Fatal(err)
	}
	if said := r.Write("upsert", with, map[string]any{"id": 1, "n": 3}); said[0] != "" {
		t.Errorf("after the lock is gone: %s", said[0])
	}
}

func TestAStopEndsTheStatementOnTheServer(t *testing.T) {
	r := newRig(t)
	r.sql("create table t (id int)")
	ctx, stop := context.WithCancel(t.Context())
	watch := newLine(t, r)
	done := make(chan error, 1)
	q := r.Bind("query", flow.Values{"sql": "select pg_sleep(1000), 'stop me " + r.schema + "'"}).(kit.Action)
	go func() {
		_, err := q.Run(ctx, r.Env, flow.Record{})
		done <- err
	}()
	running := func(want string) {
		t.Helper()
		// The server itself waits until it sees it, and gives up after a while.
		text := fmt.Sprintf(`do $$ begin for i in 1..2000 loop
			if (select count(*) from pg_stat_activity where query like '%%stop me %s%%' and state = 'active' and pid <> pg_backend_pid()) = %s then return; end if;
			perform pg_sleep(0.01), pg_stat_clear_snapshot(); end loop; raise 'it does not come to that'; end $$`, r.schema, want)
		if err := watch.conn.Exec(t.Context(), text).Close(); err != nil {
			t.Fatal(err)
		}
	}
	running("1")
	stop()
	if err := <-done; kit.AsFailure(err).Kind != kit.Stopped {
		t.Errorf("it ends with %v", err)
	}
	running("0")
}

func TestALineThatWasCutIsOpenedAgain(t *testing.T) {
	r := newRig(t)
	if _, err := r.Run("query", flow.Values{"sql": "select 1"}); err != nil {
		t.Fatal(err)
	}
	r.sql("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'jackfield'")
	_, err := r.Run("query", flow.Values{"sql": "select 1"})
	if err != nil && !kit.AsFailure(err).Passing() {
		t.Errorf("what passes by itself is told as %v", err)
	}
	if _, err := r.Run("query", flow.Values{"sql": "select 1"}); err != nil {
		t.Errorf("the next time: %v", err)
	}
}

func TestAServerThatIsStartedAgainIsFoundAgain(t *testing.T) {
	r := newRig(t)
	r.sql("create table t (id int primary key)")
	with := flow.Values{"table": "t", "key": []any{"id"}}
	r.Write("upsert", with, map[string]any{"id": 1})
	if err := db.Restart(); err != nil {
		t.Fatal(err)
	}
	if _, err := r.TryWrite("upsert", with, map[string]any{"id": 2}); err != nil && !kit.AsFailure(err).Passing() {
		t.Errorf("what passes by itself is told as %v", err)
	}
	if said := r.Write("upsert", with, map[string]any{"id": 2}); said[0] != "" {
		t.Errorf("the next time: %s", said[0])
	}
	if got := r.sql("select count(*) from t"); got != "2" {
		t.Errorf("%s rows", got)
	}
}

func TestTheCatalogueSaysWhatThereIs(t *testing.T) {
	r := newRig(t)
	r.sql(`create table orders (id int generated always as identity primary key, note varchar(20), total numeric(10,2) not null, at timestamptz not null default now(), twice numeric generated always as (total * 2) stored, doc json, tags text[]);
		create view late as select 1 as a`)
	c := r.connected(nil)
	top, err := c.Entities(t.Context(), r.Env, "", "")
	if err != nil || !strings.Contains(fmt.Sprint(top.Entities), r.schema) {
		t.Fatalf("%v, %v", top, err)
	}
	list, err := c.Entities(t.Context(), r.Env, r.schema, "")
	if err != nil || len(list.Entities) != 2 || list.Entities[0].Path != r.schema+".late" || list.Entities[0].Kind != "view" || list.Entities[1].Path != r.schema+".orders" {
		t.Fatalf("%+v, %v", list, err)
	}
	e, err := c.Entity(t.Context(), r.Env, r.schema+".orders")
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, f := range e.Fields {
		said = append(said, fmt.Sprintf("%s %s %v key:%t needed:%t sort:%t fixed:%d", f.Name, f.Native, f.Schema.Types, f.Key, f.Needed, f.Sortable, len(f.Fixed)))
	}
	want := `id integer [integer] key:true needed:false sort:true fixed:3
note character varying(20) [string null] key:false needed:false sort:true fixed:0
total numeric(10,2) [number] key:false needed:true sort:true fixed:0
at timestamp with time zone [string] key:false needed:false sort:true fixed:0
twice numeric [number null] key:false needed:false sort:true fixed:3
doc json [] key:false needed:false sort:false fixed:0
tags text[] [array null] key:false needed:false sort:true fixed:0`
	if got := strings.Join(said, "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	read := r.Bind("read", flow.Values{"table": "orders"})
	field, _ := read.Fields().Field("table")
	choices, err := field.Live(t.Context(), r.Env)
	if err != nil || len(choices) != 2 || choices[0].Value != "late" || choices[0].Label != "late (view)" || choices[1].Value != "orders" {
		t.Errorf("%v, %v", choices, err)
	}
	_, out, err := r.Bind("query", flow.Values{"sql": "select id, note as x, now() as at from orders where id = :id"}).(kit.Describer).Describe(t.Context(), r.Env)
	if err != nil || len(out.Properties) != 3 || out.Properties[1].Name != "x" {
		t.Errorf("%v, %v", out, err)
	}
}
