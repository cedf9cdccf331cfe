package webdav

import (
	"encoding/xml"
	"io"
	"io/fs"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"

	"jackfield/connectors/kit"
)

// refusal says what a status means (RFC 9110, 15; RFC 4918, 11); nil where it is good.
// meant is what some mean for this request.
func (t *tree) refusal(res *http.Response, meant map[int]error) error {
	code := res.StatusCode
	if err := meant[code]; err != nil {
		return err
	}
	host := t.root.Host
	says := strconv.Itoa(code) + " " + http.StatusText(code)
	if code >= 300 {
		if text := message(res); text != "" {
			says += ": " + text
		}
	}
	switch {
	case code == http.StatusMultiStatus, code >= 200 && code < 300:
		return nil
	case code >= 300 && code < 400:
		return kit.Fail(kit.Refused, "%s sends on to another address, %s", host, place(res)).On("url").
			Hint("set that as the address, if it is the right one; nobody is sent on by himself, since the password would go along")
	case code == http.StatusUnauthorized:
		return kit.Fail(kit.Denied, "%s does not let %s in", host, t.who()).On("password").
			Hint("check user and password; Nextcloud wants an app password where two factors are on")
	case code == http.StatusForbidden:
		return fs.ErrPermission
	case code == http.StatusNotFound, code == http.StatusGone:
		return fs.ErrNotExist
	case code == http.StatusMethodNotAllowed, code == http.StatusNotImplemented:
		return t.noDAV(res)
	case code == http.StatusLocked:
		return kit.Fail(kit.Busy, "it is locked by somebody else").Hint("retry when it is no longer being edited")
	case code == http.StatusRequestEntityTooLarge:
		return kit.Fail(kit.Refused, "%s takes no file that large", host).Hint("ask who runs it to raise the limit")
	case code == http.StatusInsufficientStorage:
		return syscall.ENOSPC
	case code == http.StatusTooManyRequests:
		return kit.Fail(kit.Throttled, "%s asks to slow down: %s", host, says).Hint("retry later, or set the rate of the connection lower").Wait(after(res))
	case code == http.StatusServiceUnavailable:
		return kit.Fail(kit.Unavailable, "%s is not available: %s", host, says).Hint("retry later; it may be in maintenance").Wait(after(res))
	case code >= 500:
		return kit.Fail(kit.Unavailable, "%s has a fault of its own: %s", host, says).Hint("retry later; if it stays so, look into its log").Unsure()
	}
	return kit.Fail(kit.Refused, "%s refuses: %s", host, says).Hint("look into the log of the server")
}

// noDAV is of an address at which something else is.
func (t *tree) noDAV(res *http.Response) error {
	return kit.Fail(kit.Invalid, "%s does not speak WebDAV: it answers %s with %d", t.root, res.Request.Method, res.StatusCode).On("url").
		Hint("check the address; that of a Nextcloud ends in /remote.php/dav/files/ and the user's name")
}

func (t *tree) who() string {
	if t.access.User == "" {
		return "this connection"
	}
	return t.access.User
}

// place is where a reply sends on to, without what is behind a question mark.
func place(res *http.Response) string {
	u, err := res.Location()
	if err != nil {
		return "which it does not name"
	}
	u.RawQuery, u.User = "", nil
	return u.String()
}

// message is what a server says beside the status, as Nextcloud does.
func message(res *http.Response) string {
	b, err := io.ReadAll(io.LimitReader(res.Body, 8<<10))
	if err != nil {
		return ""
	}
	d := xml.NewDecoder(strings.NewReader(string(b)))
	for {
		token, err := d.Token()
		if err != nil {
			return ""
		}
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == "message" {
			var text string
			if d.DecodeElement(&text, &start) != nil {
				return ""
			}
			return strings.TrimSpace(text)
		}
	}
}

// after is how long the server asked to wait.
func after(res *http.Response) time.Duration {
	seconds, err := strconv.Atoi(res.Header.Get("Retry-After"))
	if err != nil || seconds < 0 || seconds > 86400 {
		return 0
	}
	return time.Duration(seconds) * time.Second
}
