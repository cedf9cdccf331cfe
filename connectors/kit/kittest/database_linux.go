package kittest

import (
	"errors"
	"fmt"
	"path/filepath"
	"syscall"
	"time"
)

// Database is a database server for tests. User may do everything in the database shop.
type Database struct {
	*Daemon
	User, Password string
	CA             []byte // who issued its certificate, in PEM
	Authority      *Authority
	Program        func(name string) string // the path of one of its programs

	begin func() error
	end   syscall.Signal
}

// Close ends the server and removes what it wrote.
func (d *Database) Close() error {
	d.halt(d.end)
	return d.remove()
}

// Restart ends the server and starts it again, on the same port.
func (d *Database) Restart() error {
	d.halt(d.end)
	return d.begin()
}

// tries is how often another port is tried, where somebody else took the one that was
// free a moment before.
const tries = 3

// secured puts a certificate for 127.0.0.1 into the server's folder.
func (d *Database) secured() (ca, certificate, key string, err error) {
	if d.Authority, err = NewAuthority(); err != nil {
		return "", "", "", err
	}
	d.CA = d.Authority.PEM
	cert, private, err := d.Authority.Issue("127.0.0.1", time.Now().Add(24*time.Hour))
	if err != nil {
		return "", "", "", err
	}
	if ca, err = d.write("ca.pem", d.CA); err != nil {
		return "", "", "", err
	}
	if certificate, err = d.write("server.pem", cert); err != nil {
		return "", "", "", err
	}
	key, err = d.write("server.key", private)
	return ca, certificate, key, err
}

// began starts the server, with another port where it does not come up.
func (d *Database) began() (*Database, error) {
	var errs []error
	for range tries {
		var err error
		if d.Port, err = freePort(); err == nil {
			if err = d.begin(); err == nil {
				return d, nil
			}
		}
		errs = append(errs, err)
	}
	return nil, errors.Join(append(errs, d.remove())...)
}

// StartPostgres starts a PostgreSQL server. Who connects by TCP gives the password; the
// user "certified" signs in with a certificate.
func StartPostgres() (*Database, error) {
	initdb, err := found("/usr/lib/postgresql/*/bin/initdb", "initdb")
	if err != nil {
		return nil, err
	}
	daemon, err := newDaemon("postgres")
	if err != nil {
		return nil, err
	}
	d := &Database{Daemon: daemon, User: "tester", Password: "canary-7f3a", end: syscall.SIGINT}
	d.Program = func(name string) string { return filepath.Join(filepath.Dir(initdb), name) }
	password, err := d.write("password", []byte(d.Password+"\n"))
	if err != nil {
		return nil, err
	}
	data := filepath.Join(d.Dir, "data")
	if err := d.prepare(initdb, "-D", data, "-U", d.User, "--pwfile", password, "-A", "scram-sha-256", "-E", "UTF8", "--locale", "C.UTF-8", "--no-sync"); err != nil {
		return nil, errors.Join(err, d.remove())
	}
	ca, certificate, key, err := d.secured()
	if err != nil {
		return nil, errors.Join(err, d.remove())
	}
	access, err := d.write("pg_hba.conf", []byte("local all all trust\nhostssl all certified 127.0.0.1/32 cert\nhost all all 127.0.0.1/32 scram-sha-256\n"))
	if err != nil {
		return nil, errors.Join(err, d.remove())
	}
	d.begin = func() error {
		return d.start(syscall.SIGQUIT, "database system is ready to accept connections", d.Program("postgres"), "-D", data, "-p", fmt.Sprint(d.Port),
			"-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="+d.Dir, "-c", "hba_file="+access, "-c", "ssl=on",
			"-c", "ssl_ca_file="+ca, "-c", "ssl_cert_file="+certificate, "-c", "ssl_key_file="+key, "-c", "fsync=off", "-c", "max_connections=60")
	}
	if d, err = d.began(); err != nil {
		return nil, err
	}
	if err := d.prepare(d.Program("psql"), "-h", d.Dir, "-p", fmt.Sprint(d.Port), "-U", d.User, "-d", "postgres", "-qc", "create database shop"); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// Psql performs SQL with PostgreSQL's own program and gives what it says: columns apart by
// |, rows by a line.
func (d *Database) Psql(sql string) (string, error) {
	out, err := d.command(d.Program("psql"), "-h", d.Dir, "-p", fmt.Sprint(d.Port), "-U", d.User, "-d", "shop", "-qtAX", "-v", "ON_ERROR_STOP=1", "-c", sql).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("psql: %w: %s", err, out)
	}
	return string(out), nil
}

// StartMariaDB starts a MariaDB server.
func StartMariaDB() (*Database, error) {
	install, err := found("mariadb-install-db")
	if err != nil {
		return nil, err
	}
	server, err := found("mariadbd", "/usr/sbin/mariadbd")
	if err != nil {
		return nil, err
	}
	daemon, err := newDaemon("mariadb")
	if err != nil {
		return nil, err
	}
	d := &Database{Daemon: daemon, User: "tester", Password: "canary-7f3a", end: syscall.SIGTERM}
	d.Program = func(name string) string { return name }
	data := filepath.Join(d.Dir, "data")
	if err := d.prepare(install, "--no-defaults", "--datadir="+data, "--auth-root-authentication-method=normal", "--skip-test-db"); err != nil {
		return nil, errors.Join(err, d.remove())
	}
	ca, certificate, key, err := d.secured()
	if err != nil {
		return nil, errors.Join(err, d.remove())
	}
	d.begin = func() error {
		return d.start(syscall.SIGKILL, "ready for connections", server, "--no-defaults", "--datadir="+data, "--socket="+d.Socket(), "--pid-file="+filepath.Join(d.Dir, "pid"),
			"--bind-address=127.0.0.1", fmt.Sprintf("--port=%d", d.Port), "--ssl-ca="+ca, "--ssl-cert="+certificate, "--ssl-key="+key,
			"--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=64M", "--character-set-server=utf8mb4")
	}
	if d, err = d.began(); err != nil {
		return nil, err
	}
	if err := d.prepare("mariadb", "--no-defaults", "-S", d.Socket(), "-u", "root", "-e",
		fmt.Sprintf("create database shop; create user '%[1]s'@'127.0.0.1' identified by '%[2]s'; grant all on *.* to '%[1]s'@'127.0.0.1' with grant option", d.User, d.Password)); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// Socket is the path of MariaDB's socket.
func (d *Database) Socket() string { return filepath.Join(d.Dir, "s") }

// Mariadb performs SQL in a database with MariaDB's own program and gives what it says:
// columns apart by a tab, rows by a line.
func (d *Database) Mariadb(database, sql string) (string, error) {
	out, err := d.command("mariadb", "--no-defaults", "-S", d.Socket(), "-u", "root", "-N", "-r", "--default-character-set=utf8mb4", "-D", database, "-e", sql).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("mariadb: %w: %s", err, out)
	}
	return string(out), nil
}
