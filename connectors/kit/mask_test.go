package kit

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
)

func TestASecretIsHiddenHoweverItIsWritten(t *testing.T) {
	for _, secret := range []string{"pass", `a"b\c <&> d`, "käse+/=?#%", "s3cr3t-token", "line one of a key\nline two of a key\n", "\x00\x01\xff\xfe"} {
		var m Mask
		m.Add("other", secret)
		quoted, _ := json.Marshal(secret)
		for name, text := range map[string]string{
			"plain": secret, "query": url.QueryEscape(secret), "path": url.PathEscape(secret), "json": string(quoted[1 : len(quoted)-1]),
			"quoted": fmt.Sprintf("%q", secret), "hex": hex.EncodeToString([]byte(secret)), "HEX": strings.ToUpper(hex.EncodeToString([]byte(secret))),
			"base64": base64.StdEncoding.EncodeToString([]byte(secret)), "url64": base64.RawURLEncoding.EncodeToString([]byte(secret)),
		} {
			got := m.Text("before " + text + " behind")
			if strings.Contains(got, text) || !strings.Contains(got, dots) || !strings.HasPrefix(got, "before ") || !strings.HasSuffix(got, " behind") {
				t.Errorf("%s of %q became %q", name, secret, got)
			}
		}
	}
}

func TestAPasswordIsHiddenInTheHeaderOfBasic(t *testing.T) {
	var m Mask
	m.Add("correct horse")
	for _, user := range []string{"", "a", "al", "ala", "alad"} {
		for _, tail := range []string{"", "x", "xy"} {
			got := m.Text("Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(user+":correct horse"+tail)))
			for cut := range 3 { // what is left tells no run of the secret's letters
				left, _, _ := strings.Cut(strings.TrimPrefix(got, "Authorization: Basic "), dots)
				plain, _ := base64.StdEncoding.DecodeString(left[:len(left)/4*4])
				if strings.Contains(string(plain), "corr"[:4-cut]) && cut == 0 || !strings.Contains(got, dots) {
					t.Errorf("user %q: %s", user, got)
				}
			}
		}
	}
}

func TestWhatIsNoSecretStays(t *testing.T) {
	var m Mask
	text := "nothing to hide, s3cr3t neither"
	if got := m.Text(text); got != text {
		t.Errorf("without secrets it became %q", got)
	}
	m.Add("", "abc", "s3cr3t-token")
	for _, text := range []string{text, "", "abc", "s3cr3t-toke"} {
		if got := m.Text(text); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
	if got := (*Mask)(nil).Text(text); got != text {
		t.Errorf("nil made it %q", got)
	}
}

func TestTheLongerOfTwoSecretsIsHiddenWhole(t *testing.T) {
	var m Mask
	m.Add("token", "token-of-acme")
	if got := m.Text("is token-of-acme, tokens"); got != "is "+dots+", "+dots+"s" {
		t.Errorf("it became %q", got)
	}
}

func TestOfVeryManySecretsThoseUsedLastAreHidden(t *testing.T) {
	m := Mask{values: 10}
	m.Add("always-used")
	for i := range 100 {
		m.Add(fmt.Sprintf("token-%04d", i), "always-used")
	}
	if got := m.Text("token-0099 always-used"); got != dots+" "+dots {
		t.Errorf("it became %q", got)
	}
	if len(m.known) > 10 {
		t.Errorf("it knows %d", len(m.known))
	}
}

func TestSecretsComeWhileTextsAreMasked(t *testing.T) {
	var m Mask
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 100 {
				secret := fmt.Sprintf("secret-%d-%d", i, j)
				m.Add(secret)
				if got := m.Text(secret + "!"); got != dots+"!" {
					t.Errorf("it became %q", got)
				}
			}
		})
	}
	wg.Wait()
}

func BenchmarkMaskALineWith20Secrets(b *testing.B) {
	var m Mask
	for i := range 20 {
		m.Add(fmt.Sprintf("secret-number-%d-of-some-length", i))
	}
	line := strings.Repeat("GET https://example.com/orders?page=17 200 in 31 ms ", 2)
	b.Run("nothing to hide", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			m.Text(line)
		}
	})
	b.Run("one to hide", func(b *testing.B) {
		line := line + "secret-number-7-of-some-length"
		b.ReportAllocs()
		for b.Loop() {
			m.Text(line)
		}
	})
}
