package auth

import (
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"jackfield/connectors/kit"
)

// The vectors are AWS's own (aws-sig-v4-test-suite, and for S3 the examples of the Amazon
// S3 API reference, "Signature calculations for the Authorization header").
func TestAWSSignatureIsThatOfAWSsOwnVectors(t *testing.T) {
	suite := AWS{AccessKey: "AKIDEXAMPLE", SecretKey: kit.NewSecret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"), Region: "us-east-1", Service: "service"}
	iam := suite
	iam.Service = "iam"
	s3 := AWS{AccessKey: "AKIAIOSFODNN7EXAMPLE", SecretKey: kit.NewSecret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"), Region: "us-east-1", Service: "s3"}
	const form = "application/x-www-form-urlencoded"
	const unreserved = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	for _, tt := range []struct {
		name        string
		by          AWS
		method, url string
		header      http.Header
		body, want  string
	}{
		{"get-vanilla", suite, "GET", "https://example.amazonaws.com/", nil, "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
		{"get-vanilla without a path", suite, "GET", "https://example.amazonaws.com", nil, "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
		{"get-vanilla with the port", suite, "GET", "https://example.amazonaws.com:443/", nil, "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
		{"get-vanilla-empty-query-key", suite, "GET", "https://example.amazonaws.com/?Param1=value1", nil, "", "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb"},
		{"get-vanilla-query-order-key-case", suite, "GET", "https://example.amazonaws.com/?Param2=value2&Param1=value1", nil, "", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
		{"get-vanilla-query-order-value", suite, "GET", "https://example.amazonaws.com/?Param1=value2&Param1=value1", nil, "", "5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694"},
		{"get-vanilla-query-unreserved", suite, "GET", "https://example.amazonaws.com/?" + unreserved + "=" + unreserved, nil, "", "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197"},
		{"get-vanilla-utf8-query", suite, "GET", "https://example.amazonaws.com/?ሴ=bar", nil, "", "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"},
		{"get-unreserved", suite, "GET", "https://example.amazonaws.com/" + unreserved, nil, "", "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"},
		{"get-slash-dot-slash", suite, "GET", "https://example.amazonaws.com/./", nil, "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
		{"get-slash", suite, "GET", "https://example.amazonaws.com//", nil, "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
		{"get-relative", suite, "GET", "https://example.amazonaws.com/example/..", nil, "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
		{"get-header-value-trim", suite, "GET", "https://example.amazonaws.com/", http.Header{"My-Header1": {" value1"}, "My-Header2": {` "a   b   c"`}}, "", "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"},
		{"get-header-value-order", suite, "GET", "https://example.amazonaws.com/", http.Header{"My-Header1": {"value4", "value1", "value3", "value2"}}, "", "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01"},
		{"post-vanilla", suite, "POST", "https://example.amazonaws.com/", nil, "", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
		{"post-vanilla-query", suite, "POST", "https://example.amazonaws.com/?Param1=value1", nil, "", "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"},
		{"post-header-key-sort", suite, "POST", "https://example.amazonaws.com/", http.Header{"My-Header1": {"value1"}}, "", "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c"},
		{"post-header-value-case", suite, "POST", "https://example.amazonaws.com/", http.Header{"My-Header1": {"VALUE1"}}, "", "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d"},
		{"post-x-www-form-urlencoded", suite, "POST", "https://example.amazonaws.com/", http.Header{"Content-Type": {form}}, "Param1=value1", "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"},
		{"the guide's example", iam, "GET", "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08", http.Header{"Content-Type": {form + "; charset=utf-8"}}, "", "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"},
		{"S3 GET object", s3, "GET", "https://examplebucket.s3.amazonaws.com/test.txt", http.Header{"Range": {"bytes=0-9"}}, "", "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"},
		{"S3 PUT object", s3, "PUT", "https://examplebucket.s3.amazonaws.com/test$file.text", http.Header{"Date": {"Fri, 24 May 2013 00:00:00 GMT"}, "X-Amz-Storage-Class": {"REDUCED_REDUNDANCY"}}, "Welcome to Amazon S3.", "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"},
		{"S3 GET lifecycle", s3, "GET", "https://examplebucket.s3.amazonaws.com/?lifecycle", nil, "", "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"},
		{"S3 list", s3, "GET", "https://examplebucket.s3.amazonaws.com/?max-keys=2&prefix=J", nil, "", "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			req, err := http.NewRequestWithContext(t.Context(), tt.method, tt.url, strings.NewReader(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			if tt.header != nil {
				req.Header = tt.header
			}
			at := time.Date(2015, 8, 30, 12, 36, 0, 0, time.UTC)
			if tt.by.Service == "s3" {
				at = time.Date(2013, 5, 24, 0, 0, 0, 0, time.UTC)
			}
			if err := tt.by.sign(req, at); err != nil {
				t.Fatal(err)
			}
			if _, got, _ := strings.Cut(req.Header.Get("Authorization"), "Signature="); got != tt.want {
				names, text := tt.by.canonical(req, "")
				t.Errorf("signature %s, want %s\n%s\n%s", got, tt.want, names, text)
			}
		})
	}
}

func TestAWSKeyIsThatOfTheGuidesExample(t *testing.T) {
	key := []byte("AWS4wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
	for _, part := range []string{"20150830", "us-east-1", "iam", "aws4_request"} {
		key = mac256(key, part)
	}
	if got := hex.EncodeToString(key); got != "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9" {
		t.Errorf("key %s", got)
	}
}

func TestSignatureGoesByTheServicesClockWhereOursIsWrong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := New()
		a.Scheme, a.AWS.AccessKey, a.AWS.SecretKey = AWSv4, "id", kit.NewSecret("key")
		s := a.Signer(kit.Env{})
		there := time.Now().Add(-3 * time.Hour)
		req := httptest.NewRequestWithContext(t.Context(), "GET", "https://sqs.example.com/", nil)
		if err := s.Sign(t.Context(), req); err != nil {
			t.Fatal(err)
		}
		reply := func(status int, at time.Time) *http.Response {
			return &http.Response{StatusCode: status, Header: http.Header{"Date": {at.UTC().Format(http.TimeFormat)}}}
		}
		for _, not := range []*http.Response{reply(403, time.Now()), reply(200, there), {StatusCode: 403, Header: http.Header{}}} {
			if again, err := s.Again(t.Context(), not); again || err != nil {
				t.Errorf("%d at %s: again %v, %v", not.StatusCode, not.Header.Get("Date"), again, err)
			}
		}
		if again, err := s.Again(t.Context(), reply(403, there)); !again || err != nil {
			t.Fatalf("again %v, %v", again, err)
		}
		if err := s.Sign(t.Context(), req); err != nil {
			t.Fatal(err)
		}
		if got := req.Header.Get("X-Amz-Date"); got != there.UTC().Format(awsTime) {
			t.Errorf("signed for %s, and it is %s there", got, there.UTC().Format(awsTime))
		}
		if again, _ := s.Again(t.Context(), reply(403, there)); again {
			t.Error("it signs anew although the clocks agree")
		}
	})
}

func TestHMACSignsWhatItsTemplateSays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// The signature was computed with: printf 'POST\n/v1/x?a=1\n946684800\n{"b":2}' | openssl dgst -sha256 -hmac s3cret
		const hexed = "8ce977af5a5e0c51d485260d3ade30c57c40cf7d5e4356087a8698d04da2baba"
		for name, tt := range map[string]struct {
			change     func(*HMAC)
			header     string
			want, also string
		}{
			"default": {func(*HMAC) {}, "X-Signature", hexed, ""},
			"its own header": {func(h *HMAC) {
				h.ID, h.Header, h.Value = "app", "Authorization", `HMAC {id}:{signature}`
				h.Headers = map[string]string{"X-Time": "{time}"}
			}, "Authorization", "HMAC app:" + hexed, "946684800"},
			"base64 of the secret": {func(h *HMAC) {
				h.Secret, h.SecretAs = kit.NewSecret("czNjcmV0"), asBase64
			}, "X-Signature", hexed, ""},
		} {
			a := New()
			a.Scheme, a.HMAC.Secret = Signed, kit.NewSecret("s3cret")
			tt.change(&a.HMAC)
			req := httptest.NewRequestWithContext(t.Context(), "POST", "https://example.com/v1/x?a=1", strings.NewReader(`{"b":2}`))
			if err := a.Signer(kit.Env{}).Sign(t.Context(), req); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if got := req.Header.Get(tt.header); got != tt.want || req.Header.Get("X-Time") != tt.also {
				t.Errorf("%s: %v", name, req.Header)
			}
			if body, err := bodyOf(req); err != nil || string(body) != `{"b":2}` {
				t.Errorf("%s: the body that is left is %q, %v", name, body, err)
			}
		}
	})
}
