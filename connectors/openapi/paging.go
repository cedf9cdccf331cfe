package openapi

import (
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"jackfield/connectors/kit/web"
	"jackfield/flow"
)

// The names that APIs give to what divides a list, without capitals and separators.
var (
	pageNames   = []string{"page", "pagenumber", "pageno", "pagenum", "pageindex", "currentpage", "p"}
	offsetNames = []string{"offset", "skip", "start", "startindex", "startat", "from"}
	cursorNames = []string{"cursor", "after", "pagetoken", "nextpagetoken", "nexttoken", "continuationtoken", "continuation", "nextcursor", "startcursor", "pagecursor", "marker", "token", "startingafter"}
	sizeNames   = []string{"limit", "perpage", "pagesize", "size", "count", "maxresults", "top", "pagelimit", "itemsperpage", "take", "rows"}
	itemNames   = []string{"data", "items", "results", "records", "value", "values", "entries", "rows", "list", "content", "objects", "elements", "hits", "edges"}
	nextNames   = []string{"nextcursor", "nextpagetoken", "nexttoken", "cursor", "next", "nextpage", "nextlink", "odatanextlink", "nexturl", "nextpageurl", "endcursor", "after", "continuationtoken", "continuation", "marker", "href"}
	holders     = []string{"meta", "metadata", "pagination", "paging", "page", "links", "pageinfo", "responsemetadata", "cursors", "next"}
)

// plainName writes a name without capitals and separators.
func plainName(name string) string {
	return strings.ToLower(separators.Replace(name))
}

var separators = strings.NewReplacer("_", "", "-", "", ".", "", "@", "", "$", "", "[", "", "]", "")

// guess finds from names how a list is divided. items is the shape of one item, nil where
// the reply holds no list.
func (c *call) guess(reply *openapi3.SchemaRef, out flow.Schema, headers []string) (q web.Paging, items *flow.Schema) {
	q = web.NewPaging(web.LinkPaging, 0)
	path, items := itemsOfReply(out, c.path)
	q.Items = path
	q.SizeParam = ""
	query := func(names []string) *parameter {
		for _, name := range names {
			for _, p := range c.parameters {
				if p.in == openapi3.ParameterInQuery && plainName(p.name) == name {
					return p
				}
			}
		}
		return nil
	}
	if p := query(sizeNames); p != nil {
		q.SizeParam = p.name
	}
	next := nextIn(out, "", 0)
	linked := slices.ContainsFunc(headers, func(h string) bool { return strings.EqualFold(h, "Link") })
	switch {
	case next != "" && query(cursorNames) != nil:
		q.Style, q.CursorPath, q.CursorParam = web.CursorPaging, next, query(cursorNames).name
	case linked:
	case query(pageNames) != nil:
		p := query(pageNames)
		q.Style, q.PageParam = web.PagePaging, p.name
		if strings.HasSuffix(plainName(p.name), "index") || isZero(p.schema.Default) || p.schema.Min != nil && *p.schema.Min == 0 && p.schema.Default == nil {
			q.FirstPage = 0
		}
	case query(offsetNames) != nil && (q.SizeParam != "" || plainName(query(offsetNames).name) == "offset"):
		q.Style, q.OffsetParam = web.OffsetPaging, query(offsetNames).name
	case next != "" && addressed(next):
		q.Style, q.CursorPath, q.CursorParam = web.CursorPaging, next, ""
	}
	return q, items
}

func isZero(v any) bool { return plainText(v) == "0" }

// addressed says whether a name is that of the address of the next page.
func addressed(path string) bool {
	last := plainName(path[strings.LastIndexByte(path, '.')+1:])
	return slices.Contains([]string{"next", "nextlink", "odatanextlink", "nexturl", "nextpageurl", "href", "nextpage"}, last)
}

// itemsOfReply finds the list in what a reply holds.
func itemsOfReply(out flow.Schema, path string) (where string, items *flow.Schema) {
	if out.Items != nil {
		return "", out.Items
	}
	var lists []flow.Property
	for _, p := range out.Properties {
		if p.Schema.Items != nil {
			lists = append(lists, p)
		}
	}
	segments := strings.Split(strings.Trim(path, "/"), "/")
	last := plainName(segments[len(segments)-1])
	for _, name := range append([]string{last}, itemNames...) {
		for _, p := range lists {
			if plainName(p.Name) == name {
				return p.Name, p.Schema.Items
			}
		}
	}
	if strings.ContainsAny(segments[len(segments)-1], "{}") {
		return "", nil // what is asked for by its id is one thing, whatever lists it holds
	}
	if len(lists) == 1 && slices.Contains(lists[0].Schema.Items.Types, flow.Object) {
		return lists[0].Name, lists[0].Schema.Items
	}
	for _, p := range out.Properties {
		if name := plainName(p.Name); len(p.Schema.Properties) > 0 && (slices.Contains(itemNames, name) || name == "embedded" || name == "response" || name == "result") {
			if inner, found := itemsOfReply(p.Schema, path); found != nil {
				return p.Name + "." + inner, found
			}
		}
	}
	return "", nil
}

// nextIn finds where a reply says what the next page is.
func nextIn(s flow.Schema, path string, depth int) string {
	plain := make([]string, len(s.Properties))
	for i, p := range s.Properties {
		plain[i] = plainName(p.Name)
	}
	for _, name := range nextNames {
		for i, p := range s.Properties {
			text := len(p.Schema.Types) == 0 || slices.Contains(p.Schema.Types, flow.String)
			if plain[i] == name && text && len(p.Schema.Properties) == 0 && (name != "href" || depth > 0) {
				return path + p.Name
			}
		}
	}
	if depth >= 2 {
		return ""
	}
	for _, name := range holders {
		for i, p := range s.Properties {
			if plain[i] == name && len(p.Schema.Properties) > 0 {
				if found := nextIn(p.Schema, path+p.Name+".", depth+1); found != "" {
					return found
				}
			}
		}
	}
	return ""
}

// at is the shape of the items at a path that the overlay may have named; guessed where it
// did not.
func at(out flow.Schema, path string, guessed *flow.Schema) *flow.Schema {
	s := out
	if path != "" {
		for name := range strings.SplitSeq(path, ".") {
			i := slices.IndexFunc(s.Properties, func(p flow.Property) bool { return p.Name == name })
			if i < 0 {
				return guessed
			}
			s = s.Properties[i].Schema
		}
	}
	if s.Items == nil {
		return guessed
	}
	return s.Items
}

// hidePaging takes the parameters out of the form that paging sets by itself.
func (c *call) hidePaging() {
	if !c.list {
		return
	}
	set := map[string]bool{c.divided.SizeParam: true}
	switch c.divided.Style {
	case web.CursorPaging:
		set[c.divided.CursorParam] = true
	case web.OffsetPaging:
		set[c.divided.OffsetParam] = true
	case web.PagePaging:
		set[c.divided.PageParam] = true
	}
	for _, p := range c.parameters {
		if p.in == openapi3.ParameterInQuery && set[p.name] {
			p.hidden = true
			if isSize := p.name == c.divided.SizeParam; isSize && c.divided.PageSize == 0 {
				c.divided.PageSize = sizeOf(p.schema)
			}
		}
	}
}

// sizeOf is how many items a page is asked to hold: as many as the service gives, up to a
// hundred, or what it gives by itself where it does not say.
func sizeOf(s *openapi3.Schema) int {
	if s.Max != nil && *s.Max >= 1 {
		return int(min(*s.Max, 100))
	}
	return 0
}
