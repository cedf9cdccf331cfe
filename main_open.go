package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"strconv"
	"sync"
	"time"

	"jackfield/app"
	"jackfield/app/cli"
	"jackfield/app/remote"
	"jackfield/connectors"
	"jackfield/examples"
	"jackfield/store"
	"jackfield/store/vault"
)

// patience is how long a home folder is tried whose holder opens or closes it just now.
const patience = 10 * time.Second

// recordTime is how long a task may take to end the record that it is at, when the
// program closes.
const recordTime = 5 * time.Second

// opened is the home folder as this process has it: its own, with a door for others,
// or through the door of the process that came first.
type opened struct {
	home      string
	role      remote.Role
	telemetry string // as jackfield serve was told

	mu      sync.Mutex
	client  *remote.Client
	closers []func(ctx context.Context) error
}

// openForCommand opens the home folder for one command.
func openForCommand(ctx context.Context, home string) (app.Service, func() error, error) {
	o, err := newOpened(home, remote.Command)
	if err != nil {
		return nil, nil, err
	}
	svc, err := o.open(ctx)
	if err != nil {
		return nil, nil, err
	}
	return svc, func() error { return o.close(ctx) }, nil
}

func newOpened(home string, role remote.Role) (*opened, error) {
	folder, err := homeFolder(home)
	return &opened{home: folder, role: role}, err
}

// open goes through the door where there is one, and else opens the folder itself.
func (o *opened) open(ctx context.Context) (app.Service, error) {
	for end := time.Now().Add(patience); ; {
		c, err := o.attach(ctx)
		if err == nil {
			return c, nil
		}
		if !errors.Is(err, remote.ErrNobody) {
			return nil, err
		}
		local, err := o.own(ctx)
		if err == nil {
			return local, nil
		}
		if busy := (*store.OpenError)(nil); !errors.As(err, &busy) || time.Now().After(end) {
			return nil, err
		}
		if !rest(ctx, 50*time.Millisecond) {
			return nil, context.Cause(ctx)
		}
	}
}

func rest(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func (o *opened) attach(ctx context.Context) (*remote.Client, error) {
	library := connectors.Open(o.home)
	c, err := remote.Dial(ctx, remote.Options{Home: o.home, Version: version, Role: o.role, Ops: library, Reopen: o.reopen})
	if err != nil {
		return nil, errors.Join(err, library.Close())
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.client == nil { // a later one only lends its way to the first
		o.client = c
		o.closers = append(o.closers, func(context.Context) error { return errors.Join(c.Close(), library.Close()) })
	}
	return c, nil
}

// own opens everything that the home folder holds, and its door.
func (o *opened) own(ctx context.Context) (*app.Local, error) {
	local, closeHome, err := openHome(ctx, o.home, passphrase(o.role != remote.Face))
	if err != nil {
		return nil, err
	}
	door, err := remote.Listen(o.home, version, local)
	if err != nil {
		return nil, errors.Join(err, closeHome(ctx))
	}
	stopTelling, err := startTelemetry(ctx, local, o.telemetry)
	if err != nil {
		return nil, errors.Join(err, door.Close(ctx), closeHome(ctx))
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closers = append(o.closers, func(ctx context.Context) error {
		return errors.Join(letOut(ctx, door), closeHome(ctx), stopTelling())
	})
	return local, nil
}

// letOut waits for the commands that go through this process's door. Whoever
// interrupts this process cuts them off.
func letOut(ctx context.Context, door *remote.Server) error {
	if n := door.Commands(); n > 0 && ctx.Err() == nil {
		fmt.Fprintf(os.Stderr, "waiting for %s that %s through this process; Ctrl+C ends %s\n", count(n, "command"), map[bool]string{true: "goes", false: "go"}[n == 1], map[bool]string{true: "it", false: "them"}[n == 1])
	}
	return door.Close(ctx)
}

// reopen takes the place of a process that has ended: runs that it left go on here.
func (o *opened) reopen(ctx context.Context) (app.Service, error) {
	svc, err := o.open(ctx)
	if err != nil {
		return nil, err
	}
	local, here := svc.(*app.Local)
	switch {
	case !here:
	case o.role == remote.Face:
		err = local.Serve(ctx)
	default:
		err = local.Recover(ctx)
	}
	return svc, err
}

// close lets go of everything, the last opened first.
func (o *opened) close(ctx context.Context) error {
	o.mu.Lock()
	closers := o.closers
	o.closers = nil
	o.mu.Unlock()
	var all []error
	for i := len(closers) - 1; i >= 0; i-- {
		all = append(all, closers[i](ctx))
	}
	return errors.Join(all...)
}

// host is a home folder that this process has open, for jackfield serve.
type host struct {
	*app.Local
	opened *opened
}

// CloseHome lets go of the home folder.
func (h *host) CloseHome(ctx context.Context) error { return h.opened.close(ctx) }

// hold opens the home folder as this process's own. While another one has it, it
// tells which and waits for its end.
func hold(ctx context.Context, home, telemetry string, tell func(pid int)) (cli.Host, error) {
	o, err := newOpened(home, remote.Heir)
	if err != nil {
		return nil, err
	}
	o.telemetry = telemetry
	for end := time.Now().Add(patience); ; {
		local, err := o.own(ctx)
		if err == nil {
			return &host{local, o}, nil
		}
		if busy := (*store.OpenError)(nil); !errors.As(err, &busy) {
			return nil, err
		}
		if c, dialled := remote.Dial(ctx, remote.Options{Home: o.home, Version: version, Role: remote.Heir}); dialled == nil {
			tell(c.PID())
			select {
			case <-c.Lost():
			case <-ctx.Done():
			}
			_ = c.Close() // the session is over
			end = time.Now().Add(patience)
		} else if !errors.Is(dialled, remote.ErrNobody) {
			return nil, dialled
		} else if time.Now().After(end) {
			return nil, err
		}
		if !rest(ctx, 50*time.Millisecond) {
			return nil, context.Cause(ctx)
		}
	}
}

// workersOf reads how many tasks may be performed at a time; 0 leaves it to the machine.
func workersOf(text string) (int, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > 10_000 {
		return 0, fmt.Errorf("JACKFIELD_WORKERS is %q; make it a number from 1 to 10000, or leave it out", text)
	}
	return n, nil
}

// openHome opens the parts that a home folder consists of.
func openHome(ctx context.Context, home string, passphrase func(context.Context) (string, error)) (*app.Local, func(context.Context) error, error) {
	workers, err := workersOf(os.Getenv("JACKFIELD_WORKERS"))
	if err != nil {
		return nil, nil, err
	}
	st, err := store.Open(home, store.Options{})
	if err != nil {
		return nil, nil, err
	}
	secrets, err := vault.Open(home, st, vault.Options{Keyring: vault.System{}, Passphrase: passphrase})
	if err != nil {
		return nil, nil, errors.Join(err, st.Close())
	}
	library := connectors.Open(home)
	local := app.New(app.Options{Store: st, Vault: secrets, History: st, Ops: library, Home: home, Examples: examples.Files, Workers: workers})
	watching, stop := context.WithCancel(context.WithoutCancel(ctx))
	var memory sync.WaitGroup
	memory.Go(func() { giveBackMemory(local.Watch(watching), debug.FreeOSMemory) })
	closeAll := func(ctx context.Context) error {
		stop()
		memory.Wait()
		// Also who is interrupted lets each task end after the record that it is at, but
		// not for ever: what is cut off then is done again at the next start.
		brief, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTime)
		defer cancel()
		return errors.Join(local.Close(brief), library.Close(), st.Close())
	}
	return local, closeAll, nil
}
