package e2e

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"
)

// load is what came of requests that were sent one after the other by each of some
// clients.
type load struct {
	perSecond float64
	took      []time.Duration // ascending
}

func (l load) at(share float64) time.Duration {
	return l.took[int(share*float64(len(l.took)-1))]
}

// fire lets so many clients send bodies for so long, each over a connection that stays
// open. It ends the benchmark where an answer is not 200 or does not hold want.
func fire(b *testing.B, url string, clients int, lasting time.Duration, bodies [][]byte, want string) load {
	b.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: clients}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, Timeout: time.Minute}
	var mu sync.Mutex
	var all load
	var wrong error
	began := time.Now()
	var work sync.WaitGroup
	for n := range clients {
		work.Go(func() {
			var took []time.Duration
			var err error
			for i := n; err == nil && time.Since(began) < lasting; i += clients {
				sent := time.Now()
				if err = post(client, url, bodies[i%len(bodies)], want); err == nil {
					took = append(took, time.Since(sent))
				}
			}
			mu.Lock()
			defer mu.Unlock()
			all.took = append(all.took, took...)
			if wrong == nil {
				wrong = err
			}
		})
	}
	work.Wait()
	if wrong != nil {
		b.Fatal(wrong)
	}
	all.perSecond = float64(len(all.took)) / time.Since(began).Seconds()
	slices.Sort(all.took)
	return all
}

func post(client *http.Client, url string, body []byte, want string) error {
	resp, err := client.Post(url, "application/json", bytes.NewReader(body))
	if err != nil {
		return err
	}
	text, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err == nil && (resp.StatusCode != http.StatusOK || !bytes.Contains(text, []byte(want))) {
		err = fmt.Errorf("%s says %s: %.200s", url, resp.Status, text)
	}
	return err
}
