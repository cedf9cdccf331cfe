package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"golang.org/x/term"
)

// passphraseFile names a file that holds the passphrase of the vault.
const passphraseFile = "JACKFIELD_PASSPHRASE_FILE"

// passphrase finds the passphrase of the vault for a process that needs a secret: in the
// file that the environment names, else by asking at the terminal; "" where nobody can be
// asked.
func passphrase(atTerminal bool) func(context.Context) (string, error) {
	return func(context.Context) (string, error) {
		if path := os.Getenv(passphraseFile); path != "" {
			text, err := os.ReadFile(path)
			if err != nil {
				return "", fmt.Errorf("read the passphrase of the vault, as %s says: %w", passphraseFile, err)
			}
			return strings.TrimRight(string(text), "\r\n"), nil
		}
		if ask := password(); ask != nil && atTerminal {
			return ask("passphrase of the vault: ")
		}
		return "", nil
	}
}

// password asks at the terminal without showing what is typed; nil where there is none.
func password() func(prompt string) (string, error) {
	in := int(os.Stdin.Fd())
	if !term.IsTerminal(in) || !term.IsTerminal(int(os.Stderr.Fd())) {
		return nil
	}
	return func(prompt string) (string, error) {
		fmt.Fprint(os.Stderr, prompt)
		text, err := term.ReadPassword(in)
		fmt.Fprintln(os.Stderr)
		if err != nil {
			return "", fmt.Errorf("read the passphrase: %w", err)
		}
		return string(text), nil
	}
}
