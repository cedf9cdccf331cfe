package web

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

// Paging says how the service divides a list.
type Paging struct {
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
	NoPaging     = "none"
	LinkPaging   = "link"   // a Link header names the next page (RFC 8288)
	CursorPaging = "cursor" // the reply holds what the next request must send, or its address
	OffsetPaging = "offset" // a parameter counts the items before the page
	PagePaging   = "page"   // a parameter counts the pages
)

// NewPaging has the usual names. mostPages 0 sets no limit.
func NewPaging(style string, mostPages int) Paging {
	return Paging{
		Style: style, CursorPath: "next", CursorParam: "cursor", OffsetParam: "offset",
		PageParam: "page", FirstPage: 1, SizeParam: "limit", MaxPages: mostPages,
	}
}

// PagingFields are the settings.
func (p *Paging) PagingFields() kit.Fields {
	is := func(styles ...string) func() bool { return func() bool { return slices.Contains(styles, p.Style) } }
	paged := is(LinkPaging, CursorPaging, OffsetPaging, PagePaging)
	return kit.Fields{
		kit.Pick(&p.Style, "paging", "Paging",
			kit.Choice{Value: NoPaging, Label: "One reply holds all"}, kit.Choice{Value: LinkPaging, Label: "Link header"},
			kit.Choice{Value: CursorPaging, Label: "Cursor in the reply"}, kit.Choice{Value: OffsetPaging, Label: "Offset"},
			kit.Choice{Value: PagePaging, Label: "Page number"}),
		kit.Text(&p.Items, "items", "Where the items are").Eg("data.items").
			Help("The path of the list in the reply, with dots; empty where the reply itself is the list."),
		kit.Text(&p.CursorPath, "cursor_path", "Where the cursor is").Needed().OnlyIf(is(CursorPaging)).
			Help("The path of the next page's cursor, or address, in the reply; where it is missing or empty the list ends."),
		kit.Text(&p.CursorParam, "cursor_param", "Parameter of the cursor").OnlyIf(is(CursorPaging)).Help("Empty where the reply holds the address of the next page."),
		kit.Text(&p.OffsetParam, "offset_param", "Parameter of the offset").Needed().OnlyIf(is(OffsetPaging)),
		kit.Text(&p.PageParam, "page_param", "Parameter of the page number").Needed().OnlyIf(is(PagePaging)),
		kit.Int(&p.FirstPage, "first_page", "Number of the first page").OnlyIf(is(PagePaging)).More(),
		kit.Text(&p.SizeParam, "size_param", "Parameter of the page size").OnlyIf(paged).More(),
		kit.Int(&p.PageSize, "page_size", "Items a page").OnlyIf(paged).Help("0 leaves it to the service."),
		kit.Int(&p.MaxPages, "max_pages", "Most pages").OnlyIf(paged).More().Help("A list that is longer is an error; 0 sets no limit."),
	}
}

// Place is where a reader stands in a list: what the request for the page needs.
type Place struct {
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
func (p *Place) walked() (again bool) {
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

// ReadPlace reads what a Place was stored as; nothing is the beginning.
func ReadPlace(after flow.Cursor) (at Place, err error) {
	if len(after) == 0 {
		return at, nil
	}
	if err := json.Unmarshal(after, &at); err != nil {
		return at, kit.Fail(kit.Malformed, "the stored place in the list does not read: %w", err).Hint("read the list from its beginning")
	}
	return at, nil
}

// Ask adds to the address what names the page.
func (p *Paging) Ask(u *url.URL, at Place) (*url.URL, error) {
	if at.URL != "" {
		next, err := u.Parse(at.URL)
		if err != nil {
			return nil, kit.Fail(kit.Malformed, "the address of the next page %q does not read", at.URL).On("paging").Hint("check the paging settings")
		}
		return next, nil
	}
	c := *u
	q := c.Query()
	if p.Style != NoPaging && p.PageSize > 0 && p.SizeParam != "" {
		q.Set(p.SizeParam, strconv.Itoa(p.PageSize))
	}
	switch {
	case p.Style == CursorPaging && at.Cursor != "":
		q.Set(p.CursorParam, at.Cursor)
	case p.Style == OffsetPaging && at.Offset > 0:
		q.Set(p.OffsetParam, strconv.Itoa(at.Offset))
	case p.Style == PagePaging:
		q.Set(p.PageParam, strconv.Itoa(p.FirstPage+at.Page))
	}
	c.RawQuery = q.Encode()
	return &c, nil
}

// Next finds where the page behind at is, from its reply, the JSON of that, and how many
// items it held. Lists that are counted end with an empty page and with nothing less: a
// service may give fewer items than were asked for.
func (p *Paging) Next(at Place, r *Reply, body any, items int) (next Place, more bool, err error) {
	next.Offset = at.Offset + items
	switch p.Style {
	case LinkPaging:
		if link := nextLink(r.Header.Values("Link")); link != "" {
			next.URL, more = r.Kept(link), true
		}
	case CursorPaging:
		v, _ := Dig(body, p.CursorPath)
		next.Cursor, more = cursorText(v)
		if more && (p.CursorParam == "" || strings.HasPrefix(next.Cursor, "https://") || strings.HasPrefix(next.Cursor, "http://")) {
			next.URL, next.Cursor = r.Kept(next.Cursor), ""
		}
	case OffsetPaging, PagePaging:
		more = items > 0
	}
	return Onward(at, next, r, items, p.MaxPages, more)
}

// Onward completes the place behind at: of next only what names the page is given. A page
// that was read before is an error, and so is one too many; most 0 sets no limit.
func Onward(at, next Place, r *Reply, items, most int, more bool) (Place, bool, error) {
	next.Page, next.Seen, next.Tokens, next.Anchor = at.Page+1, digest(r.Body), at.Tokens, at.Anchor
	circles := items > 0 && next.Seen == at.Seen || next.URL != "" && next.URL == at.URL || next.Cursor != "" && next.Cursor == at.Cursor
	again := next.walked()
	switch {
	case more && again && !circles:
		return next, false, kit.Fail(kit.Malformed, "page %d of %s leads back to a page that was read before: the service repeats a page token", next.Page, r.Asked).On("paging").
			Hint("what was read stays; ask those who keep the service, or try another way of paging")
	case more && circles:
		return next, false, kit.Fail(kit.Malformed, "page %d of %s is page %d once more", next.Page, r.Asked, at.Page).On("paging").
			Hint("check the names of the paging parameters; the service does not seem to know them")
	case more && most > 0 && next.Page >= most:
		return next, false, kit.Fail(kit.Refused, "the list of %s has more than %d pages", r.Asked, most).On("max_pages").
			Hint("raise \"max_pages\", or use the operation that reads a list, which holds only a page in memory")
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
