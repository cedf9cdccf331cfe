package declared

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"jackfield/connectors/kit/web"
	"jackfield/flow/value"
)

// pager says how a list is divided.
type pager struct {
	style  pageStyle
	first  int        // number of the first page
	size   expression // of a page; nil leaves it to the service
	sizeIn place
	sizeAs expression
	in     place // where the page is named
	as     expression
	always bool       // the first request names it too
	next   expression // what names the page behind, of tokenPages
	stop   expression // there is none
	// scrolls says that one token may name many pages, one after the other: something else
	// says where the list ends.
	scrolls bool
	joins   bool // an address without a host is a path of the service
	strict  bool // a list that is counted ends with an empty page, not with a short one
}

type pageStyle int

const (
	onePage pageStyle = iota
	numberedPages
	offsetPages
	tokenPages
	linkedPages // by a Link header (RFC 8288)
)

// onto names the page at a place in a request.
func (p *pager) onto(ctx context.Context, x *extra, at web.Place, in *scene) error {
	if p == nil || p.style == onePage {
		return nil
	}
	if at.URL != "" {
		x.address = at.URL
	}
	size, err := p.sizeOf(ctx, in)
	if err != nil {
		return err
	}
	if size > 0 && p.sizeAs != nil {
		name, err := textOf(ctx, p.sizeAs, in)
		if err != nil {
			return err
		}
		x.set(p.sizeIn, name, size)
	}
	token, named := p.token(at)
	if !named || at.URL != "" {
		return nil
	}
	in.token = token
	if at.Page == 0 && !p.always {
		return nil
	}
	if p.in == inPath {
		x.path = plainText(token)
		return nil
	}
	name, err := textOf(ctx, p.as, in)
	if err != nil {
		return err
	}
	x.set(p.in, name, token)
	return nil
}

func (p *pager) sizeOf(ctx context.Context, in *scene) (int, error) { return wholeOf(ctx, p.size, in) }

// token is what names the page at a place.
func (p *pager) token(at web.Place) (any, bool) {
	switch p.style {
	case numberedPages:
		return p.first + at.Page, true
	case offsetPages:
		return at.Offset, true
	case tokenPages:
		if at.Cursor == "" {
			return nil, false
		}
		v, err := value.Decode([]byte(at.Cursor))
		if both, is := v.([]any); is && p.scrolls && len(both) == 2 {
			v = both[1]
		}
		return v, err == nil
	}
	return nil, false
}

// behind finds the place behind at, of a page that held so many records.
func (p *pager) behind(ctx context.Context, at web.Place, r *web.Reply, in *scene, found int) (next web.Place, more bool, err error) {
	if p == nil {
		return next, false, nil
	}
	next.Offset = at.Offset + found
	switch p.style {
	case onePage:
		return next, false, nil
	case linkedPages:
		if link := web.NextLink(r.Header); link != "" {
			next.URL, more = r.Kept(link), true
		}
	case tokenPages:
		v, err := p.next.value(ctx, in)
		if err != nil {
			return next, false, err
		}
		text, isText := v.(string)
		switch {
		case v == nil, v == false, isText && text == "", p.joins && (v == 0 || v == 0.0):
		case isText && p.in == inPath && (!p.joins || strings.Contains(text, "://")):
			next.URL, more = r.Kept(text), true
		default:
			if p.scrolls {
				v = []any{at.Page + 1, v}
			}
			next.Cursor, more = string(value.Append(nil, v)), true
		}
	default:
		size, err := p.sizeOf(ctx, in)
		if err != nil {
			return next, false, err
		}
		more = found > 0 && (p.strict || found >= size)
	}
	if more && p.stop != nil {
		stop, err := holds(ctx, p.stop, in)
		if err != nil {
			return next, false, err
		}
		more = !stop
	}
	return web.Onward(at, next, r, found, 0, more)
}

// linksOf are the Link headers as templates see them: headers.link.next.url.
func linksOf(h http.Header) map[string]any {
	out := map[string]any{}
	if next := web.NextLink(h); next != "" {
		out["next"] = map[string]any{"url": next}
	}
	return out
}

// kept writes something of ours for the next page.
func kept(v any) json.RawMessage {
	text, err := json.Marshal(v)
	if err != nil {
		return nil // never: it holds what JSON knows
	}
	return text
}
