package web

import (
	"encoding/base64"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/flow/value"
)

// Pasted is a request that a person pasted: a command line of cURL as browsers and manuals
// give it, for any shell; an address, with user and password perhaps; or lines of
// NAME=value as in a file .env.
type Pasted struct {
	Method   string
	URL      *url.URL // without user and password, and without a key that it held
	Headers  map[string]string
	Body     any    // what the request carries: a value where it is JSON or a form
	As       string // "form" where it is one; "text" where it is no JSON
	TimeOut  time.Duration
	curl     bool
	signIn   flow.Values
	hasPlace bool // there is an address
}

// Paste reads a text. ok is false where it is nothing of that kind.
func Paste(text string) (p Pasted, ok bool) {
	text = strings.TrimSpace(text)
	p = Pasted{Method: "GET", Headers: map[string]string{}, signIn: flow.Values{}}
	switch first, _, _ := strings.Cut(text, " "); {
	case len(text) > 1<<20:
		return p, false
	case strings.TrimSuffix(strings.ToLower(first), ".exe") == "curl":
		return p, p.readCurl(words(text))
	case address.MatchString(text):
		return p, p.readAddress(text)
	}
	return p, p.readEnv(text)
}

var address = regexp.MustCompile(`^https?://\S+$`)

// Account is what a connection takes of it, by the names of its fields. Its address is
// that of the host, or the whole one where it is not about a request.
func (p Pasted) Account() flow.Values {
	all := flow.Values{}
	for name, v := range p.signIn {
		all[name] = v
	}
	if p.hasPlace {
		at := *p.URL
		if p.curl {
			at = url.URL{Scheme: at.Scheme, Host: at.Host}
		}
		all["url"] = at.String()
	}
	if p.TimeOut > 0 {
		all["timeout"] = p.TimeOut.String()
	}
	return all
}

// Fitting leaves out of values what a form does not take: a way to sign in that a service
// does not offer.
func Fitting(fields kit.Fields, values flow.Values) flow.Values {
	for name, v := range values {
		if f, known := fields.Field(name); !known || f.Set(v) != nil {
			delete(values, name)
		}
	}
	return values
}

// Place is the address of the host, and the path and the parameters behind it.
func (p Pasted) Place() (host, path string, query map[string]any) {
	if !p.hasPlace {
		return "", "", nil
	}
	query = map[string]any{}
	twice := false
	for name, values := range p.URL.Query() {
		query[name] = values[0]
		twice = twice || len(values) > 1
	}
	path = p.URL.EscapedPath()
	if twice { // a parameter that comes more than once has its place in the path alone
		path, query = path+"?"+p.URL.RawQuery, map[string]any{}
	}
	return p.URL.Scheme + "://" + p.URL.Host, path, query
}

// readAddress takes user, password and key out of an address.
func (p *Pasted) readAddress(text string) bool {
	if !strings.Contains(text, "://") {
		text = "https://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return false
	}
	if u.User != nil {
		password, _ := u.User.Password()
		p.basic(u.User.Username(), password)
		u.User = nil
	}
	q := u.Query()
	for name, values := range q {
		if len(values) == 1 && carriesKey(name) && len(p.signIn) == 0 {
			p.signIn = flow.Values{"auth": "api_key", "key_name": name, "key_in": "query", "key": kit.NewSecret(values[0])}
			q.Del(name)
			u.RawQuery = q.Encode()
		}
	}
	u.Fragment = ""
	p.URL, p.hasPlace = u, true
	return true
}

// carriesKey says whether services call a header or a parameter so that carries a key.
func carriesKey(name string) bool {
	return keyName.MatchString(name) && !noKey.MatchString(name)
}

var (
	keyName = regexp.MustCompile(`(?i)^x-([a-z0-9]+-)*(key|token|secret)$|^([a-z]+-)?(api|access|auth|app|subscription)[-_]?(key|token)$`)
	noKey   = regexp.MustCompile(`(?i)idempotency|csrf|xsrf|request|continuation|page`)
)

func (p *Pasted) basic(user, password string) {
	p.signIn = flow.Values{"auth": "basic", "user": user, "password": kit.NewSecret(password)}
}

// readCurl goes through the words of a command line (curl(1)).
func (p *Pasted) readCurl(all []string) bool {
	p.curl = true
	c := curl{}
	for rest := all[1:]; len(rest) > 0; {
		word := rest[0]
		rest = rest[1:]
		if !strings.HasPrefix(word, "-") || word == "-" {
			c.place(word)
			continue
		}
		if long, is := strings.CutPrefix(word, "--"); is {
			name, given, has := strings.Cut(long, "=")
			if !takes[name] {
				c.flag(name)
				continue
			}
			if !has && len(rest) > 0 {
				given, rest = rest[0], rest[1:]
			}
			c.option(name, given)
			continue
		}
		for letters := word[1:]; letters != ""; {
			letter := letters[:1]
			letters = letters[1:]
			name := short[letter]
			if !takes[name] {
				c.flag(name)
				continue
			}
			given := letters
			if given == "" && len(rest) > 0 {
				given, rest = rest[0], rest[1:]
			}
			c.option(name, given)
			break
		}
	}
	return c.into(p)
}

