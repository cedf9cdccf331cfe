package web

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unicode/utf8"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/auth"
	"jackfield/flow/value"
)

// Undelivered says why there is no reply to what was asked of u. The error of net/http is
// taken apart and never shown whole, for it holds the address with all that signs in.
func (s *Site) Undelivered(asked string, u *url.URL, err error) *kit.Failure {
	var dns *net.DNSError
	var moved *errMoved
	var near *errLinkLocal
	var notTLS tls.RecordHeaderError
	host := u.Host
	distrust := auth.Distrust(host, err)
	switch {
	case errors.As(err, &moved) && moved.loop:
		return kit.Fail(kit.Refused, "the service sends the request in circles, at last to %s", moved.to).On("url").Hint("check the address, and whether the service wants one to sign in first")
	case errors.As(err, &near):
		return near.failure(u.Hostname())
	case errors.As(err, &moved):
		return kit.Fail(kit.Refused, "the service has moved to %s, and the data was not taken", moved.to).On("url").Hint("use the new address")
	case errors.Is(err, errTooLong):
		return kit.Fail(kit.Refused, "the reply of %s is longer than 64 MB", host).Hint("ask for less at a time: with paging, or a smaller page")
	case errors.Is(err, context.DeadlineExceeded):
		return kit.Fail(kit.TimedOut, "%s did not answer within %s", host, s.Timeout).On("timeout").Hint("raise \"timeout\", or see why the service is slow")
	case errors.As(err, &dns) && dns.IsNotFound:
		return kit.Fail(kit.Unavailable, "there is no host %q", dns.Name).On("url").Hint("check the name, and that this machine is online")
	case errors.As(err, &dns):
		return kit.Fail(kit.Unavailable, "the name %q could not be looked up", dns.Name).On("url").Hint("check that this machine is online")
	case Errno(err, syscall.ECONNREFUSED, winRefused):
		return kit.Fail(kit.Unavailable, "nobody answers at %s", host).On("url").Hint("check that the service runs, and that address and port are right")
	case errors.As(err, &notTLS), errors.Is(err, http.ErrSchemeMismatch):
		return kit.Fail(kit.Invalid, "%s does not speak TLS", host).On("url").Hint("use http: in place of https:, or the right port")
	case strings.Contains(inner(err).Error(), "invalid header field"):
		return kit.Fail(kit.Invalid, "a header cannot be sent: %s", strings.TrimPrefix(inner(err).Error(), "net/http: ")).On("headers").Hint("use letters, digits and dashes in names, and one line of text as value")
	case distrust != nil:
		distrust.Field = cmp.Or(distrust.Field, "url")
		return distrust
	case untrusted(err):
		return kit.Fail(kit.Denied, "the certificate of %s is not trusted: %s", host, inner(err)).On("url").Hint("check the address; have the certificate renewed, or its authority installed on this machine")
	case Errno(err, syscall.ECONNRESET, syscall.EPIPE, winReset), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return kit.Fail(kit.Unavailable, "%s hung up in the middle", host).Hint("retry, or look into the service's log")
	}
	f := kit.AsFailure(inner(err))
	f.What = fmt.Sprintf("%s was not delivered: %s", asked, inner(err))
	if f.Kind == kit.Unknown {
		f.Kind, f.Fix = kit.Unavailable, "check the address and the network, then retry"
	}
	return f
}

// inner is the cause inside net/http's error, which names the address.
func inner(err error) error {
	var outer *url.Error
	if errors.As(err, &outer) {
		return inner(outer.Err)
	}
	return err
}

func untrusted(err error) bool {
	var authority x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var check *tls.CertificateVerificationError
	return errors.As(err, &authority) || errors.As(err, &name) || errors.As(err, &invalid) || errors.As(err, &check)
}

