// Jackfield connects systems without a cloud. This file puts the parts together and
// does nothing else.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"golang.org/x/term"

	"jackfield/app"
	"jackfield/app/cli"
	"jackfield/connectors"
	"jackfield/flow"
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
		Open:     openForCommand,
		Hold:     hold,
		Check: func(ctx context.Context, home, path string) []flow.Problem {
			folder, err := homeFolder(home)
			if err != nil {
				folder = "" // without one only what is built in is known
			}
			library := connectors.Open(folder)
			defer library.Close()
			return app.CheckFile(ctx, path, library.Now())
		},
		Doctor: doctor,
		Rescue: rescue,
		Browse: browse, Password: password(),
		Window: window(),
	}
	return p.Main(ctx, args)
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
