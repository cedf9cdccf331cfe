package engine

import (
	"os"
	"strings"
	"time"
)

// Clock is what schedules take the time from.
type Clock struct {
	Now  func() time.Time      // time.Now where it is nil
	Zone func() *time.Location // of this machine, as it is set now; the system's where it is nil
}

func (l *Local) now() time.Time {
	if l.options.Clock.Now == nil {
		return time.Now()
	}
	return l.options.Clock.Now()
}

func (l *Local) zone() *time.Location {
	if l.options.Clock.Zone == nil {
		return machineZone()
	}
	return l.options.Clock.Zone()
}

// machineZone is the time zone of this machine as it is set now; time.Local is the one
// that it had when the program started.
func machineZone() *time.Location {
	if os.Getenv("TZ") != "" {
		return time.Local
	}
	target, err := os.Readlink("/etc/localtime")
	if err != nil {
		return time.Local
	}
	_, name, found := strings.Cut(target, "zoneinfo/")
	if !found {
		return time.Local
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return time.Local
	}
	return zone
}
