package http

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/flow/value"
)

// paging says how the service divides a list.
type paging struct {
	Style       string
	Items       string
	CursorPath  string
	CursorParam string
	OffsetParam string
	PageParam   string
	FirstPage   int
	SizeParam   string
	PageSize    int
	MaxPages    int
}

// The styles of paging.
const (
	noPaging     = "none"
	linkPaging   = "link"   // a Link header names the next page (RFC 8288)
	cursorPaging = "cursor" // the reply holds what the next request must send, or its address
	offsetPaging = "offset" // a parameter counts the items before the page
	pagePaging   = "page"   // a parameter counts the pages
)

func newPaging(style string, mostPages int) paging {
	return paging{
		Style: style, CursorPath: "next", CursorParam: "cursor", OffsetParam: "offset",
		PageParam: "page", FirstPage: 1, SizeParam: "limit", MaxPages: mostPages,
	}
}

func (p *paging) fields() kit.Fields {
	is := func(styles ...string) func() bool { return func() bool { return slices.Contains(styles, p.Style) } }
	paged := is(linkPaging, cursorPaging, offsetPaging, pagePaging)
	return kit.Fields{
		kit.Pick(&p.Style, "paging", "Paging",
			kit.Choice{Value: noPaging, Label: "One reply holds all"}, kit.Choice{Value: linkPaging, Label: "Link header"},
			kit.Choice{Value: cursorPaging, Label: "Cursor in the reply"}, kit.Choice{Value: offsetPaging, Label: "Offset"},
			kit.Choice{Value: pagePaging, Label: "Page number"}),
		kit.Text(&p.Items, "items", "Where the items are").Eg("data.items").
			Help("The path of the list in the reply, with dots; empty where the reply itself is the list."),
		kit.Text(&p.CursorPath, "cursor_path", "Where the cursor is").Needed().OnlyIf(is(cursorPaging)).
			Help("The path of the next page's cursor, or address, in the reply; where it is missing or empty the list ends."),
		kit.Text(&p.CursorParam, "cursor_param", "Parameter of the cursor").Needed().OnlyIf(is(cursorPaging)),
		kit.Text(&p.OffsetParam, "offset_param", "Parameter of the offset").Needed().OnlyIf(is(offsetPaging)),
		kit.Text(&p.PageParam, "page_param", "Parameter of the page number").Needed().OnlyIf(is(pagePaging)),
		kit.Int(&p.FirstPage, "first_page", "Number of the first page").OnlyIf(is(pagePaging)).More(),
		kit.Text(&p.SizeParam, "size_param", "Parameter of the page size").OnlyIf(paged).More(),
		kit.Int(&p.PageSize, "page_size", "Items a page").OnlyIf(paged).Help("0 leaves it to the service."),
		kit.Int(&p.MaxPages, "max_pages", "Most pages").OnlyIf(paged).More().Help("A list that is longer is an error; 0 sets no limit."),
	}
}

// place is where a reader stands in a list: what the request for the page needs.
type place struct {
	Page   int    `json:"page"`             // how many pages came before
	URL    string `json:"url,omitempty"`    // of the page, where the service gave it; without a host it is of the service itself
	Cursor string `json:"cursor,omitempty"` // as the service gave it
	Offset int    `json:"offset,omitempty"` // items that came before
	Seen   string `json:"seen,omitempty"`   // the digest of the page before
	Tokens string `json:"tokens,omitempty"` // digests of what named the last pages
	Anchor string `json:"anchor,omitempty"` // the digest of what named one further back
}

// tokensKept is how many pages back a token is known again at once.
const tokensKept = 64

// walked notes what names the page, and says whether a page before had the same name.
// Circles of up to tokensKept pages are seen at once. For longer ones an anchor stays
// behind, and moves when the number of pages has doubled: every circle comes by it
// again (R. Brent, An improved Monte Carlo factorization algorithm, 1980).
func (p *place) walked() (again bool) {
	name := p.URL + p.Cursor
	if name == "" {
		return false
	}
	token := digest([]byte(name))
	for n := 0; n < len(p.Tokens); n += len(token) {
		again = again || p.Tokens[n:n+len(token)] == token
	}
	again = again || token == p.Anchor
	p.Tokens += token
	p.Tokens = p.Tokens[max(0, len(p.Tokens)-tokensKept*len(token)):]
	if p.Page&(p.Page-1) == 0 {
		p.Anchor = token
	}
	return again
}

func readPlace(after flow.Cursor) (at place, err error) {
	if len(after) == 0 {
		return at, nil
	}
	if err := json.Unmarshal(after, &at); err != nil {
		return at, kit.Fail(kit.Malformed, "the stored place in the list does not read: %w", err).Hint("read the list from its beginning")
	}
	return at, nil
}

