package auth

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"

	"jackfield/connectors/kit"
)

// TLS says whom a connection trusts beyond the machine's authorities, and what it shows of
// itself. Connectors of other protocols embed it by itself.
type TLS struct {
	CAFile     string
	ServerName string
	Pin        string // the one certificate that is accepted, by its SHA-256
	Cert       string // PEM
	Key        kit.Secret
	CertFile   string
	KeyFile    string
}

// Fields are all settings, for a connection without an Access.
func (t *TLS) Fields() kit.Fields {
	client := t.clientFields()
	for i, f := range client {
		client[i] = f.More()
	}
	return append(client, t.trustFields()...)
}

// clientFields are about what the connection shows of itself.
func (t *TLS) clientFields() kit.Fields {
	inFile := func() bool { return t.CertFile != "" }
	return kit.Fields{
		kit.File(&t.CertFile, "tls_cert_file", "File of the certificate").Help("PEM, with the certificates that lead to its authority behind it."),
		kit.File(&t.KeyFile, "tls_key_file", "File of the private key").OnlyIf(inFile).Help("PEM; empty where it is in the certificate's file."),
		kit.Long(&t.Cert, "tls_cert", "Client certificate").Code("pem").Help("PEM, in place of a file.").
			OnlyIf(func() bool { return !inFile() }).
			Checked(func() error { return wantPEM(t.Cert, "CERTIFICATE") }),
		kit.Hidden(&t.Key, "tls_key", "Private key").OnlyIf(func() bool { return !inFile() }).Help("PEM; kept in the vault."),
	}
}

// trustFields are about whom the connection trusts.
func (t *TLS) trustFields() kit.Fields {
	return kit.Fields{
		kit.File(&t.CAFile, "tls_ca_file", "Authorities to trust").More().Help("A file of certificates (PEM) that are trusted besides this machine's."),
		kit.Text(&t.ServerName, "tls_server_name", "Name in the certificate").More().Help("Where it differs from the host of the address."),
		kit.Text(&t.Pin, "tls_pin", "Accepted certificate").More().Eg("sha256:5f:1c…").
			Help("The fingerprint of the one certificate that is accepted, whoever signed it; a test shows it.").
			Checked(func() error { _, err := fingerprintOf(t.Pin); return err }),
	}
}

// Set says whether anything differs from what every connection does.
func (t *TLS) Set() bool { return *t != TLS{} }

// Config is the configuration that the settings ask for; nil where they ask for nothing.
// Relative paths are beside the flow.
func (t *TLS) Config(env kit.Env) (*tls.Config, error) {
	if !t.Set() {
		return nil, nil
	}
	c := &tls.Config{ServerName: t.ServerName}
	if t.CAFile != "" {
		roots, err := authorities(env.Path(t.CAFile))
		if err != nil {
			return nil, err
		}
		c.RootCAs = roots
	}
	if err := t.show(env, c); err != nil {
		return nil, err
	}
	return c, t.accept(c)
}

// seal is the configuration with a name for it.
func (t *TLS) seal(env kit.Env) (*tls.Config, string, error) {
	c, err := t.Config(env)
	if c == nil || err != nil {
		return nil, "", err
	}
	sum := sha256.New()
	for _, part := range []string{t.CAFile, t.ServerName, t.Pin} {
		sum.Write([]byte(part + "\x00"))
	}
	if t.CAFile != "" {
		if text, err := os.ReadFile(env.Path(t.CAFile)); err == nil {
			sum.Write(text)
		}
	}
	for _, own := range c.Certificates {
		for _, der := range own.Certificate {
			sum.Write(der)
		}
	}
	return c, hex.EncodeToString(sum.Sum(nil)), nil
}

func authorities(file string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		f := kit.AsFailure(fmt.Errorf("read the authorities: %w", err))
		return nil, f.On("tls_ca_file")
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool() // where the system has none, the file alone counts
	}
	if !roots.AppendCertsFromPEM(pem) {
		return nil, kit.Fail(kit.Malformed, "%s holds no certificate", file).On("tls_ca_file").Hint("give a file that begins -----BEGIN CERTIFICATE-----")
	}
	return roots, nil
}

