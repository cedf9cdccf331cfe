package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"jackfield/app"
)

// serve holds the home folder open, so that schedules and listeners of enabled flows
// are live and every other command and window goes through its door, until it is
// interrupted. Runs that do not end within the drain time go on at the next start.
func serve(ctx context.Context, p *Program, c *call) error {
	fs := c.bare()
	drain := fs.Duration("drain", 20*time.Second, "a `time` such as 30s: so long runs may take to come to their end when serve is ended; then they rest until the next start")
	telemetry := fs.String("telemetry", "", "`where` to serve metrics: an address, or on for 127.0.0.1:9464; traces go to the collector that OTEL_EXPORTER_OTLP_ENDPOINT names, or else to 127.0.0.1:4318. JACKFIELD_TELEMETRY says the same")
	logs := fs.String("log", "plain", "the `format` of what it tells: plain, text or json")
	unit := fs.Bool("unit", false, "print a unit file for systemd, for this program and home folder")
	if _, err := c.plain(fs, 0, 0); err != nil {
		return err
	}
	if *drain < 0 {
		return usagef("--drain: %s is less than none", *drain)
	}
	if *unit {
		return printUnit(p.Out, c.home)
	}
	teller, err := p.teller(*logs)
	if err != nil {
		return err
	}
	if teller.log != nil {
		slog.SetDefault(teller.log) // so that what others log can be read by the same program
	}
	host, err := p.Hold(ctx, c.home, *telemetry, func(pid int) {
		teller.say(slog.LevelInfo, fmt.Sprintf("process %d has the home folder open; this one goes on when that ends", pid))
	})
	if err != nil {
		if ctx.Err() != nil {
			return nil // it was ended while it waited
		}
		return err
	}
	err = p.serveUntilTheEnd(ctx, host, *drain, teller)
	hurry, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return errors.Join(err, host.CloseHome(hurry))
}

func (p *Program) serveUntilTheEnd(ctx context.Context, host Host, drain time.Duration, tell *teller) error {
	// What outlives the interrupt: what is told while runs come to their end.
	after := context.WithoutCancel(ctx)
	watching, enough := context.WithCancel(after)
	events := host.Watch(watching)
	defer enough()
	if err := host.UnlockSecrets(ctx, ""); err != nil {
		tell.say(slog.LevelWarn, describe(err))
	}
	if s, err := host.Secrecy(ctx); err == nil && s.Locked {
		tell.say(slog.LevelWarn, "nothing starts by itself before the vault is unlocked: jackfield secrets unlock")
		notifySystemd("READY=1\nSTATUS=the vault is locked")
	}
	if err := host.Serve(ctx); err != nil && ctx.Err() == nil {
		return err
	}
	if err := sayLive(after, host, tell); err != nil {
		return err
	}
	told := make(chan struct{})
	go func() {
		defer close(told)
		for e := range events {
			tell.event(e)
		}
	}()
	defer func() {
		enough()
		<-told
	}()
	notifySystemd("READY=1")
	<-ctx.Done()
	notifySystemd("STOPPING=1")
	limit, cancel := context.WithTimeout(after, drain)
	defer cancel()
	if left := host.Drain(limit); left > 0 {
		tell.say(slog.LevelWarn, plural(left, "run is", "runs are")+" not at the end and will go on at the next start")
	}
	return nil
}

func sayLive(ctx context.Context, svc app.Service, tell *teller) error {
	all, err := svc.Flows(ctx)
	if err != nil {
		return err
	}
	live := 0
	for _, o := range all {
		if o.Enabled {
			live++
		}
	}
	if live == 0 {
		tell.say(slog.LevelInfo, "no flow is enabled, so nothing will start by itself; enable one: jackfield flows enable FLOW. Ctrl+C ends")
	} else {
		tell.say(slog.LevelInfo, plural(live, "flow is", "flows are")+" live; Ctrl+C ends")
	}
	return nil
}

// notifySystemd tells the service manager how this program stands, where one asked to
// be told: sd_notify(3) says how.
func notifySystemd(state string) {
	path := os.Getenv("NOTIFY_SOCKET")
	if path == "" {
		return
	}
	_ = sendDatagram(path, state) // the manager's own time-out deals with what does not come
}
