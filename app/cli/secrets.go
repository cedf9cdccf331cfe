package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"jackfield/app"
	"jackfield/flow"
)

func secretsStatus(ctx context.Context, p *Program, c *call) error {
	if _, err := c.plain(c.flags(), 0, 0); err != nil {
		return err
	}
	return c.with(ctx, func(svc app.Service) error {
		s, err := svc.Secrecy(ctx)
		if err != nil {
			return err
		}
		if c.json {
			return p.printJSON(s)
		}
		for _, line := range secrecyInWords(s) {
			fmt.Fprintln(p.Out, line)
		}
		return nil
	})
}

func secrecyInWords(s flow.Secrecy) []string {
	lines := []string{plural(s.Secrets, "secret is", "secrets are") + " kept"}
	switch s.By {
	case "":
		lines = append(lines, "there is no key yet; the first secret makes one")
	case flow.ByKeyring:
		lines = append(lines, "the key is in the system's keyring, as "+strings.TrimPrefix(s.Where, "keyring: "))
	case flow.ByFile:
		lines = append(lines, "the key is in "+s.Where+", which its owner alone can read")
	case flow.ByPassphrase:
		lines = append(lines, "the key is in "+s.Where+", which a passphrase opens")
	}
	if s.Locked {
		lines = append(lines, "the vault is locked; unlock it: jackfield secrets unlock, or JACKFIELD_PASSPHRASE_FILE")
	}
	if s.Keyring != "" {
		lines = append(lines, "the system's keyring does not serve: "+s.Keyring)
	}
	return lines
}

// secretsUnlock opens the vault of the process that has the home folder open, which lasts
// as long as that.
func secretsUnlock(ctx context.Context, p *Program, c *call) error {
	if _, err := c.plain(c.flags(), 0, 0); err != nil {
		return err
	}
	return c.with(ctx, func(svc app.Service) error {
		s, err := svc.Secrecy(ctx)
		if err != nil {
			return err
		}
		if !s.Locked {
			return p.say(c, s.By, "the vault is open already")
		}
		passphrase, err := p.passphrase(false)
		if err != nil {
			return err
		}
		if err := svc.UnlockSecrets(ctx, passphrase); err != nil {
			return p.refused(err, flow.Flow{})
		}
		return p.say(c, s.By, "the vault is open, as long as the process lasts that has the home folder open")
	})
}

func secretsProtect(ctx context.Context, p *Program, c *call) error {
	fs := c.flags()
	forget := fs.Bool("forget", false, "begin with a new key, where the old one or its passphrase is lost; what was kept does not open any more")
	args, err := c.plain(fs, 1, 1)
	if err != nil {
		return err
	}
	by := flow.Protection(args[0])
	if all := []flow.Protection{flow.ByKeyring, flow.ByFile, flow.ByPassphrase}; !slices.Contains(all, by) {
		return usagef("%q is no place for the key; take keyring, file or passphrase", args[0])
	}
	return c.with(ctx, func(svc app.Service) error {
		if !*forget {
			if err := p.unlocked(ctx, svc); err != nil {
				return err
			}
		}
		passphrase := ""
		if by == flow.ByPassphrase {
			if passphrase, err = p.passphrase(true); err != nil {
				return err
			}
		}
		if err := svc.ProtectSecrets(ctx, by, passphrase, *forget); err != nil {
			return p.refused(err, flow.Flow{})
		}
		s, err := svc.Secrecy(ctx)
		if err != nil {
			return err
		}
		return p.say(c, s, "%s", strings.Join(secrecyInWords(flow.Secrecy{By: s.By, Where: s.Where, Secrets: s.Secrets}), "; "))
	})
}

// unlocked opens a vault that is locked, so that its key can be moved.
func (p *Program) unlocked(ctx context.Context, svc app.Service) error {
	s, err := svc.Secrecy(ctx)
	if err != nil || !s.Locked || svc.UnlockSecrets(ctx, "") == nil {
		return err
	}
	if p.Password == nil {
		return usagef("the vault is locked; unlock it first: jackfield secrets unlock while jackfield serve or the window runs, or JACKFIELD_PASSPHRASE_FILE")
	}
	passphrase, err := p.Password("passphrase of the vault: ")
	if err != nil {
		return err
	}
	if err := svc.UnlockSecrets(ctx, passphrase); err != nil {
		return p.refused(err, flow.Flow{})
	}
	return nil
}

func secretsRotate(ctx context.Context, p *Program, c *call) error {
	if _, err := c.plain(c.flags(), 0, 0); err != nil {
		return err
	}
	return c.with(ctx, func(svc app.Service) error {
		s, err := svc.Secrecy(ctx)
		if err != nil {
			return err
		}
		passphrase := ""
		if s.By == flow.ByPassphrase {
			if passphrase, err = p.passphrase(false); err != nil {
				return err
			}
		}
		if err := svc.RotateSecrets(ctx, passphrase); err != nil {
			return p.refused(err, flow.Flow{})
		}
		if s, err = svc.Secrecy(ctx); err != nil {
			return err
		}
		return p.say(c, s, "%s sealed anew with the key %s", plural(s.Secrets, "secret is", "secrets are"), s.Key)
	})
}

func secretsCheck(ctx context.Context, p *Program, c *call) error {
	if _, err := c.plain(c.flags(), 0, 0); err != nil {
		return err
	}
	return c.with(ctx, func(svc app.Service) error {
		if err := p.unlocked(ctx, svc); err != nil {
			return err
		}
		checks, err := svc.CheckSecrets(ctx)
		if err != nil {
			return p.refused(err, flow.Flow{})
		}
		return p.printChecks(c, made(checks))
	})
}

// passphrase asks at the terminal, a new one twice, or else takes a line of standard input.
func (p *Program) passphrase(fresh bool) (string, error) {
	if p.Password == nil {
		line, err := bufio.NewReader(io.LimitReader(p.In, 1<<16)).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", fmt.Errorf("read the passphrase: %w", err)
		}
		if line = strings.TrimRight(line, "\r\n"); line == "" {
			return "", usagef("the passphrase is read from standard input, and nothing came")
		}
		return line, nil
	}
	passphrase, err := p.Password("passphrase of the vault: ")
	if err != nil || !fresh {
		return passphrase, err
	}
	again, err := p.Password("the same once more: ")
	if err == nil && again != passphrase {
		err = usagef("the two are not the same")
	}
	return passphrase, err
}
