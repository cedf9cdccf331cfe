package redis

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/auth"
	"jackfield/connectors/kit/depot"
	"jackfield/connectors/kit/server"
	"jackfield/flow"
)

// settings are what a connection knows of a server.
type settings struct {
	server.Server
	Database int
	lines    *depot.Lines[*line]
}

func newSettings(lines *depot.Lines[*line]) settings {
	return settings{Server: server.New(6379, 6380, server.None, auth.None, auth.Basic), lines: lines}
}

func (s *settings) common() kit.Fields {
	fields := s.HostFields("redis.example.com")
	for i := range fields {
		if fields[i].Name == "secure" { // Redis knows no STARTTLS
			fields[i].Choices = []kit.Choice{{Value: server.None, Label: "None: everybody on the way can read along"}, {Value: server.Implicit, Label: "From the beginning"}}
		}
	}
	return append(fields, kit.Int(&s.Database, "database", "Database").More().
		Checked(func() error {
			if s.Database < 0 {
				return errors.New("databases are counted from 0")
			}
			return nil
		}).Help("Its number; 0 is the first one."))
}

// own puts an operation's fields before those of its connection.
func (s *settings) own(fields ...kit.Field) kit.Fields {
	return append(kit.Fields(fields), s.common()...)
}

// line is what is open to a server. go-redis sees to connections that broke meanwhile.
type line struct{ *redis.Client }

func (l *line) Alive() bool { return true }

// silence keeps go-redis from writing to the standard error: what goes wrong comes back as
// an error, and stands in the run.
var silence = sync.OnceFunc(func() { redis.SetLogger(silent{}) })

type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}

// open makes a line, and sees that who signs in is let in.
func (s *settings) open(ctx context.Context, env kit.Env) (*line, error) {
	silence()
	o := &redis.Options{
		Addr: s.Address(), DB: s.Database, Protocol: 2, DisableIdentity: true,
		MaxRetries: -1, DialerRetries: 1, PoolSize: 4, // more than one, or go-redis goes on dialling by itself
		DialTimeout: s.Timeout, ReadTimeout: s.Timeout, WriteTimeout: s.Timeout, ContextTimeoutEnabled: true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
		Dialer:                   func(ctx context.Context, _, _ string) (net.Conn, error) { return s.Dial(ctx, env) },
	}
	if s.Scheme == auth.Basic {
		o.Username, o.Password = s.User, s.Password.Reveal()
	}
	l := &line{redis.NewClient(o)}
	if err := l.Ping(ctx).Err(); err != nil {
		_ = l.Close() // the first failure tells more
		return nil, s.explain(ctx, err, false)
	}
	return l, nil
}

// use lends a line to do, and puts what went wrong into words. lasting says that what was
// sent and not answered may have happened.
func (s *settings) use(ctx context.Context, env kit.Env, lasting bool, do func(context.Context, *line) error) error {
	key := depot.Key(append(s.Parts(), s.Database)...)
	l, giveBack, err := s.lines.Borrow(ctx, key, func(ctx context.Context) (*line, error) { return s.open(ctx, env) })
	if err != nil {
		return err
	}
	// go-redis looks at a context's deadline only: who gives up closes the line.
	stop := context.AfterFunc(ctx, func() { _ = l.Close() })
	err = do(ctx, l)
	untouched := stop()
	var said redis.Error
	giveBack(!untouched || err != nil && !errors.As(err, &said))
	return s.explain(ctx, err, lasting)
}

// explain makes what Redis or the way to it says into a Failure.
func (s *settings) explain(ctx context.Context, err error, lasting bool) error {
	if err == nil {
		return nil
	}
	if own, ok := errors.AsType[*kit.Failure](err); ok {
		return own
	}
	var said redis.Error
	if errors.As(err, &said) {
		return s.said(said)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return s.Lost(err, lasting)
}

// said sorts by the first word of an error (Redis manual, "RESP protocol": simple errors).
func (s *settings) said(said redis.Error) *kit.Failure {
	text := said.Error()
	word, _, _ := strings.Cut(text, " ")
	fail := func(kind flow.Code, what string) *kit.Failure {
		f := kit.Fail(kind, "%s %s: %s", s.Address(), what, text)
		f.Cause = said
		return f
	}
	switch word {
	case "NOAUTH", "WRONGPASS":
		return fail(kit.Denied, "lets nobody in without the right password").On("password").
			Hint("set auth to %s; where the server has a password and no users, the user is default", auth.Basic)
	case "NOPERM":
		return fail(kit.Denied, "does not allow it").Hint("have it granted: ACL SETUSER … +command ~key; ACL LOG tells what was missing")
	case "WRONGTYPE":
		return fail(kit.Refused, "holds something else under this name").Hint("TYPE tells what it is; choose another key, or the operation for its type")
	case "OOM":
		return fail(kit.Full, "has no memory left").Hint("raise maxmemory, or let keys expire")
	case "LOADING", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN":
		return fail(kit.Unavailable, "is not ready").On("host").Hint("retry when it is up")
	case "BUSY":
		return fail(kit.Busy, "works on a script").Hint("retry; SCRIPT KILL ends it")
	case "READONLY":
		return fail(kit.Refused, "is a replica that nobody may write to").On("host").Hint("name the primary server")
	case "MOVED", "ASK", "CROSSSLOT":
		return fail(kit.Refused, "is one node of a cluster, and another holds the key").On("host").
			Hint("name the node that is told, or a proxy before the cluster: clusters are not followed")
	case "NOGROUP":
		return fail(kit.Missing, "has no such stream or group any more").On("group").Hint("it is made again when the trigger begins again")
	case "MISCONF":
		return fail(kit.Unavailable, "cannot write to its disk and takes nothing").Hint("make room on the server, then retry")
	}
	if strings.Contains(text, "DB index is out of range") {
		return fail(kit.Invalid, "has no such database").On("database").Hint("choose a smaller number; 0 is always there")
	}
	if strings.Contains(text, "max number of clients") {
		return fail(kit.Busy, "takes no more connections").On("host").Hint("retry, or raise maxclients")
	}
	return fail(kit.Refused, "says no").Hint("see what the message says, and which version of Redis it is")
}
