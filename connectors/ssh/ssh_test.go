package ssh

import (
	"context"
	"testing"

	"jackfield/connectors/csv"
	"jackfield/connectors/json"
	"jackfield/connectors/kit/depot/depottest"
	"jackfield/connectors/kit/kittest"
	"jackfield/connectors/ssh/sshtest"
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
	kittest.Connector(t, New("", csv.New(), json.New()), kittest.Eval(eval))
}

func TestFilesOverARealSSHD(t *testing.T) {
	depottest.Run(t, func(t testing.TB) *depottest.Place {
		server := sshtest.Start(t, "")
		base := t.TempDir()
		proxy := kittest.NewProxy(t, server.Address)
		return &depottest.Place{
			Connector: New(t.TempDir(), csv.New(), json.New()),
			With:      server.With(proxy.Address, base), Proxy: proxy, Side: depottest.Disk(base),
		}
	})
}
