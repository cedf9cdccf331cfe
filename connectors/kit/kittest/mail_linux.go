package kittest

import (
	"fmt"
	"syscall"
)

// MailUser and MailPassword sign in to a Dovecot of tests.
const (
	MailUser     = "ada"
	MailPassword = "mail-canary-51"
)

// Dovecot is a real IMAP server without TLS.
type Dovecot struct {
	*Daemon
	restart func() error
}

// StartDovecot starts one with an empty mailbox.
func StartDovecot() (*Dovecot, error) {
	program, err := found("dovecot", "/usr/sbin/dovecot")
	if err != nil {
		return nil, err
	}
	d, err := newDaemon("dovecot")
	if err != nil {
		return nil, err
	}
	if d.Port, err = freePort(); err != nil {
		return nil, err
	}
	if _, err = d.write("users", fmt.Appendf(nil, "%s:{PLAIN}%s\n", MailUser, MailPassword)); err != nil {
		return nil, err
	}
	user, uid, gid := "nobody", 65534, 65534
	if d.owner != nil {
		uid, gid = int(d.owner.Uid), int(d.owner.Gid)
	}
	config, err := d.write("dovecot.conf", fmt.Appendf(nil, `
base_dir = %[1]s/run
state_dir = %[1]s/state
log_path = /dev/stderr
protocols = imap
listen = 127.0.0.1
default_internal_user = %[2]s
default_internal_group = nogroup
default_login_user = %[2]s
first_valid_uid = 1
service imap-login {
  chroot =
  inet_listener imap {
    port = %[3]d
  }
  inet_listener imaps {
    port = 0
  }
}
service anvil {
  chroot =
}
service stats {
  chroot =
}
ssl = no
auth_failure_delay = 0
disable_plaintext_auth = no
mail_max_userip_connections = 100
mail_location = maildir:%[1]s/mail/%%u
passdb {
  driver = passwd-file
  args = scheme=plain %[1]s/users
}
userdb {
  driver = static
  args = uid=%[4]d gid=%[5]d home=%[1]s/home/%%u
}
`, d.Dir, user, d.Port, uid, gid))
	if err != nil {
		return nil, err
	}
	s := &Dovecot{Daemon: d, restart: func() error {
		return d.start(syscall.SIGTERM, "starting up", program, "-F", "-c", config)
	}}
	return s, s.restart()
}

// Kill ends the server as a crash does; Restart starts it again on the same port.
func (s *Dovecot) Kill() { s.halt(syscall.SIGKILL) }

// Restart starts a server that was killed.
func (s *Dovecot) Restart() error { return s.restart() }

// Stop ends the server and removes its mails.
func (s *Dovecot) Stop() error {
	s.halt(syscall.SIGTERM)
	return s.remove()
}
