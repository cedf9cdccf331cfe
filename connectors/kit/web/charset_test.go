package web

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestTextComesFromItsCharacterSet(t *testing.T) {
	for _, tt := range []struct {
		name, kind, body, want string
	}{
		{"said to be Latin 1", "text/plain; charset=ISO-8859-1", "Zo\xeb", "Zoë"},
		{"said to be Windows 1252", "text/plain; charset=windows-1252", "\x80 5", "€ 5"},
		{"UTF-8 that is said to be Latin 1", "text/plain; charset=iso-8859-1", "Zoë", "Zoë"},
		{"Shift JIS", "text/csv; charset=shift_jis", "\x93\xfa\x96\x7b", "日本"},
		{"ISO-2022-JP", "text/plain; charset=iso-2022-jp", "\x1b$BF|K\\\x1b(B", "日本"},
		{"UTF-16 by its mark", "application/json", "\xff\xfe\"\x00x\x00\"\x00", `"x"`},
		{"UTF-16 by its name", "text/plain; charset=utf-16le", "x\x00y\x00", "xy"},
		{"UTF-8 with a mark", "application/json", "\xef\xbb\xbf{}", "{}"},
		{"a set that nobody knows", "text/plain; charset=klingon", "Zoë", "Zoë"},
		{"bytes that are no text", "image/png", "\xff\xfe\x01", "//4B"},
		{"bytes that say nothing", "", "\xeb", "6w=="},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := &Reply{Header: http.Header{"Content-Type": {tt.kind}}, Body: []byte(tt.body)}
			if got := r.Text(); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestJSONOfAnotherCharacterSetIsRead(t *testing.T) {
	r := &Reply{Header: http.Header{"Content-Type": {"application/json; charset=latin1"}}, Body: []byte("{\"name\": \"Zo\xeb\"}")}
	if v, err := r.JSON(); err != nil || v.(map[string]any)["name"] != "Zoë" {
		t.Errorf("got %v, %v", v, err)
	}
}

func TestCharsetsOfXML(t *testing.T) {
	from, err := Charset("ISO-8859-15", strings.NewReader("\xa4"))
	if err != nil {
		t.Fatal(err)
	}
	if text, _ := io.ReadAll(from); string(text) != "€" {
		t.Errorf("got %q", text)
	}
	if _, err := Charset("klingon", nil); err == nil || !strings.Contains(err.Error(), "klingon") {
		t.Errorf("got %v", err)
	}
}
