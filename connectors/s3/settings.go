package s3

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"github.com/minio/minio-go/v7/pkg/s3utils"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/auth"
	"jackfield/connectors/kit/depot"
)

// settings are what a connection knows of a bucket.
type settings struct {
	lines     *depot.Lines[*service]
	Endpoint  string
	Region    string
	Bucket    string
	KeyID     string
	Secret    kit.Secret
	Token     kit.Secret
	PathStyle bool
	Base      string
	Timeout   time.Duration
	Rate      float64
	TLS       auth.TLS
}

func newSettings(lines *depot.Lines[*service]) *settings {
	return &settings{lines: lines, Endpoint: "https://s3.amazonaws.com", Timeout: 30 * time.Second}
}

// Fields are the settings as a form asks for them.
func (s *settings) Fields() kit.Fields {
	return append(kit.Fields{
		kit.Text(&s.Endpoint, "endpoint", "Address of the service").Checked(s.checkEndpoint).Eg("https://s3.eu-central-1.amazonaws.com"),
		kit.Text(&s.Bucket, "bucket", "Bucket").Needed(),
		kit.Text(&s.KeyID, "key_id", "Access key").Help("Empty asks as nobody, which works with public buckets."),
		kit.Hidden(&s.Secret, "secret", "Secret key"),
		kit.Hidden(&s.Token, "token", "Session token").More().Help("Of keys that are lent for a while."),
		kit.Text(&s.Region, "region", "Region").Eg("eu-central-1").Help("Empty asks the service."),
		kit.Toggle(&s.PathStyle, "path_style", "The bucket stands in the path").More().
			Help("As many services want it; otherwise those of Amazon have it in the name of the host."),
		kit.Text(&s.Base, "base", "Base folder").Eg("partners/acme").
			Help("Nothing outside of it is touched, and paths begin there; empty is the whole bucket."),
		kit.Duration(&s.Timeout, "timeout", "Time-out").Help("How long the service may take to begin to answer."),
		kit.Number(&s.Rate, "rate", "Requests a second").Help("At most so many, all flows together; 0 sets no limit."),
	}, s.TLS.Fields()...)
}

func (s *settings) checkEndpoint() error {
	_, err := s.address()
	return err
}

// address reads the endpoint.
func (s *settings) address() (*url.URL, error) {
	text := strings.TrimSpace(s.Endpoint)
	if text != "" && !strings.Contains(text, "://") {
		text = "https://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || strings.Trim(u.Path, "/") != "" {
		return nil, kit.Fail(kit.Invalid, "%q is no address of a service", s.Endpoint).On("endpoint").
			Hint("write it like https://s3.eu-central-1.amazonaws.com, without the bucket")
	}
	return u, nil
}

// Service is the host that is asked.
func (s *settings) Service() (host string, perSecond float64) {
	if u, err := s.address(); err == nil {
		return u.Host, s.Rate
	}
	return "", s.Rate
}

// service is what all operations with the same settings share.
type service struct {
	*http.Transport
	region string
}

// Alive says that it may serve; lines that break are made again by themselves.
func (s *service) Alive() bool { return true }

// Close hangs up.
func (s *service) Close() error {
	s.CloseIdleConnections()
	return nil
}

func (s *settings) tls(env kit.Env) (*tls.Config, error) {
	c, err := s.TLS.Config(env)
	if c == nil && err == nil {
		c = &tls.Config{}
	}
	return c, err
}

// dial makes a service, and finds out the bucket's region.
func (s *settings) dial(env kit.Env) func(context.Context) (*service, error) {
	return func(ctx context.Context) (*service, error) {
		secure, err := s.tls(env)
		if err != nil {
			return nil, err
		}
		made := &service{region: s.Region, Transport: &http.Transport{
			Proxy:           http.ProxyFromEnvironment,
			DialContext:     (&net.Dialer{Timeout: s.Timeout}).DialContext,
			TLSClientConfig: secure, TLSHandshakeTimeout: s.Timeout, ResponseHeaderTimeout: s.Timeout,
			MaxIdleConnsPerHost: 16, IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true,
			DisableCompression: true, // what is stored compressed stays so
		}}
		if made.region != "" {
			return made, nil
		}
		c, err := s.client(ctx, made)
		if err != nil {
			return nil, err
		}
		if made.region, err = c.GetBucketLocation(ctx, s.Bucket); err != nil {
			if code := minio.ToErrorResponse(err).Code; code != "AccessDenied" && code != "NoSuchKey" && code != "NotImplemented" {
				made.Close()
				return nil, s.told(err)
			}
			made.region = "us-east-1" // who may not ask that may mostly do what it is needed for
		}
		return made, nil
	}
}

