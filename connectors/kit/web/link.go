package web

import "net/http"

// NextLink is the address that the headers of a reply give the relation "next" (RFC 8288,
// 3); "" where there is none.
func NextLink(h http.Header) string { return nextLink(h.Values("Link")) }