// short are the options of one letter.
var short = map[string]string{
	"X": "request", "H": "header", "d": "data", "u": "user", "A": "user-agent", "e": "referer", "b": "cookie", "F": "form", "G": "get", "I": "head",
	"m": "max-time", "o": "output", "x": "proxy", "E": "cert", "T": "upload-file", "w": "write-out", "c": "cookie-jar", "K": "config", "D": "dump-header", "r": "range", "z": "time-cond", "y": "speed-time", "Y": "speed-limit",
}

// takes are the options that take a value.
var takes = func() map[string]bool {
	all := map[string]bool{}
	for _, name := range strings.Fields(`request header data data-raw data-ascii data-binary data-urlencode json user user-agent referer cookie form form-string
		url max-time connect-timeout output proxy cert key cacert capath upload-file write-out cookie-jar config dump-header oauth2-bearer aws-sigv4 resolve
		range time-cond speed-time speed-limit retry retry-delay retry-max-time limit-rate interface proxy-user noproxy tls-max ciphers max-redirs cert-type key-type pass url-query`) {
		all[name] = true
	}
	return all
}()

// curl is what the words of a command line come to.
type curl struct {
	method, url, user, bearer, cookie string
	headers                           [][2]string
	data                              []string
	query                             []string
	json, get, head, digest, form     bool
	timeOut                           time.Duration
	cacert, cert, key                 string
}

func (c *curl) place(word string) {
	if c.url == "" {
		c.url = word
	}
}

func (c *curl) flag(name string) {
	switch name {
	case "get":
		c.get = true
	case "head":
		c.head = true
	case "digest":
		c.digest = true
	}
}

func (c *curl) option(name, v string) {
	switch name {
	case "request":
		c.method = strings.ToUpper(v)
	case "header":
		name, text, _ := strings.Cut(v, ":")
		c.headers = append(c.headers, [2]string{strings.TrimSpace(name), strings.TrimSpace(text)})
	case "data", "data-raw", "data-ascii", "data-binary":
		c.data = append(c.data, v)
	case "data-urlencode":
		name, text, named := strings.Cut(v, "=")
		if !named {
			name, text = "", v
		}
		if text = url.QueryEscape(text); name != "" {
			text = name + "=" + text
		}
		c.data = append(c.data, text)
	case "json":
		c.json, c.data = true, append(c.data, v)
	case "form", "form-string":
		c.form, c.data = true, append(c.data, v)
	case "url-query":
		c.query = append(c.query, v)
	case "user":
		c.user = v
	case "user-agent":
		c.headers = append(c.headers, [2]string{"User-Agent", v})
	case "referer":
		c.headers = append(c.headers, [2]string{"Referer", v})
	case "cookie":
		c.cookie = v
	case "oauth2-bearer":
		c.bearer = v
	case "url":
		c.place(v)
	case "max-time":
		if seconds, err := strconv.ParseFloat(v, 64); err == nil && seconds > 0 && seconds < 1e6 {
			c.timeOut = time.Duration(seconds * float64(time.Second))
		}
	case "cacert":
		c.cacert = v
	case "cert":
		c.cert, _, _ = strings.Cut(v, ":")
	case "key":
		c.key = v
	}
}

// into puts it together. There has to be an address.
func (c *curl) into(p *Pasted) bool {
	if c.url == "" || !p.readAddress(c.url) {
		return false
	}
	p.TimeOut = c.timeOut
	if c.user != "" {
		user, password, _ := strings.Cut(c.user, ":")
		p.basic(user, password)
		if c.digest {
			p.signIn["auth"] = "digest"
		}
	}
	if c.bearer != "" {
		p.signIn = flow.Values{"auth": "bearer", "token": kit.NewSecret(c.bearer)}
	}
	kind := ""
	for _, h := range c.headers {
		switch {
		case strings.EqualFold(h[0], "Content-Type"):
			kind = h[1]
		case !p.signedBy(h[0], h[1]) && !noise(h[0]):
			p.Headers[h[0]] = h[1]
		}
	}
	if c.cookie != "" && strings.Contains(c.cookie, "=") {
		p.signedBy("Cookie", c.cookie)
	}
	for name, v := range map[string]string{"tls_ca_file": c.cacert, "tls_cert_file": c.cert, "tls_key_file": c.key} {
		if v != "" {
			p.signIn[name] = v
		}
	}
	if c.cert != "" && p.signIn["auth"] == nil {
		p.signIn["auth"] = "mtls"
	}
	query := slices.Clone(c.query)
	if c.get {
		query, c.data = append(query, c.data...), nil
	}
	p.URL.RawQuery = strings.Trim(p.URL.RawQuery+"&"+strings.Join(query, "&"), "&")
	p.carry(c, kind)
	switch {
	case c.method != "":
		p.Method = c.method
	case c.head:
		p.Method = "HEAD"
	case len(c.data) > 0:
		p.Method = "POST"
	}
	return true
}

