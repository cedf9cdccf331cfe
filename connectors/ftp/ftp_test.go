package ftp

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"jackfield/connectors/csv"
	"jackfield/connectors/ftp/ftptest"
	"jackfield/connectors/json"
	"jackfield/connectors/kit"
	"jackfield/connectors/kit/depot/depottest"
	"jackfield/connectors/kit/kittest"
	"jackfield/transforms"
)

func eval(src string, in any) ([]any, error) {
	p, err := transforms.Compile(src)
	if err != nil {
		return nil, err
	}
	v, err := p.One(context.Background(), in, transforms.Vars{})
	return []any{v}, err
}

func TestDeclaration(t *testing.T) {
	kittest.Connector(t, New(csv.New(), json.New()), kittest.Eval(eval))
}

func TestFilesOfARealVsftpd(t *testing.T) {
	depottest.Run(t, func(t testing.TB) *depottest.Place {
		root := t.TempDir()
		address, _ := ftptest.Vsftpd(t, root, "")
		proxy := kittest.NewProxy(t, address)
		with := ftptest.With(proxy.Address, "")
		return &depottest.Place{
			Connector: newConnector(proxy.Dial, []kit.Connector{csv.New(), json.New()}),
			With:      with, Proxy: proxy, Side: depottest.Disk(root), Plain: true,
		}
	})
}

func TestFilesOfAServerWithNewLists(t *testing.T) {
	depottest.Run(t, func(t testing.TB) *depottest.Place {
		root := t.TempDir()
		server := ftptest.Start(t, ftptest.Server{Root: root})
		proxy := kittest.NewProxy(t, server.Address)
		base := filepath.Join(root, "base")
		if err := os.Mkdir(base, 0o777); err != nil {
			t.Fatal(err)
		}
		with := ftptest.With(proxy.Address, "base")
		with["user"], with["password"] = ftptest.User, ftptest.Password
		return &depottest.Place{
			Connector: newConnector(proxy.Dial, []kit.Connector{csv.New(), json.New()}),
			With:      with, Proxy: proxy, Side: depottest.Disk(base), Plain: true, Canary: ftptest.Password,
		}
	})
}
