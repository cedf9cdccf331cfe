// Jackfield connects systems without a cloud. This file puts the parts together and
// does nothing else.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"sync"
	"syscall"

	"golang.org/x/term"

	"jackfield/app"
	"jackfield/app/cli"
	"jackfield/connectors"
	"jackfield/examples"
	"jackfield/flow"
	"jackfield/store"
	"jackfield/store/vault"
)

const version = "0.1.0"

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	tuneMemory()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	p := &cli.Program{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr,
		Terminal: term.IsTerminal(int(os.Stderr.Fd())),
		Version:  version,
		Open: func(ctx context.Context, home string) (app.Service, func() error, error) {
			return openHome(ctx, home)
		},
		Serve: func(ctx context.Context, svc app.Service) error {
			if local, ok := svc.(*app.Local); ok {
				return local.Serve(ctx)
			}
			return nil
		},
		Check: func(ctx context.Context, home, path string) []flow.Problem {
			set := connectors.All(home)
			defer set.Close()
			return app.CheckFile(ctx, path, set)
		},
		Doctor: doctor,
		Rescue: rescue,
		Window: window(),
	}
	return p.Main(ctx, args)
}

// openHome opens everything that the home folder holds.
func openHome(ctx context.Context, home string) (*app.Local, func() error, error) {
	home, err := homeFolder(home)
	if err != nil {
		return nil, nil, err
	}
	st, err := store.Open(home, store.Options{})
	if err != nil {
		return nil, nil, err
	}
	secrets, err := vault.Open(home, st)
	if err != nil {
		return nil, nil, errors.Join(err, st.Close())
	}
	set := connectors.All(home)
	local := app.New(app.Options{Store: st, Vault: secrets, History: st, Ops: set, Home: home, Examples: examples.Files})
	watching, stop := context.WithCancel(context.WithoutCancel(ctx))
	var memory sync.WaitGroup
	memory.Go(func() { giveBackMemory(local.Watch(watching), debug.FreeOSMemory) })
	closeAll := func() error {
		stop()
		memory.Wait()
		return errors.Join(local.Close(context.WithoutCancel(ctx)), set.Close(), st.Close())
	}
	return local, closeAll, nil
}

// homeFolder is the absolute path of the folder that holds everything.
func homeFolder(home string) (string, error) {
	if home == "" {
		home = os.Getenv("JACKFIELD_HOME")
	}
	if home == "" {
		data, err := dataFolder()
		if err != nil {
			return "", fmt.Errorf("find the home folder: %w; set JACKFIELD_HOME", err)
		}
		home = filepath.Join(data, "jackfield")
	}
	return filepath.Abs(home)
}
