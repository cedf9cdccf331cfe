package main

import (
	"context"
	"log/slog"
	"os"

	"jackfield/app"
	"jackfield/app/telemetry"
)

// startTelemetry switches telemetry on where setting, or else JACKFIELD_TELEMETRY, says
// so. It gives what ends it.
func startTelemetry(ctx context.Context, local *app.Local, setting string) (end func() error, err error) {
	if setting == "" {
		setting = os.Getenv("JACKFIELD_TELEMETRY")
	}
	address, err := telemetry.Setting(setting)
	if err != nil || address == "" {
		return func() error { return nil }, err
	}
	t, err := telemetry.Start(ctx, local, address, version, func(what string) { slog.Warn(what) })
	if err != nil {
		return nil, err
	}
	slog.Info("telemetry is on", "metrics", t.At())
	return t.Close, nil
}
