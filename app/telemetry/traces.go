package telemetry

import (
	"context"
	"os"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/trace"

	"jackfield/flow"
)

// traces makes a span of every run, with one of each of its step runs inside. The run
// of a called flow stands inside the span of the run that called it.
type traces struct {
	tracer trace.Tracer
	going  map[flow.RunID]trace.Span
}

func newTraces(t trace.Tracer) *traces { return &traces{tracer: t, going: map[flow.RunID]trace.Span{}} }

// whereTo is the collector of this machine, unless the standard's variables name one.
func whereTo() []otlptracehttp.Option {
	for _, name := range []string{"OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"} {
		if os.Getenv(name) != "" {
			return nil
		}
	}
	return []otlptracehttp.Option{otlptracehttp.WithEndpoint("127.0.0.1:4318"), otlptracehttp.WithInsecure()}
}

func resourceOf(version string) *resource.Resource {
	return resource.NewSchemaless(attribute.String("service.name", "jackfield"), attribute.String("service.version", version))
}

func (t *traces) see(e flow.Event) {
	switch e.Kind {
	case flow.RunChanged:
		t.run(e.Run)
	case flow.StepEnded:
		t.step(e.Run.ID, e.Step)
	}
}

func (t *traces) run(r flow.Run) {
	span, going := t.going[r.ID]
	if !going {
		ctx := context.Background()
		if caller, ok := t.going[r.Of]; ok {
			ctx = trace.ContextWithSpan(ctx, caller)
		}
		_, span = t.tracer.Start(ctx, "run "+r.Name, trace.WithTimestamp(r.Started), trace.WithAttributes(
			attribute.String("jackfield.run", string(r.ID)), attribute.String("jackfield.flow", string(r.Flow)),
			attribute.Int("jackfield.version", r.Version), attribute.String("jackfield.cause", r.Cause)))
		t.going[r.ID] = span
	}
	if !r.State.Ended() {
		return
	}
	delete(t.going, r.ID)
	span.SetAttributes(attribute.String("jackfield.state", string(r.State)), attribute.Int("jackfield.given", r.Given), attribute.Int("jackfield.failures", r.Failures))
	if r.State == flow.RunFailed {
		what := string(r.State)
		if r.Problem != nil {
			what = string(r.Problem.Code) // its words may hold data
		}
		span.SetStatus(codes.Error, what)
	}
	span.End(trace.WithTimestamp(r.Ended))
}

func (t *traces) step(id flow.RunID, s flow.StepRun) {
	run, going := t.going[id]
	if !going || s.Step == "" {
		return
	}
	_, span := t.tracer.Start(trace.ContextWithSpan(context.Background(), run), "step "+string(s.Step), trace.WithTimestamp(s.Started),
		trace.WithAttributes(attribute.String("jackfield.step", string(s.Step)), attribute.Int("jackfield.seq", s.Seq),
			attribute.Int("jackfield.in", s.In), attribute.Int("jackfield.attempt", s.Attempt)))
	for o, n := range s.Out {
		span.SetAttributes(attribute.Int("jackfield.out."+string(o), n))
	}
	if s.Fatal != nil {
		span.SetStatus(codes.Error, string(s.Fatal.Code))
	} else if n := s.Out[flow.Failed]; n > 0 && len(s.Problems) > 0 {
		span.SetStatus(codes.Error, string(s.Problems[0].Code))
	}
	span.End(trace.WithTimestamp(s.Started.Add(s.Took)))
}

// end ends the spans of runs that go on another time.
func (t *traces) end() {
	for _, span := range t.going {
		span.End()
	}
}
