package declared

import (
	"maps"
	"strings"
	"time"

	"jackfield/connectors/kit"
)

// scene is what expressions see: what is known where they stand.
type scene struct {
	config    map[string]any
	input     any            // of an action
	partition map[string]any // of the stream
	window    map[string]any // where the window begins and ends, by the names of the manifest
	since     any            // where it begins, as the service writes times; nil for the very beginning
	until     any
	record    any
	response  any
	headers   map[string]any
	status    int
	token     any // of the page
	last      any // record of the page
	size      int // of the page
	now       time.Time
	secrets   []string
}

// scene is what is known before anything was asked.
func (a *account) scene(env kit.Env) *scene {
	s := &scene{now: env.Started}
	if s.now.IsZero() {
		s.now = time.Now()
	}
	s.config, s.secrets = a.configured()
	return s
}

// object is the scene as jq sees it.
func (s *scene) object() map[string]any {
	return map[string]any{
		"config": orEmpty(s.config), "input": s.input, "partition": orEmpty(s.partition), "since": s.since, "until": s.until,
		"record": s.record, "reply": s.response, "headers": orEmpty(s.headers), "status": s.status, "page": s.token, "last": s.last, "count": s.size,
	}
}

func orEmpty(m map[string]any) map[string]any {
	if m == nil {
		return map[string]any{}
	}
	return m
}

// names is the scene as templates see it.
func (s *scene) names() map[string]any {
	slice := maps.Clone(orEmpty(s.partition))
	maps.Copy(slice, s.window)
	names := map[string]any{
		"config": orEmpty(s.config), "stream_slice": slice, "stream_partition": slice, "stream_interval": slice, "stream_state": map[string]any{},
		"response": s.response, "headers": orEmpty(s.headers), "last_record": s.last, "last_page_size": s.size, "record": s.record,
		"parameters": map[string]any{},
	}
	next := map[string]any{}
	if s.token != nil {
		next["next_page_token"] = s.token
	}
	names["next_page_token"] = next
	return names
}

// masked leaves out what is secret.
func (s *scene) masked(err error) error {
	if err == nil {
		return nil
	}
	f := kit.AsFailure(err)
	for _, secret := range s.secrets {
		if secret != "" && strings.Contains(f.What, secret) {
			clean := *f
			clean.What, clean.Cause = strings.ReplaceAll(f.What, secret, "••••••"), nil
			f = &clean
		}
	}
	return f
}

// secret says whether a text holds something that nobody is to see.
func (s *scene) secret(text string) bool {
	for _, one := range s.secrets {
		if len(one) > 2 && strings.Contains(text, one) {
			return true
		}
	}
	return false
}
