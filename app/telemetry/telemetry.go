// Package telemetry tells other systems how runs go: Prometheus fetches metrics,
// an OpenTelemetry collector is sent traces. It is off unless a person switches it on,
// and it only listens: what it does not see in the events of the door it does not know.
//
// Its rules: no record's data, no secret and no log line leaves here, only names,
// counts, times and kinds of problems. A collector that does not answer costs nothing
// but what it would have been sent.
package telemetry

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	sdk "go.opentelemetry.io/otel/sdk/trace"

	"jackfield/app"
	"jackfield/flow"
)

// Address is where metrics are served when nobody says where: the port that the
// OpenTelemetry specification keeps for a Prometheus exporter, on this machine alone.
const Address = "127.0.0.1:9464"

// Telemetry is what was switched on.
type Telemetry struct {
	metrics *metrics
	traces  *traces
	server  http.Server
	at      string
	end     context.CancelFunc
	work    sync.WaitGroup
	export  *sdk.TracerProvider
}

// Start serves metrics at http://ADDRESS/metrics and sends traces to where the
// variables OTEL_EXPORTER_OTLP_… say, else to http://127.0.0.1:4318. trouble is told,
// at most once an hour, what does not work.
func Start(ctx context.Context, svc app.Service, address, version string, trouble func(string)) (*Telemetry, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, flow.Problem{
			Field: "telemetry", Code: "busy", What: fmt.Sprintf("metrics cannot be served at %s: %v", address, err),
			Fix: "end what uses that address, or name another one: --telemetry=127.0.0.1:PORT",
		}
	}
	exporter, err := otlptracehttp.New(ctx, whereTo()...)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("send traces: %w", err), l.Close())
	}
	otel.SetErrorHandler(&seldom{say: trouble})
	t := &Telemetry{at: l.Addr().String(), metrics: newMetrics(version)}
	t.export = sdk.NewTracerProvider(sdk.WithBatcher(exporter), sdk.WithResource(resourceOf(version)))
	t.traces = newTraces(t.export.Tracer("jackfield"))
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", t.metrics.handler())
	t.server = http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	t.work.Go(func() { _ = t.server.Serve(l) }) // ends with Close
	listening, end := context.WithCancel(context.WithoutCancel(ctx))
	t.end = end
	events := svc.Watch(listening)
	t.work.Go(func() {
		for e := range events {
			t.metrics.see(e)
			t.traces.see(e)
		}
	})
	return t, nil
}

// At is the address of the metrics.
func (t *Telemetry) At() string { return "http://" + t.at + "/metrics" }

// Close sends what is left and ends.
func (t *Telemetry) Close() error {
	t.end()
	brief, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	err := t.server.Close()
	t.work.Wait()
	t.traces.end()
	if sent := t.export.Shutdown(brief); sent != nil && !errors.Is(sent, context.DeadlineExceeded) {
		err = errors.Join(err, fmt.Errorf("send the last traces: %w", sent))
	}
	return err
}

// seldom passes on one error an hour: a collector that is not there would fill the log.
type seldom struct {
	say  func(string)
	mu   sync.Mutex
	last time.Time
}

// Handle is told what OpenTelemetry could not do.
func (s *seldom) Handle(err error) {
	s.mu.Lock()
	quiet := !s.last.IsZero() && time.Since(s.last) < time.Hour
	if !quiet {
		s.last = time.Now()
	}
	s.mu.Unlock()
	if !quiet && s.say != nil {
		s.say("telemetry: " + err.Error() + "; name the collector in OTEL_EXPORTER_OTLP_ENDPOINT. Metrics are served all the same")
	}
}
