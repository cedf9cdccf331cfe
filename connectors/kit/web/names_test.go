package web

import (
	"strings"
	"testing"
)

func TestNamesAndWords(t *testing.T) {
	for from, want := range map[string]string{
		"listOrders": "list_orders", "GetHTTPStatus": "get_http_status", "books.search": "books_search", "get_/a/{b}": "get_a_b",
		"X-Tenant-ID": "x_tenant_id", "2fa": "n2fa", "Größe": "gr_e", "filter[city]": "filter_city", "--": "n", "$top": "top",
	} {
		if got := Snake(from); got != want {
			t.Errorf("%q: %q, want %q", from, got, want)
		}
	}
	for from, want := range map[string]string{
		"**List** [orders](x).": "List orders", "list: ": "List", "": "Untitled", "a <b>bold</b> word": "A bold word",
		strings.Repeat("word ", 20): "Word word word word word word word word word word word…",
	} {
		if got := Titled(from); got != want {
			t.Errorf("title of %q: %q, want %q", from, got, want)
		}
	}
	for from, want := range map[string]string{
		"gives orders": "Gives orders.", "One thing.\n\nAnother.": "One thing.", "": "", "It lasts long enough to be one. And another one!": "It lasts long enough to be one.",
	} {
		if got := Sentence(from); got != want {
			t.Errorf("sentence of %q: %q, want %q", from, got, want)
		}
	}
}
