package ftp

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/textproto"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	ftpserver "github.com/fclairamb/ftpserverlib"

	"jackfield/connectors/ftp/ftptest"
	"jackfield/connectors/kit"
	"jackfield/connectors/kit/depot/depottest"
	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
)

func TestTLSInEitherWayAndOnlyWithTheRightCertificate(t *testing.T) {
	good := ftptest.NewCertificate(t, "127.0.0.1", time.Now().Add(time.Hour))
	for _, mode := range []struct {
		name   string
		mode   ftpserver.TLSRequirement
		secure string
	}{{"explicit", ftpserver.MandatoryEncryption, explicit}, {"implicit", ftpserver.ImplicitEncryption, implicit}} {
		t.Run(mode.name, func(t *testing.T) {
			root := t.TempDir()
			server := ftptest.Start(t, ftptest.Server{Root: root, Mode: mode.mode, TLS: &tls.Config{Certificates: []tls.Certificate{good.Certificate}}})
			with := depottest.Set(ftptest.With(server.Address, ""), "secure", mode.secure, "user", ftptest.User, "password", ftptest.Password)
			c := New()
			defer c.Close()
			kittest.WantFailure(t, depottest.Listing(t, c, with), kit.Denied, "", "certificate", good.Pin)
			with = depottest.Set(with, "tls_pin", good.Pin)
			up := depottest.Bound(t, c, "upload", depottest.Set(with, "path", "a", "text", "over TLS"))
			if _, err := up.(kit.Action).Run(t.Context(), kittest.Env(t), flow.Record{ID: "r"}); err != nil {
				t.Fatal(err)
			}
			if got, err := os.ReadFile(root + "/a"); string(got) != "over TLS" {
				t.Errorf("there is %q, %v", got, err)
			}
			if err := depottest.Listing(t, c, with); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestARealVsftpdThatSpeaksTLSAlone(t *testing.T) {
	cert := ftptest.NewCertificate(t, "127.0.0.1", time.Now().Add(time.Hour))
	root := t.TempDir()
	address, _ := ftptest.Vsftpd(t, root, ftptest.VsftpdTLS(t, cert))
	with := depottest.Set(ftptest.With(address, ""), "secure", explicit, "tls_pin", cert.Pin)
	c := New()
	defer c.Close()
	for range 2 {
		up := depottest.Bound(t, c, "upload", depottest.Set(with, "path", "a", "text", "over TLS"))
		if _, err := up.(kit.Action).Run(t.Context(), kittest.Env(t), flow.Record{ID: "r"}); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(root + "/a"); string(got) != "over TLS" {
		t.Errorf("there is %q, %v", got, err)
	}
	kittest.WantFailure(t, depottest.Listing(t, c, depottest.Set(with, "secure", plain)), kit.Denied, "secure", "TLS")
}

func TestCertificatesThatAreNotTrusted(t *testing.T) {
	for name, cert := range map[string]ftptest.Certificate{
		"expired":     ftptest.NewCertificate(t, "127.0.0.1", time.Now().Add(-time.Hour)),
		"self-signed": ftptest.NewCertificate(t, "127.0.0.1", time.Now().Add(time.Hour)),
		"of another":  ftptest.NewCertificate(t, "192.0.2.1", time.Now().Add(time.Hour)),
	} {
		t.Run(name, func(t *testing.T) {
			server := ftptest.Start(t, ftptest.Server{Root: t.TempDir(), TLS: &tls.Config{Certificates: []tls.Certificate{cert.Certificate}}})
			with := depottest.Set(ftptest.With(server.Address, ""), "secure", explicit, "user", ftptest.User, "password", ftptest.Password)
			kittest.WantFailure(t, depottest.Listing(t, New(), with), kit.Denied, "", "certificate", cert.Pin)
		})
	}
}

func TestWhoIsNotLetIn(t *testing.T) {
	server := ftptest.Start(t, ftptest.Server{Root: t.TempDir()})
	with := depottest.Set(ftptest.With(server.Address, ""), "user", ftptest.User, "password", "xyzzy")
	err := depottest.Listing(t, New(), with)
	kittest.WantFailure(t, err, kit.Denied, "password", ftptest.User)
	if strings.Contains(err.Error(), "xyzzy") {
		t.Errorf("it shows the password: %v", err)
	}
	kittest.WantFailure(t, depottest.Listing(t, New(), depottest.Set(with, "secure", explicit)), kit.Refused, "secure", "no TLS")
}

func TestAFullDiskIsTold(t *testing.T) {
	dir := kittest.SmallDisk(t)
	server := ftptest.Start(t, ftptest.Server{Root: dir})
	c := New()
	t.Cleanup(func() { c.Close() })
	with := depottest.Set(ftptest.With(server.Address, ""), "user", ftptest.User, "password", ftptest.Password, "path", "big", "text", strings.Repeat("x", 2<<20))
	_, err := depottest.Bound(t, c, "upload", with).(kit.Action).Run(t.Context(), kittest.Env(t), flow.Record{ID: "r"})
	kittest.WantFailure(t, err, kit.Full, "", "big", "space")
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) > 0 {
		t.Errorf("left on the disk: %v, %v", entries, err)
	}
}

func TestALineBreakInAPathIsNoCommand(t *testing.T) {
	root := t.TempDir()
	address, _ := ftptest.Vsftpd(t, root, "")
	if err := os.WriteFile(root+"/keep", nil, 0o666); err != nil {
		t.Fatal(err)
	}
	c := New()
	defer c.Close()
	with := depottest.Set(ftptest.With(address, ""), "path", "x\r\nDELE "+root+"/keep", "text", "y")
	_, err := depottest.Bound(t, c, "upload", with).(kit.Action).Run(t.Context(), kittest.Env(t), flow.Record{ID: "r"})
	kittest.WantFailure(t, err, kit.Invalid, "path", "line break")
	if _, err := os.Stat(root + "/keep"); err != nil {
		t.Error(err)
	}
}

func TestASlowServerIsLeft(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") // takes lines and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	with := depottest.Set(ftptest.With(listener.Addr().String(), ""), "timeout", "50ms")
	kittest.WantFailure(t, depottest.Listing(t, New(), with), kit.TimedOut, "")
}

// scripted is a server that greets, and hangs up after it.
func scripted(t testing.TB, greeting string) string {
	t.Helper()
	return kittest.Listen(t, "tcp", "127.0.0.1:0", func(line net.Conn, _ *sync.WaitGroup) { _, _ = io.WriteString(line, greeting) })
}

func TestAServerThatTakesNobodyMore(t *testing.T) {
	address := scripted(t, "421 There are too many connected users, please try later.\r\n")
	kittest.WantFailure(t, depottest.Listing(t, New(), ftptest.With(address, "")), kit.Busy, "", "too many")
	address = scripted(t, "")
	kittest.WantFailure(t, depottest.Listing(t, New(), ftptest.With(address, "")), kit.Unavailable, "")
}

func TestWhatServersSayIsUnderstood(t *testing.T) {
	f := &files{settings: newSettings(nil)}
	for _, tt := range []struct {
		code  int
		says  string
		doubt error
		want  error
		kind  flow.Code
	}{
		{550, "Failed to open file.", os.ErrNotExist, os.ErrNotExist, ""},
		{550, "a.txt: No such file or directory", os.ErrPermission, os.ErrNotExist, ""},
		{553, "Could not create file.", os.ErrPermission, os.ErrPermission, ""},
		{550, "Permission denied.", os.ErrNotExist, os.ErrPermission, ""},
		{550, "Create directory operation failed: File exists", os.ErrPermission, os.ErrExist, ""},
		{552, "Requested file action aborted. Exceeded storage allocation", nil, syscall.ENOSPC, ""},
		{452, "Insufficient", nil, syscall.ENOSPC, ""},
		{451, "No space left on device", nil, syscall.ENOSPC, ""},
		{550, "Disk quota exceeded", os.ErrPermission, syscall.ENOSPC, ""},
		{426, "Failure writing network stream.", nil, nil, kit.Unavailable},
		{425, "Failed to establish connection.", nil, nil, kit.Unavailable},
		{421, "Timeout.", nil, nil, kit.Unavailable},
		{522, "SSL connection failed; session reuse required", nil, nil, kit.Refused},
		{500, "Unknown command.", nil, nil, kit.Refused},
	} {
		err := f.told(t.Context(), &textproto.Error{Code: tt.code, Msg: tt.says}, tt.doubt)
		if tt.want != nil && !errors.Is(err, tt.want) || tt.kind != "" && kit.AsFailure(err).Kind != tt.kind {
			t.Errorf("%d %s is %v, want %v %s", tt.code, tt.says, err, tt.want, tt.kind)
		}
	}
}