// client asks a service; all it does ends with ctx.
func (s *settings) client(ctx context.Context, through *service) (*minio.Core, error) {
	u, err := s.address()
	if err != nil {
		return nil, err
	}
	lookup := minio.BucketLookupAuto
	if s.PathStyle {
		lookup = minio.BucketLookupPath
	}
	c, err := minio.NewCore(u.Host, &minio.Options{
		Creds:  credentials.NewStaticV4(s.KeyID, s.Secret.Reveal(), s.Token.Reveal()),
		Secure: u.Scheme == "https", Region: through.region, BucketLookup: lookup,
		Transport: bound{ctx: ctx, to: through.Transport}, MaxRetries: 1,
	})
	if err != nil {
		return nil, kit.Fail(kit.Invalid, "%q cannot be asked: %w", s.Endpoint, err).On("endpoint").Hint("check the address")
	}
	return c, nil
}

// bound ends requests with a context where the library gives them none.
type bound struct {
	ctx context.Context //nolint:containedctx // a client serves one operation
	to  http.RoundTripper
}

func (b bound) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Context().Done() == nil {
		req = req.WithContext(b.ctx)
	}
	return b.to.RoundTrip(req)
}

// Open gives the bucket.
func (s *settings) Open(ctx context.Context, env kit.Env) (depot.Store, string, error) {
	if s.Bucket == "" {
		return nil, "", kit.Fail(kit.Invalid, "there is no bucket").On("bucket").Hint("set bucket, or choose a connection")
	}
	if err := s3utils.CheckValidBucketName(s.Bucket); err != nil {
		return nil, "", kit.Fail(kit.Invalid, "%q is no name of a bucket: %w", s.Bucket, err).On("bucket").Hint("check the name of the bucket; it stands there without a path")
	}
	if s.KeyID != "" && s.Secret.Empty() {
		return nil, "", kit.Fail(kit.Invalid, "there is an access key and no secret key").On("secret").Hint("set the secret key in the connection")
	}
	key := depot.Key(s.Endpoint, s.Region, s.Bucket, s.KeyID, s.Secret.Reveal(), s.Token.Reveal(), s.Timeout, s.TLS, s.TLS.Key.Reveal())
	through, giveBack, err := s.lines.Borrow(ctx, key, s.dial(env))
	if err != nil {
		return nil, "", err
	}
	c, err := s.client(ctx, through)
	if err != nil {
		giveBack(false)
		return nil, "", err
	}
	base := path.Clean("/" + s.Base)
	return &bucket{settings: s, client: c, base: base, env: env, giveBack: giveBack}, base, nil
}

// Try goes the way to being let in.
func (s *settings) Try(ctx context.Context, env kit.Env, t *kit.Trial) {
	u, err := s.address()
	if err != nil {
		t.Try("Address", func() (string, error) { return "", err })
		return
	}
	var secure *tls.Config
	port := u.Port()
	if port == "" {
		port = "80"
	}
	if u.Scheme == "https" {
		if secure, err = s.tls(env); err != nil {
			t.Try("Certificate", func() (string, error) { return "", err })
			return
		}
		if u.Port() == "" {
			port = "443"
		}
	}
	t.Reach(ctx, net.JoinHostPort(u.Hostname(), port), secure, s.told)
	t.Try("Bucket", func() (string, error) {
		store, _, err := s.Open(ctx, env)
		if err != nil {
			return "", err
		}
		defer store.Close()
		b := store.(*bucket)
		ok, err := b.client.BucketExists(ctx, s.Bucket)
		switch {
		case err != nil:
			return "", s.told(err)
		case !ok:
			return "", s.noBucket()
		}
		return s.Bucket, nil
	})
}

func (s *settings) noBucket() *kit.Failure {
	return kit.Fail(kit.Missing, "there is no bucket %s at %s", s.Bucket, s.Endpoint).On("bucket").Hint("check the name of the bucket, and the region")
}
