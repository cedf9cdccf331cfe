package kittest

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// What signs in to a slapd of tests, and where its entries are.
const (
	DirectoryBase     = "dc=example,dc=com"
	DirectoryUser     = "cn=admin," + DirectoryBase
	DirectoryPassword = "directory-canary-88"
)

// Slapd is a real directory without TLS; its top and ou=people are there.
type Slapd struct{ *Daemon }

// StartSlapd starts one.
func StartSlapd() (*Slapd, error) {
	program, err := found("slapd", "/usr/sbin/slapd")
	if err != nil {
		return nil, err
	}
	add, err := found("slapadd", "/usr/sbin/slapadd")
	if err != nil {
		return nil, err
	}
	d, err := newDaemon("slapd")
	if err != nil {
		return nil, err
	}
	if d.Port, err = freePort(); err != nil {
		return nil, err
	}
	data := filepath.Join(d.Dir, "data")
	if err := os.Mkdir(data, 0o700); err != nil {
		return nil, err
	}
	if d.owner != nil {
		if err := os.Chown(data, int(d.owner.Uid), int(d.owner.Gid)); err != nil {
			return nil, err
		}
	}
	config, err := d.write("slapd.conf", fmt.Appendf(nil, `
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
pidfile %[1]s/pid
modulepath /usr/lib/ldap
moduleload back_mdb
database mdb
suffix "%[2]s"
rootdn "%[3]s"
rootpw %[4]s
directory %[1]s/data
`, d.Dir, DirectoryBase, DirectoryUser, DirectoryPassword))
	if err != nil {
		return nil, err
	}
	tree, err := d.write("tree.ldif", fmt.Appendf(nil, `dn: %[1]s
objectClass: dcObject
objectClass: organization
dc: example
o: Example

dn: ou=people,%[1]s
objectClass: organizationalUnit
ou: people
`, DirectoryBase))
	if err != nil {
		return nil, err
	}
	if err := d.prepare(add, "-f", config, "-l", tree); err != nil {
		return nil, err
	}
	s := &Slapd{d}
	return s, d.start(syscall.SIGTERM, "epoll: listen=", program, "-d", "conns", "-f", config, "-h", fmt.Sprintf("ldap://127.0.0.1:%d", d.Port))
}

// Kill ends the server as a crash does.
func (s *Slapd) Kill() { s.halt(syscall.SIGKILL) }

// Stop ends the server and removes its entries.
func (s *Slapd) Stop() error {
	s.halt(syscall.SIGTERM)
	return s.remove()
}
