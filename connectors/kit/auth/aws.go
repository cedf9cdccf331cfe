package auth

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"jackfield/connectors/kit"
)

// AWS is the settings of AWS's signature, version 4 (AWS General Reference, "Signing AWS
// API requests").
type AWS struct {
	AccessKey string
	SecretKey kit.Secret
	Session   kit.Secret
	Region    string
	Service   string
}

func (a *AWS) fields() kit.Fields {
	return kit.Fields{
		kit.Text(&a.AccessKey, "aws_access_key", "Access key").Needed().Eg("AKIAIOSFODNN7EXAMPLE"),
		kit.Hidden(&a.SecretKey, "aws_secret_key", "Secret access key").Needed(),
		kit.Hidden(&a.Session, "aws_session_token", "Session token").Help("Only where the keys are temporary ones.").More(),
		kit.Text(&a.Region, "aws_region", "Region").Eg("eu-central-1"),
		kit.Text(&a.Service, "aws_service", "Service").Eg("s3").Help("The name that the service's host begins with, such as s3, sqs or execute-api."),
	}
}

const (
	awsAlgorithm = "AWS4-HMAC-SHA256"
	awsTime      = "20060102T150405Z"
)

// sign adds the headers that sign a request. It puts the query in order, as the service
// will for itself.
func (a *AWS) sign(req *http.Request, now time.Time) error {
	body, err := bodyOf(req)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(body)
	hash := hex.EncodeToString(sum[:])
	stamp := now.UTC().Format(awsTime)
	req.Header.Set("X-Amz-Date", stamp)
	if !a.Session.Empty() {
		req.Header.Set("X-Amz-Security-Token", a.Session.Reveal())
	}
	if a.Service == "s3" {
		req.Header.Set("X-Amz-Content-Sha256", hash)
	}
	u := *req.URL
	u.RawQuery = orderedQuery(u.RawQuery)
	req.URL = &u
	names, canonical := a.canonical(req, hash)
	scope := strings.Join([]string{stamp[:8], a.Region, a.Service, "aws4_request"}, "/")
	whole := sha256.Sum256([]byte(canonical))
	toSign := strings.Join([]string{awsAlgorithm, stamp, scope, hex.EncodeToString(whole[:])}, "\n")
	key := []byte("AWS4" + a.SecretKey.Reveal())
	for _, part := range strings.Split(scope, "/") {
		key = mac256(key, part)
	}
	req.Header.Set("Authorization", fmt.Sprintf("%s Credential=%s/%s, SignedHeaders=%s, Signature=%s",
		awsAlgorithm, a.AccessKey, scope, names, hex.EncodeToString(mac256(key, toSign))))
	return nil
}

func mac256(key []byte, text string) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(text))
	return m.Sum(nil)
}

// canonical is the request in the form that is signed, and the headers that are in it.
func (a *AWS) canonical(req *http.Request, hash string) (names, text string) {
	values := map[string]string{"host": hostWithoutDefaultPort(req)}
	for name, all := range req.Header {
		if name = strings.ToLower(name); awsLeaves[name] {
			continue
		}
		var tidy []string
		for _, v := range all {
			tidy = append(tidy, strings.Join(strings.Fields(v), " "))
		}
		values[name] = strings.Join(tidy, ",")
	}
	sorted := slices.Sorted(maps.Keys(values))
	var lines strings.Builder
	for _, name := range sorted {
		lines.WriteString(name + ":" + values[name] + "\n")
	}
	names = strings.Join(sorted, ";")
	return names, strings.Join([]string{req.Method, a.canonicalPath(req.URL), req.URL.RawQuery, lines.String(), names, hash}, "\n")
}

// awsLeaves are headers that are set or changed on the way.
var awsLeaves = map[string]bool{
	"authorization": true, "user-agent": true, "expect": true, "connection": true,
	"transfer-encoding": true, "content-length": true, "accept-encoding": true, "x-amzn-trace-id": true,
}

func hostWithoutDefaultPort(req *http.Request) string {
	host := req.Host
	if host == "" {
		host = req.URL.Host
	}
	if before, ok := strings.CutSuffix(host, map[string]string{"https": ":443", "http": ":80"}[req.URL.Scheme]); ok {
		return before
	}
	return host
}

// canonicalPath is escaped once more than it is sent, and without dots and double slashes;
// that of S3, where they belong to names, as it is sent.
func (a *AWS) canonicalPath(u *url.URL) string {
	sent := u.EscapedPath()
	if a.Service == "s3" {
		if sent == "" {
			return "/"
		}
		return awsEscape(u.Path, true)
	}
	clean := path.Clean("/" + sent)
	if strings.HasSuffix(sent, "/") && clean != "/" {
		clean += "/"
	}
	return awsEscape(clean, true)
}

// orderedQuery sorts a query by name and value and escapes it the one way that is signed.
func orderedQuery(raw string) string {
	var pairs [][2]string
	for name, all := range mustQuery(raw) {
		for _, v := range all {
			pairs = append(pairs, [2]string{awsEscape(name, false), awsEscape(v, false)})
		}
	}
	slices.SortFunc(pairs, func(a, b [2]string) int {
		return strings.Compare(a[0]+"\x00"+a[1], b[0]+"\x00"+b[1])
	})
	var out []string
	for _, p := range pairs {
		out = append(out, p[0]+"="+p[1])
	}
	return strings.Join(out, "&")
}

// mustQuery reads what can be read of a query, as url.URL.Query does.
func mustQuery(raw string) url.Values {
	q, _ := url.ParseQuery(raw) //nolint:errcheck // what does not read is not sent
	return q
}

// awsEscape escapes all but RFC 3986's unreserved characters.
func awsEscape(text string, slashes bool) string {
	var out strings.Builder
	for i := range len(text) {
		c := text[i]
		switch {
		case 'A' <= c && c <= 'Z', 'a' <= c && c <= 'z', '0' <= c && c <= '9', strings.IndexByte("-._~", c) >= 0, slashes && c == '/':
			out.WriteByte(c)
		default:
			fmt.Fprintf(&out, "%%%02X", c)
		}
	}
	return out.String()
}
