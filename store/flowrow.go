package store

import (
	"encoding/json"
	"fmt"
	"time"

	"jackfield/flow"
	"jackfield/flow/value"
)

// versionRow is one version of a flow as it is stored. Its names are the file's, not
// the code's: a field of flow.Flow may be renamed, these may not.
type versionRow struct {
	Saved   time.Time       `json:"saved"`
	Steps   int             `json:"steps"`
	Content json.RawMessage `json:"flow"`
}

type flowRow struct {
	Name     string      `json:"name"`
	Note     string      `json:"note,omitempty"`
	Steps    []stepRow   `json:"steps,omitempty"`
	Edges    []edgeRow   `json:"edges,omitempty"`
	Settings settingsRow `json:"settings,omitzero"`
}

type settingsRow struct {
	Timeout     time.Duration   `json:"timeout,omitempty"`
	Keep        int             `json:"keep,omitempty"`
	Quota       int64           `json:"quota,omitempty"`
	Retries     int             `json:"retries,omitempty"`
	Concurrency int             `json:"concurrency,omitempty"`
	OnFailure   flow.ID         `json:"on_failure,omitempty"`
	Unresolved  flow.Unresolved `json:"unresolved,omitempty"`
}

type stepRow struct {
	ID         flow.StepID        `json:"id"`
	Title      string             `json:"title,omitempty"`
	Uses       flow.OpID          `json:"uses"`
	In         flow.StepID        `json:"in,omitempty"`
	Connection string             `json:"connection,omitempty"`
	With       json.RawMessage    `json:"with,omitempty"`
	Map        string             `json:"map,omitempty"`
	Retry      retryRow           `json:"retry,omitzero"`
	OnError    flow.OnError       `json:"on_error,omitempty"`
	Uncertain  flow.WhenUncertain `json:"uncertain,omitempty"`
	Timeout    time.Duration      `json:"timeout,omitempty"`
	Rate       flow.Rate          `json:"rate,omitzero"`
	Parallel   int                `json:"parallel,omitempty"`
	Order      string             `json:"order,omitempty"`
	Off        bool               `json:"off,omitempty"`
	X          float32            `json:"x,omitempty"`
	Y          float32            `json:"y,omitempty"`
}

type retryRow struct {
	Tries int           `json:"tries,omitempty"`
	First time.Duration `json:"first,omitempty"`
	Most  time.Duration `json:"most,omitempty"`
	Only  []flow.Code   `json:"only,omitempty"`
}

type edgeRow struct {
	From   flow.StepID `json:"from"`
	Outlet flow.Outlet `json:"outlet,omitempty"`
	To     flow.StepID `json:"to"`
	When   string      `json:"when,omitempty"`
}

// contentOf writes what a version is made of. Equal flows have equal bytes; where
// the flow stands (its id, version and path) is not part of it.
func contentOf(f flow.Flow) ([]byte, error) {
	r := flowRow{Name: f.Name, Note: f.Note, Settings: settingsRow(f.Settings)}
	for _, s := range f.Steps {
		one := stepRow{
			ID: s.ID, Title: s.Title, Uses: s.Uses, In: s.In, Connection: s.Connection, Map: s.Map,
			Retry: retryRow(s.Retry), OnError: s.OnError, Uncertain: s.Uncertain, Timeout: s.Timeout,
			Rate: s.Rate, Parallel: s.Parallel, Order: s.Order, Off: s.Off, X: s.At.X, Y: s.At.Y,
		}
		if len(s.With) > 0 {
			one.With = value.Append(nil, map[string]any(s.With))
		}
		r.Steps = append(r.Steps, one)
	}
	for _, e := range f.Edges {
		r.Edges = append(r.Edges, edgeRow(e))
	}
	return appendJSON(nil, r)
}

func flowOf(content []byte) (flow.Flow, error) {
	var r flowRow
	if err := parseJSON(content, &r); err != nil {
		return flow.Flow{}, err
	}
	f := flow.Flow{Name: r.Name, Note: r.Note, Settings: flow.Settings(r.Settings)}
	for _, s := range r.Steps {
		one := flow.Step{
			ID: s.ID, Title: s.Title, Uses: s.Uses, In: s.In, Connection: s.Connection, Map: s.Map,
			Retry: flow.Retry(s.Retry), OnError: s.OnError, Uncertain: s.Uncertain, Timeout: s.Timeout,
			Rate: s.Rate, Parallel: s.Parallel, Order: s.Order, Off: s.Off, At: flow.Point{X: s.X, Y: s.Y},
		}
		with, err := valuesOf(s.With)
		if err != nil {
			return f, fmt.Errorf("step %s: %w", s.ID, err)
		}
		one.With = with
		f.Steps = append(f.Steps, one)
	}
	for _, e := range r.Edges {
		f.Edges = append(f.Edges, flow.Edge(e))
	}
	return f, nil
}

// valuesOf reads settings to the kinds that a flow file gives: whole numbers as int.
func valuesOf(data []byte) (flow.Values, error) {
	if len(data) == 0 {
		return nil, nil
	}
	v, err := value.Decode(data)
	if err != nil {
		return nil, err
	}
	m, ok := v.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("settings are a %T instead of an object", v)
	}
	return flow.Values(m), nil
}