// ask adds to the address what names the page.
func (p *paging) ask(u *url.URL, at place) (*url.URL, error) {
	if at.URL != "" {
		next, err := u.Parse(at.URL)
		if err != nil {
			return nil, kit.Fail(kit.Malformed, "the address of the next page %q does not read", at.URL).On("paging").Hint("check the paging settings")
		}
		return next, nil
	}
	c := *u
	q := c.Query()
	if p.Style != noPaging && p.PageSize > 0 && p.SizeParam != "" {
		q.Set(p.SizeParam, strconv.Itoa(p.PageSize))
	}
	switch {
	case p.Style == cursorPaging && at.Cursor != "":
		q.Set(p.CursorParam, at.Cursor)
	case p.Style == offsetPaging && at.Offset > 0:
		q.Set(p.OffsetParam, strconv.Itoa(at.Offset))
	case p.Style == pagePaging:
		q.Set(p.PageParam, strconv.Itoa(p.FirstPage+at.Page))
	}
	c.RawQuery = q.Encode()
	return &c, nil
}

// next finds from a reply where the next page is. Lists that are counted end with an
// empty page and with nothing less: a service may give fewer items than were asked
// for. keep makes an address that the service gave into what a place holds.
func (p *paging) next(at place, r *reply, body any, items int, keep func(string) string) (next place, more bool, err error) {
	next = place{Page: at.Page + 1, Offset: at.Offset + items, Seen: digest(r.body), Tokens: at.Tokens, Anchor: at.Anchor}
	switch p.Style {
	case linkPaging:
		if link := nextLink(r.header.Values("Link")); link != "" {
			next.URL, more = keep(link), true
		}
	case cursorPaging:
		v, _ := dig(body, p.CursorPath)
		next.Cursor, more = cursorText(v)
		if strings.HasPrefix(next.Cursor, "https://") || strings.HasPrefix(next.Cursor, "http://") {
			next.URL, next.Cursor = keep(next.Cursor), ""
		}
	case offsetPaging, pagePaging:
		more = items > 0
	}
	circles := items > 0 && next.Seen == at.Seen || next.URL != "" && next.URL == at.URL || next.Cursor != "" && next.Cursor == at.Cursor
	again := next.walked()
	switch {
	case more && again && !circles:
		return next, false, kit.Fail(kit.Malformed, "page %d of %s leads back to a page that was read before: the service repeats a page token", next.Page, r.asked).On("paging").
			Hint("what was read stays; ask those who keep the service, or try another way of paging")
	case more && circles:
		return next, false, kit.Fail(kit.Malformed, "page %d of %s is page %d once more", next.Page, r.asked, at.Page).On("paging").
			Hint("check the names of the paging parameters; the service does not seem to know them")
	case more && p.MaxPages > 0 && next.Page >= p.MaxPages:
		return next, false, kit.Fail(kit.Refused, "the list of %s has more than %d pages", r.asked, p.MaxPages).On("max_pages").
			Hint("raise \"max_pages\", or read it with http.read, which holds only a page in memory")
	}
	return next, more, nil
}

func digest(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:8])
}

// cursorText is the cursor as a parameter; there is none where it is missing, null,
// false or empty.
func cursorText(v any) (string, bool) {
	switch v := v.(type) {
	case nil, bool:
		return "", false
	case string:
		return v, v != ""
	}
	return string(value.Append(nil, v)), true
}

// nextLink finds the address that Link headers give the relation "next" (RFC 8288, 3).
func nextLink(headers []string) string {
	for _, rest := range headers {
		for {
			_, behind, found := strings.Cut(rest, "<")
			if !found {
				break
			}
			target, parameters, closed := strings.Cut(behind, ">")
			if !closed {
				break
			}
			rest = parameters
			if i := strings.IndexByte(parameters, '<'); i >= 0 {
				parameters = parameters[:i]
			}
			if relatesTo(parameters, "next") {
				return target
			}
		}
	}
	return ""
}

func relatesTo(parameters, relation string) bool {
	for part := range strings.FieldsFuncSeq(parameters, func(r rune) bool { return r == ';' || r == ',' }) {
		name, v, _ := strings.Cut(strings.TrimSpace(part), "=")
		if strings.EqualFold(strings.TrimSpace(name), "rel") {
			return slices.ContainsFunc(strings.Fields(strings.Trim(strings.TrimSpace(v), `"`)),
				func(r string) bool { return strings.EqualFold(r, relation) })
		}
	}
	return false
}
