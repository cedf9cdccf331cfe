package cli

import (
	"bufio"
	"context"
	"fmt"
	"strings"
	"time"

	"jackfield/app"
	"jackfield/connectors/kit"
	"jackfield/flow"
)

// connectionsSignIn lets a person sign a connection in. What there is to do goes to
// standard error, how it stands then to standard output.
func connectionsSignIn(ctx context.Context, p *Program, c *call) error {
	fs := c.flags()
	open := fs.Bool("open", false, "open the address in this machine's browser")
	device := fs.Bool("device", false, "sign in on any device, with a code")
	paste := fs.Bool("paste", false, "bring the address by hand that the browser ends at, on standard input")
	look := fs.Bool("show", false, "only show how it stands")
	args, err := c.plain(fs, 1, 1)
	if err != nil {
		return err
	}
	if *device && *paste {
		return usagef("either --device or --paste")
	}
	return c.with(ctx, func(svc app.Service) error {
		conn, err := findConnection(ctx, svc, args[0])
		if err != nil {
			return err
		}
		standing, err := svc.Standing(ctx, conn.Name)
		switch {
		case err != nil:
			return p.refused(err, flow.Flow{})
		case *look:
			return p.sayStanding(c, conn.Name, standing)
		case !standing.Asks:
			return usagef("nobody signs in to connection %q by hand; try it: jackfield connections test %s", conn.Name, conn.Name)
		}
		way := map[bool]kit.Way{*device: kit.ByDevice, *paste: kit.ByPaste}[true]
		invitation, err := svc.SignIn(ctx, conn.Name, way)
		if err != nil {
			return p.refused(err, flow.Flow{})
		}
		if err := p.invite(ctx, svc, invitation, *open); err != nil {
			return err
		}
		standing, err = svc.AwaitSignIn(ctx, invitation.ID)
		if err != nil {
			return err
		}
		return p.sayStanding(c, conn.Name, standing)
	})
}

// invite says what a person has to do, and brings the address where it is brought by hand.
func (p *Program) invite(ctx context.Context, svc app.Service, i kit.Invitation, open bool) error {
	fmt.Fprintf(p.Err, "Open this address in a browser:\n\n  %s\n\n", i.URL)
	if i.Code != "" {
		fmt.Fprintf(p.Err, "and type in the code %s\n", i.Code)
	}
	if open {
		if p.Browse == nil {
			fmt.Fprintln(p.Err, "this build opens no browser")
		} else if err := p.Browse(i.URL); err != nil {
			fmt.Fprintf(p.Err, "the browser did not open: %v\n", err)
		}
	}
	if i.Way != kit.ByPaste {
		if i.Redirect != "" {
			fmt.Fprintf(p.Err, "It has to be a browser on this machine: it comes back to %s\n", i.Redirect)
		}
		fmt.Fprintf(p.Err, "Waiting until %s\n", i.Until.Local().Format(time.TimeOnly))
		return nil
	}
	fmt.Fprintf(p.Err, "The browser ends at an address that begins %s, maybe with an error. Paste that address here:\n", i.Redirect)
	line, err := bufio.NewReader(p.In).ReadString('\n')
	if line = strings.TrimSpace(line); line == "" {
		return usagef("no address came on standard input: %v", err)
	}
	return svc.PasteSignIn(ctx, i.ID, line)
}

// sayStanding prints how a sign-in stands. One that does not serve is no success.
func (p *Program) sayStanding(c *call, name string, s kit.Standing) error {
	if err := p.say(c, s, "%s: %s", name, standingInWords(s)); err != nil {
		return err
	}
	if s.Asks && !s.SignedIn {
		return exit(RunFailed)
	}
	return nil
}

func standingInWords(s kit.Standing) string {
	var text string
	switch {
	case !s.Asks:
		return "nobody has to sign in by hand"
	case !s.SignedIn && s.Problem != nil:
		return s.Problem.What + "; " + s.Problem.Fix
	case !s.SignedIn:
		return "nobody is signed in"
	default:
		text = "signed in"
	}
	if s.As != "" {
		text += " as " + s.As
	}
	switch {
	case s.Problem != nil:
		text += ", but " + s.Problem.What + "; " + s.Problem.Fix
	case s.Renews:
		text += "; it is renewed by itself"
	case !s.Until.IsZero():
		text += " until " + s.Until.Local().Format("2 January 15:04")
	}
	return text
}

func connectionsSignOut(ctx context.Context, p *Program, c *call) error {
	args, err := c.plain(c.flags(), 1, 1)
	if err != nil {
		return err
	}
	return c.with(ctx, func(svc app.Service) error {
		conn, err := findConnection(ctx, svc, args[0])
		if err != nil {
			return err
		}
		if err := svc.SignOut(ctx, conn.Name); err != nil {
			return p.refused(err, flow.Flow{})
		}
		return p.say(c, conn.Name, "signed out of %s; the service may list the sign-in until you take it back there", conn.Name)
	})
}
