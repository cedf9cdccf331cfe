package kittest

import (
	"errors"
	"fmt"
	"syscall"
)

// Redis is a Redis server for tests that writes every command to its disk before it
// answers. Its user is "default".
type Redis struct {
	*Database
	Sealed int // the port where TLS is spoken
}

// StartRedis starts a Redis server.
func StartRedis() (*Redis, error) {
	program, err := found("redis-server", "/usr/bin/redis-server")
	if err != nil {
		return nil, err
	}
	daemon, err := newDaemon("redis")
	if err != nil {
		return nil, err
	}
	r := &Redis{Database: &Database{Daemon: daemon, User: "default", Password: "canary-7f3a", end: syscall.SIGTERM}}
	ca, certificate, key, err := r.secured()
	if err != nil {
		return nil, errors.Join(err, r.remove())
	}
	r.begin = func() (err error) {
		if r.Sealed == 0 {
			if r.Sealed, err = freePort(); err != nil {
				return err
			}
		}
		// Its log goes to the standard output.
		err = r.start(syscall.SIGTERM, "Ready to accept connections", "sh", "-c", `exec "$0" "$@" >&2`, program,
			"--bind", "127.0.0.1", "--port", fmt.Sprint(r.Port), "--tls-port", fmt.Sprint(r.Sealed), "--dir", r.Dir,
			"--requirepass", r.Password, "--appendonly", "yes", "--appendfsync", "always", "--save", "",
			"--tls-ca-cert-file", ca, "--tls-cert-file", certificate, "--tls-key-file", key, "--tls-auth-clients", "no")
		if err != nil {
			r.Sealed = 0 // perhaps somebody else took it
		}
		return err
	}
	if r.Database, err = r.began(); err != nil {
		return nil, err
	}
	return r, nil
}

// Kill ends the server at once, as a power cut would.
func (r *Redis) Kill() { r.halt(syscall.SIGKILL) }

// Revive starts a server that was killed, on the same port.
func (r *Redis) Revive() error { return r.begin() }