// show reads the certificate that the connection shows, and its key.
func (t *TLS) show(env kit.Env, c *tls.Config) error {
	cert, key, field := []byte(tidyPEM(t.Cert)), []byte(tidyPEM(t.Key.Reveal())), "tls_cert"
	if t.CertFile != "" {
		var err error
		field = "tls_cert_file"
		if cert, err = os.ReadFile(env.Path(t.CertFile)); err != nil {
			return kit.AsFailure(fmt.Errorf("read the certificate: %w", err)).On(field)
		}
		key = cert
		if t.KeyFile != "" {
			if key, err = os.ReadFile(env.Path(t.KeyFile)); err != nil {
				return kit.AsFailure(fmt.Errorf("read the private key: %w", err)).On("tls_key_file")
			}
		}
	}
	switch {
	case len(cert) == 0 && len(key) == 0:
		return nil
	case len(cert) == 0:
		return kit.Fail(kit.Invalid, "there is a private key and no certificate to it").On("tls_cert").Hint("paste the certificate too, or name its file")
	case len(key) == 0:
		return kit.Fail(kit.Invalid, "there is a certificate and no private key to it").On("tls_key").Hint("paste the key too, or name its file")
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return kit.Fail(kit.Invalid, "the certificate and its key cannot be used: %s", strings.TrimPrefix(err.Error(), "tls: ")).On(field).
			Hint("give both as PEM, the key without a passphrase and the one that belongs to the certificate")
	}
	c.Certificates = []tls.Certificate{pair}
	return nil
}

// accept holds the host to the one certificate that was accepted.
func (t *TLS) accept(c *tls.Config) error {
	want, err := fingerprintOf(t.Pin)
	if err != nil || want == "" {
		return err
	}
	c.InsecureSkipVerify = true // VerifyConnection is stricter: this certificate or none
	c.VerifyConnection = func(state tls.ConnectionState) error {
		shown := Fingerprint(state.PeerCertificates[0])
		if got, _ := fingerprintOf(shown); got != want { //nolint:errcheck // a fingerprint of our own reads
			return kit.Fail(kit.Denied, "the host shows another certificate than the accepted one: %s", shown).On("tls_pin").
				Hint("find out why it changed; if that is right, put the new fingerprint in place of the old")
		}
		return nil
	}
	return nil
}

// Fingerprint names a certificate: sha256:5f:1c and so on.
func Fingerprint(cert *x509.Certificate) string {
	sum := sha256.Sum256(cert.Raw)
	var parts []string
	for _, b := range sum {
		parts = append(parts, hex.EncodeToString([]byte{b}))
	}
	return "sha256:" + strings.Join(parts, ":")
}

// fingerprintOf reads a fingerprint as people and tools write it.
func fingerprintOf(text string) (string, error) {
	plain := strings.ToLower(strings.TrimSpace(text))
	plain = strings.TrimPrefix(strings.TrimPrefix(plain, "sha256:"), "sha256 ")
	plain = strings.NewReplacer(":", "", " ", "").Replace(plain)
	if raw, err := hex.DecodeString(plain); err != nil || len(raw) != sha256.Size && plain != "" {
		return "", kit.Fail(kit.Invalid, "%q is no SHA-256 fingerprint", text).On("tls_pin").Hint("write sha256: and 32 pairs of hex digits; a test of the connection shows it")
	}
	return plain, nil
}

// Distrust says why a host's certificate was not trusted, and how to accept it all the
// same; nil where err is about something else.
func Distrust(host string, err error) *kit.Failure {
	if f, ok := errors.AsType[*kit.Failure](err); ok && f.Field == "tls_pin" {
		return f
	}
	var shown *tls.CertificateVerificationError
	if !errors.As(err, &shown) || len(shown.UnverifiedCertificates) == 0 {
		return nil
	}
	return kit.Fail(kit.Denied, "the certificate of %s is not trusted: %s", host, strings.TrimPrefix(shown.Err.Error(), "x509: ")).
		Hint("check the address; have the certificate renewed, or its authority installed on this machine; or, where you know it to be right, accept it: set \"tls_pin\" to %s", Fingerprint(shown.UnverifiedCertificates[0]))
}

// tidyPEM puts the lines back into PEM that went through a field of one line.
func tidyPEM(text string) string {
	text = strings.TrimSpace(strings.ReplaceAll(text, `\n`, "\n"))
	if text == "" || strings.Contains(text, "\n") {
		return text
	}
	var out strings.Builder
	for text != "" {
		head, after, begun := strings.Cut(text, "-----BEGIN ")
		label, rest, named := strings.Cut(after, "-----")
		body, behind, ended := strings.Cut(rest, "-----END "+label+"-----")
		if !begun || !named || !ended {
			out.WriteString(head + after)
			break
		}
		fmt.Fprintf(&out, "-----BEGIN %s-----\n%s\n-----END %s-----\n", label, strings.Join(strings.Fields(body), "\n"), label)
		text = behind
	}
	return out.String()
}

func wantPEM(text, label string) error {
	if text != "" && !strings.Contains(text, "-----BEGIN "+label) {
		return kit.Fail(kit.Invalid, "this is no PEM").Hint("it begins -----BEGIN %s-----", label)
	}
	return nil
}
