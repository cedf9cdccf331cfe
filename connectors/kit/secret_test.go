package kit_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"jackfield/connectors/kit"
)

func TestSecretNeverShows(t *testing.T) {
	type account struct {
		User string
		Key  kit.Secret
		keys map[string]kit.Secret
	}
	s := kit.NewSecret("hunter2")
	a := account{User: "ann", Key: s, keys: map[string]kit.Secret{"x": s}}
	inJSON, err := json.Marshal([]any{s, &s, a, map[string]any{"k": s}})
	if err != nil {
		t.Fatal(err)
	}
	var logged bytes.Buffer
	slog.New(slog.NewTextHandler(&logged, nil)).Info("x", "key", s, "account", a)
	for name, shown := range map[string]string{
		"%v": fmt.Sprintf("%v %v", s, a), "%+v": fmt.Sprintf("%+v %+v", &s, &a), "%s": fmt.Sprintf("<%s>", s),
		"%#v": fmt.Sprintf("%#v %#v", s, a), "%q": fmt.Sprintf("%q", s), "%x": fmt.Sprintf("%x", s),
		"JSON": string(inJSON), "log": logged.String(),
		"error": fmt.Errorf("sign in with %v: %w", s, kit.Fail(kit.Denied, "key %s", s)).Error(),
	} {
		for _, leak := range []string{"hunter2", "68756e74657232"} {
			if strings.Contains(shown, leak) {
				t.Errorf("%s shows the secret: %s", name, shown)
			}
		}
	}
	if s.Reveal() != "hunter2" || s.Empty() || !kit.NewSecret("").Empty() || kit.NewSecret("").String() != "" {
		t.Error("Reveal, Empty or an empty secret's text are wrong")
	}
}