// carry makes the body of the data.
func (p *Pasted) carry(c *curl, kind string) {
	if len(c.data) == 0 {
		if kind != "" {
			p.Headers["Content-Type"] = kind
		}
		return
	}
	joiner := "&"
	if c.json {
		joiner = ""
	}
	text := strings.Join(c.data, joiner)
	media, _, _ := strings.Cut(strings.ToLower(kind), ";")
	media = strings.TrimSpace(media)
	isForm := c.form || media == "application/x-www-form-urlencoded" || media == "" && !c.json
	if v, err := value.Decode([]byte(text)); err == nil && (c.json || media == "application/json" || media == "" && (strings.HasPrefix(text, "{") || strings.HasPrefix(text, "["))) {
		p.Body = v
		if _, isText := v.(string); isText {
			p.As = "json"
		}
		return
	}
	if form, err := url.ParseQuery(text); err == nil && isForm && strings.Contains(text, "=") {
		object := map[string]any{}
		for name, values := range form {
			if len(values) == 1 {
				object[name] = values[0]
				continue
			}
			var list []any
			for _, v := range values {
				list = append(list, v)
			}
			object[name] = list
		}
		p.Body, p.As = object, "form"
		return
	}
	p.Body, p.As = text, "text"
	if kind != "" {
		p.Headers["Content-Type"] = kind
	}
}

// signedBy takes a header for the sign-in, where it is one.
func (p *Pasted) signedBy(name, text string) bool {
	scheme, credentials, _ := strings.Cut(text, " ")
	credentials = strings.TrimSpace(credentials)
	switch {
	case strings.EqualFold(name, "Authorization") && strings.EqualFold(scheme, "Bearer") && credentials != "":
		p.signIn = flow.Values{"auth": "bearer", "token": kit.NewSecret(credentials)}
	case strings.EqualFold(name, "Authorization") && strings.EqualFold(scheme, "Basic"):
		if pair, err := base64.StdEncoding.DecodeString(credentials); err == nil {
			user, password, _ := strings.Cut(string(pair), ":")
			p.basic(user, password)
		}
	case strings.EqualFold(name, "Authorization"), carriesKey(name):
		p.signIn = flow.Values{"auth": "api_key", "key_name": name, "key_in": "header", "key": kit.NewSecret(text)}
	case strings.EqualFold(name, "Cookie"):
		if len(p.signIn) == 0 {
			p.signIn = flow.Values{"auth": "custom", "auth_headers": map[string]any{"Cookie": "{key}"}, "key": kit.NewSecret(text)}
		}
	default:
		return false
	}
	return true
}

// noise says whether a header is one that browsers send of themselves.
func noise(name string) bool {
	name = strings.ToLower(name)
	return strings.HasPrefix(name, "sec-") || slices.Contains([]string{
		"accept-encoding", "cache-control", "connection", "content-length", "dnt", "host", "origin", "pragma", "priority", "referer", "te", "upgrade-insecure-requests", "user-agent",
	}, name)
}

// readEnv reads lines of NAME=value.
func (p *Pasted) readEnv(text string) bool {
	found := map[string]string{}
	for line := range strings.Lines(text) {
		line = strings.TrimPrefix(strings.TrimSpace(line), "export ")
		if line == "" || line[0] == '#' {
			continue
		}
		name, v, ok := strings.Cut(line, "=")
		if !ok || !envName.MatchString(strings.TrimSpace(name)) {
			return false
		}
		v = strings.TrimSpace(v)
		if len(v) > 1 && (v[0] == '"' || v[0] == '\'') && v[len(v)-1] == v[0] {
			v = v[1 : len(v)-1]
		}
		for _, one := range envKinds {
			if upper := strings.ToUpper(strings.TrimSpace(name)); one.name.MatchString(upper) && found[one.kind] == "" {
				found[one.kind] = v
				break
			}
		}
	}
	switch {
	case found["token"] != "":
		p.signIn = flow.Values{"auth": "bearer", "token": kit.NewSecret(found["token"])}
	case found["key"] != "":
		p.signIn = flow.Values{"auth": "api_key", "key": kit.NewSecret(found["key"])}
	case found["user"] != "":
		p.basic(found["user"], found["password"])
	}
	if at := found["url"]; address.MatchString(at) {
		return p.readAddress(at)
	}
	return len(p.signIn) > 0
}

var (
	envName  = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.]*$`)
	envKinds = []struct {
		kind string
		name *regexp.Regexp
	}{
		{"url", regexp.MustCompile(`(^|_)(URL|URI|ENDPOINT|BASE)$`)},
		{"key", regexp.MustCompile(`(^|_)(API|ACCESS|APP)_?KEY$`)},
		{"token", regexp.MustCompile(`(^|_)(TOKEN|BEARER)$`)},
		{"user", regexp.MustCompile(`(^|_)(USER|USERNAME|LOGIN)$`)},
		{"password", regexp.MustCompile(`(^|_)(PASSWORD|PASS|PWD)$`)},
		{"key", regexp.MustCompile(`(^|_)(KEY|SECRET)$`)},
	}
)
