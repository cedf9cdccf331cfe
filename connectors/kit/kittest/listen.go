package kittest

import (
	"net"
	"sync"
	"testing"
)

// Listen serves each line that comes to an address of this machine, and ends with the
// test. network is "tcp", whose address may be 127.0.0.1:0, or "unix". serve may let
// further tasks run; they are waited for too.
func Listen(t testing.TB, network, address string, serve func(line net.Conn, tasks *sync.WaitGroup)) string {
	t.Helper()
	listener, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	var tasks sync.WaitGroup
	t.Cleanup(tasks.Wait)
	t.Cleanup(func() { listener.Close() })
	tasks.Go(func() {
		for {
			line, err := listener.Accept()
			if err != nil {
				return
			}
			tasks.Go(func() {
				defer line.Close()
				serve(line, &tasks)
			})
		}
	})
	return listener.Addr().String()
}
