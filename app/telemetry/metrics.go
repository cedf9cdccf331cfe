package telemetry

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"jackfield/flow"
)

// metrics counts what happens. Its names follow Prometheus' rules: base units, _total
// for what only grows.
type metrics struct {
	registry *prometheus.Registry
	going    map[flow.RunID]bool
	active   *prometheus.GaugeVec
	runs     *prometheus.CounterVec
	runTime  *prometheus.HistogramVec
	stepRuns *prometheus.CounterVec
	stepTime *prometheus.HistogramVec
	records  *prometheus.CounterVec
	problems *prometheus.CounterVec
	trouble  *prometheus.CounterVec
}

func newMetrics(version string) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(), going: map[flow.RunID]bool{},
		active:   prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "jackfield_runs_active", Help: "Runs that go on."}, []string{"flow"}),
		runs:     prometheus.NewCounterVec(prometheus.CounterOpts{Name: "jackfield_runs_total", Help: "Runs that ended, by how."}, []string{"flow", "state", "cause"}),
		runTime:  prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "jackfield_run_duration_seconds", Help: "How long runs took.", Buckets: prometheus.ExponentialBuckets(0.01, 4, 12)}, []string{"flow"}),
		stepRuns: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "jackfield_step_runs_total", Help: "Passes of steps over batches."}, []string{"flow", "step"}),
		stepTime: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "jackfield_step_run_duration_seconds", Help: "How long they took.", Buckets: prometheus.ExponentialBuckets(0.0005, 4, 12)}, []string{"flow", "step"}),
		records:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: "jackfield_records_total", Help: "Records that left steps, by outlet."}, []string{"flow", "step", "outlet"}),
		problems: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "jackfield_problems_total", Help: "Why step runs had failed records, by kind; ten of a step run at the most."}, []string{"flow", "step", "code"}),
		trouble:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: "jackfield_trouble_total", Help: "What a person was told outside of runs."}, []string{"flow"}),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{Name: "jackfield_build_info", Help: "Which version runs.", ConstLabels: prometheus.Labels{"version": version}})
	build.Set(1)
	m.registry.MustRegister(m.active, m.runs, m.runTime, m.stepRuns, m.stepTime, m.records, m.problems, m.trouble, build,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

func (m *metrics) see(e flow.Event) {
	name := string(e.Flow)
	switch e.Kind {
	case flow.RunChanged:
		m.run(name, e.Run)
	case flow.StepEnded:
		m.step(name, e.Step)
	case flow.Trouble:
		m.trouble.WithLabelValues(name).Inc()
	}
}

func (m *metrics) run(name string, r flow.Run) {
	if !r.State.Ended() {
		if !m.going[r.ID] {
			m.going[r.ID] = true
			m.active.WithLabelValues(name).Inc()
		}
		return
	}
	if m.going[r.ID] {
		delete(m.going, r.ID)
		m.active.WithLabelValues(name).Dec()
	}
	m.runs.WithLabelValues(name, string(r.State), r.Cause).Inc()
	m.runTime.WithLabelValues(name).Observe(r.Took(r.Ended).Seconds())
}

func (m *metrics) step(name string, s flow.StepRun) {
	if s.Step == "" {
		return
	}
	step := string(s.Step)
	m.stepRuns.WithLabelValues(name, step).Inc()
	m.stepTime.WithLabelValues(name, step).Observe(s.Took.Seconds())
	for o, n := range s.Out {
		m.records.WithLabelValues(name, step, string(o)).Add(float64(n))
	}
	for _, p := range s.Problems {
		m.problems.WithLabelValues(name, step, string(p.Code)).Inc()
	}
}