// Refusal says what a status that is not among the wanted ones means.
func (r *Reply) Refusal(now time.Time) *kit.Failure {
	says := fmt.Sprintf("%s gave %d %s", r.Asked, r.Status, http.StatusText(r.Status))
	if text := r.message(); text != "" {
		says += ": " + text
	}
	switch {
	case r.Status == http.StatusUnauthorized:
		return &kit.Failure{Kind: kit.Denied, What: says, Fix: "check the user, password, token or key of the connection"}
	case r.Status == http.StatusForbidden:
		return &kit.Failure{Kind: kit.Denied, What: says, Fix: "ask for the right to do this, or use another account"}
	case r.Status == http.StatusNotFound, r.Status == http.StatusGone:
		return &kit.Failure{Kind: kit.Missing, What: says, Fix: "check the address and the path"}
	case r.Status == http.StatusRequestTimeout:
		return &kit.Failure{Kind: kit.TimedOut, What: says, Fix: "retry later"}
	case r.Status == http.StatusTooManyRequests:
		return &kit.Failure{Kind: kit.Throttled, What: says, Fix: "retry later, or set \"rate\" of the connection lower", After: r.retryAfter(now)}
	case r.Status == http.StatusNotImplemented, r.Status == http.StatusHTTPVersionNotSupported:
		return &kit.Failure{Kind: kit.Refused, What: says, Fix: "use another method or address"}
	case r.Status == http.StatusBadGateway, r.Status == http.StatusGatewayTimeout: // what is behind it may have taken the request
		return &kit.Failure{Kind: kit.Unavailable, What: says, Fix: "retry later; if it stays so, tell those who run the service", After: r.retryAfter(now), Uncertain: true}
	case r.Status >= 500:
		return &kit.Failure{Kind: kit.Unavailable, What: says, Fix: "retry later; if it stays so, tell those who run the service", After: r.retryAfter(now)}
	case r.Status == http.StatusMethodNotAllowed:
		return &kit.Failure{Kind: kit.Refused, What: says, Fix: "use another method"}
	case r.Status >= 400:
		return &kit.Failure{Kind: kit.Refused, What: says, Fix: "mend what the service names, then retry"}
	}
	return &kit.Failure{Kind: kit.Refused, What: says, Fix: "see why the service answers so"}
}

// retryAfter reads the header of that name: seconds or a date (RFC 9110, 10.2.3).
func (r *Reply) retryAfter(now time.Time) time.Duration {
	text := r.Header.Get("Retry-After")
	if seconds, err := strconv.Atoi(text); err == nil {
		return max(0, time.Duration(seconds)*time.Second)
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}

// message is what the reply says in words: the usual members of a JSON error, the
// title of a page, or the beginning of a text.
func (r *Reply) message() string {
	body := r.decoded()
	if v, err := value.Decode(body); err == nil {
		if text := errorText(v); text != "" {
			return clip(text, 300)
		}
	}
	if title := pageTitle.FindSubmatch(body); title != nil {
		return clip(string(title[1]), 300)
	}
	return clip(string(body[:min(len(body), 2000)]), 300)
}

var pageTitle = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title>`)

func errorText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case []any:
		if len(v) > 0 {
			return errorText(v[0])
		}
	case map[string]any:
		for _, name := range []string{"detail", "error_description", "message", "error", "errors", "title"} {
			if text := errorText(v[name]); text != "" {
				return text
			}
		}
	}
	return ""
}

// clip makes one line of a text, of at most so many letters.
func clip(text string, most int) string {
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "�")), " ")
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most]) + "…"
}

// notJSON says what the reply is instead.
func (r *Reply) notJSON(err error) *kit.Failure {
	kind := "no content type"
	if media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); media != "" {
		kind = "content type " + media
	}
	return kit.Fail(kit.Malformed, "the reply of %s is not JSON (%s): %w; it begins %q", r.Asked, kind, err, clip(string(r.Body[:min(len(r.Body), 400)]), 80)).
		Hint("check that the address and the path are those of the API")
}
