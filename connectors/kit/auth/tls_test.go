package auth_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/auth"
	"jackfield/flow"
)

// authority signs certificates in a test.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	made int64
}

func newAuthority(t *testing.T) *authority {
	a := &authority{}
	a.cert, a.key = a.issue(t, "authority", nil)
	return a
}

// issue makes a certificate; its own first one signs itself.
func (a *authority) issue(t *testing.T, name string, hosts []string) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	a.made++
	template := &x509.Certificate{
		SerialNumber: big.NewInt(a.made), Subject: pkix.Name{CommonName: name}, DNSNames: hosts,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: a.cert == nil, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	parent, signer := a.cert, a.key
	if parent == nil {
		parent, signer = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert, key
}

func certPEM(cert *x509.Certificate) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw}))
}

func keyPEM(t *testing.T, key *ecdsa.PrivateKey) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// tlsService is a server that says who asks, and lets nobody in without a certificate.
func tlsService(t *testing.T, a *authority) (url string, shown *x509.Certificate) {
	t.Helper()
	cert, key := a.issue(t, "service", []string{"service.test"})
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.TLS.PeerCertificates[0].Subject.CommonName)
	}))
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{cert.Raw}, PrivateKey: key}}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL, cert
}

func askOverTLS(t *testing.T, url string, a *auth.Access, env kit.Env) (string, error) {
	t.Helper()
	config, _, err := a.Signer(env).Seal()
	if err != nil {
		return "", err
	}
	transport := &http.Transport{TLSClientConfig: config}
	defer transport.CloseIdleConnections()
	res, err := (&http.Client{Transport: transport}).Do(request(t, "GET", url, ""))
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return string(text), err
}

func TestMutualTLSWithARealServer(t *testing.T) {
	ca := newAuthority(t)
	url, shown := tlsService(t, ca)
	cert, key := ca.issue(t, "ann", nil)
	_, otherKey := ca.issue(t, "other", nil)
	dir := t.TempDir()
	for name, text := range map[string]string{"ca.pem": certPEM(ca.cert), "ann.pem": certPEM(cert), "ann.key": keyPEM(t, key), "both.pem": certPEM(cert) + keyPEM(t, key), "empty.pem": "x"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	oneLine := strings.ReplaceAll(keyPEM(t, key), "\n", " ")
	trusted := flow.Values{"tls_ca_file": "ca.pem", "tls_server_name": "service.test"}
	for name, tt := range map[string]struct {
		trust, values flow.Values
		want          string // "" is a sign-in as ann
	}{
		"files":                       {trusted, flow.Values{"tls_cert_file": "ann.pem", "tls_key_file": "ann.key"}, ""},
		"one file":                    {trusted, flow.Values{"tls_cert_file": "both.pem"}, ""},
		"pasted":                      {trusted, flow.Values{"tls_cert": certPEM(cert), "tls_key": keyPEM(t, key)}, ""},
		"a key in one line":           {trusted, flow.Values{"tls_cert": certPEM(cert), "tls_key": oneLine}, ""},
		"a pinned certificate":        {flow.Values{"tls_pin": auth.Fingerprint(shown)}, flow.Values{"tls_cert_file": "both.pem"}, ""},
		"a pin in another spelling":   {flow.Values{"tls_pin": strings.ToUpper(strings.TrimPrefix(auth.Fingerprint(shown), "sha256:"))}, flow.Values{"tls_cert_file": "both.pem"}, ""},
		"another certificate pinned":  {flow.Values{"tls_pin": auth.Fingerprint(cert)}, flow.Values{"tls_cert_file": "both.pem"}, "another certificate than the accepted one: " + auth.Fingerprint(shown)},
		"an unknown authority":        {flow.Values{"tls_server_name": "service.test"}, flow.Values{"tls_cert_file": "both.pem"}, "is not trusted"},
		"another name":                {flow.Values{"tls_ca_file": "ca.pem"}, flow.Values{"tls_cert_file": "both.pem"}, "is not trusted"},
		"no certificate":              {trusted, flow.Values{}, "certificate required"},
		"a key of another":            {trusted, flow.Values{"tls_cert_file": "ann.pem", "tls_key": keyPEM(t, otherKey)}, "cannot be used"},
		"a certificate without a key": {trusted, flow.Values{"tls_cert": certPEM(cert)}, "no private key"},
		"a key without a certificate": {trusted, flow.Values{"tls_key": keyPEM(t, key)}, "no certificate to it"},
		"a missing file":              {trusted, flow.Values{"tls_cert_file": "gone.pem"}, "gone.pem"},
		"authorities that are none":   {flow.Values{"tls_ca_file": "empty.pem"}, flow.Values{"tls_cert_file": "both.pem"}, "holds no certificate"},
	} {
		t.Run(name, func(t *testing.T) {
			a := with(t, flow.Values{"auth": "mtls"})
			a.Fields().Bind("", tt.trust)
			a.Fields().Bind("", tt.values)
			said, err := askOverTLS(t, url, a, kit.Env{Dir: dir})
			if tt.want == "" {
				if err != nil || said != "ann" {
					t.Errorf("%q, %v", said, err)
				}
				return
			}
			if f := auth.Distrust("service.test", err); f != nil {
				err = f
				if f.Fix == "" || f.Kind != kit.Denied {
					t.Errorf("%+v", f)
				}
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%q, %v; want %s", said, err, tt.want)
			}
		})
	}
}

func TestDistrustOffersTheFingerprintThatAPinTakes(t *testing.T) {
	ca := newAuthority(t)
	url, shown := tlsService(t, ca)
	a := with(t, flow.Values{"tls_server_name": "service.test"})
	_, err := askOverTLS(t, url, a, kit.Env{})
	f := auth.Distrust("service.test", err)
	if f == nil || !strings.Contains(f.Fix, auth.Fingerprint(shown)) {
		t.Fatalf("%v: %+v", err, f)
	}
	if auth.Distrust("service.test", &net.DNSError{}) != nil {
		t.Error("what has nothing to do with certificates is taken for distrust")
	}
	if problems := a.Fields().Bind("", flow.Values{"tls_pin": auth.Fingerprint(shown)}); len(problems) > 0 {
		t.Errorf("the fingerprint does not serve as a pin: %v", problems)
	}
	if problems := a.Fields().Bind("", flow.Values{"tls_pin": "5f:1c"}); len(problems) != 1 {
		t.Errorf("half a fingerprint: %v", problems)
	}
}

func TestSealHasAnotherNameForOtherCertificates(t *testing.T) {
	ca := newAuthority(t)
	names := map[string]bool{}
	for _, who := range []string{"ann", "bob"} {
		cert, key := ca.issue(t, who, nil)
		for range 2 {
			_, name, err := with(t, flow.Values{"auth": "mtls", "tls_cert": certPEM(cert), "tls_key": keyPEM(t, key)}).Signer(kit.Env{}).Seal()
			if err != nil {
				t.Fatal(err)
			}
			names[name] = true
		}
	}
	if config, name, err := with(t, nil).Signer(kit.Env{}).Seal(); config != nil || name != "" || err != nil {
		t.Errorf("without settings there is a seal %q: %v", name, err)
	}
	if len(names) != 2 {
		t.Errorf("two certificates have %d names", len(names))
	}
}
