package files_test

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
)

func TestReadGivesTheContent(t *testing.T) {
	for _, tt := range []struct {
		name, file, as string
		want           any
	}{
		{"text", "a\r\nä\n", "text", "a\r\nä\n"},
		{"text with mark", "\ufeffa", "text", "a"},
		{"empty text", "", "text", ""},
		{"lines", "a\r\n\nä\n \r\nz", "lines", []any{"a", "", "ä", " ", "z"}},
		{"last line with end", "a\n", "lines", []any{"a"}},
		{"no lines", "", "lines", []any{}},
		{"bytes", "\x00\xff\xfe", "base64", "AP/+"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			env := kittest.Env(t)
			put(t, env, map[string]string{"sub/in.txt": tt.file})
			path := filepath.Join(env.Dir, "sub", "in.txt")
			modified := time.Date(2026, 2, 27, 10, 15, 0, 500_000_000, time.UTC)
			if err := os.Chtimes(path, modified, modified); err != nil {
				t.Fatal(err)
			}
			want := object{
				"path": path, "name": "in.txt", "folder": filepath.Join(env.Dir, "sub"),
				"size": len(tt.file), "modified": "2026-02-27T10:15:00.5Z", tt.as: tt.want,
			}
			got, err := run(t, env, "read", flow.Values{"path": "sub/in.txt", "as": tt.as})
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%v, %v\nwant %v", got, err, want)
			}
		})
	}
}

func TestReadThatCannotBeDoneIsAProblem(t *testing.T) {
	env := kittest.Env(t)
	put(t, env, map[string]string{"in.txt": "ab\xffc", "pic": "\x89PNG", "large": ""})
	if err := os.Truncate(filepath.Join(env.Dir, "large"), 64<<20+1); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		with flow.Values
		want string
	}{
		{"not UTF-8", flow.Values{"path": "in.txt"}, `field "as": in.txt is not text in UTF-8: the byte 0xff at offset 2 does not fit; give it as base64`},
		{"not text", flow.Values{"path": "pic"}, "pic is not text: it is a picture"},
		{"too large", flow.Values{"path": "large", "as": "base64"}, "more than 64 MB, too many for one record; read it row by row"},
		{"missing", flow.Values{"path": "inn.txt"}, `field "path": there is no file inn.txt in ` + env.Dir + `; did you mean in.txt?`},
		{"a folder", flow.Values{"path": "."}, "is a folder"},
		{"empty path", nil, "the path is empty"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := run(t, env, "read", tt.with)
			if err == nil {
				t.Fatal("it is read")
			}
			if got := kit.AsFailure(err).Problem("", "").Error(); !strings.Contains(got, tt.want) {
				t.Errorf("%s\nwant %s", got, tt.want)
			}
		})
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := made(t, "read", flow.Values{"path": "in.txt"}).(kit.Action).Run(ctx, env, flow.Record{}); err != context.Canceled {
		t.Errorf("a run that was stopped: %v", err)
	}
}
