package http

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/web"
	"jackfield/flow"
)

// read reads a list page by page; with a cursor only the items that are new.
type read struct {
	inquiry
	web.News
}

func newRead(w *shared) *read {
	return &read{inquiry: newInquiry(w, web.LinkPaging, 0), News: web.NewNews()}
}

// Fields offers POST for services that search with it; a list is only read.
func (q *read) Fields() kit.Fields {
	news := q.NewsFields("Write {since} where the service is to be told from where on, as in the parameter updated_since; the first run leaves that parameter out.")
	return q.fields(methodChoices(http.MethodGet, http.MethodPost), q.bodyField(), news...)
}

// Read gives one page of the list.
func (q *read) Read(ctx context.Context, env kit.Env, after flow.Cursor) (kit.Page, error) {
	path, _, _ := strings.Cut(q.Path, "?")
	return q.Page(env, path, after, func(t web.Turn, at web.Place) ([]any, web.Place, bool, error) {
		one := q.inquiry
		if q.Cursor != "" {
			if err := one.fill(t); err != nil {
				return nil, at, false, err
			}
		}
		return one.page(ctx, env, "", "", at)
	})
}

// fill puts what changes from run to run into its places.
func (q *inquiry) fill(t web.Turn) error {
	if t.Lacks(q.Path) {
		return web.SinceInPath()
	}
	path, query, asks := strings.Cut(q.Path, "?")
	q.Path = t.Fill(path, url.PathEscape)
	if asks {
		q.Path += "?" + t.Fill(query, url.QueryEscape)
	}
	q.Query = maps.Clone(q.Query)
	for name, text := range q.Query {
		if t.Lacks(text) {
			delete(q.Query, name)
			continue
		}
		q.Query[name] = t.Fill(text, nil)
	}
	q.Body = t.Filled(q.Body, false)
	return nil
}
