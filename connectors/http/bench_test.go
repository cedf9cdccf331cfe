package http

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

func BenchmarkRequestForEachRecord(b *testing.B) {
	g := newRig(b)
	g.env.Write = nil
	server := serve(b, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"id": 7, "name": "Zoë"}`) })
	q := g.request(flow.Values{"url": server.URL, "method": "POST", "body": map[string]any{"id": 7}})
	for b.Loop() {
		if _, err := q.Run(b.Context(), g.env, flow.Record{ID: "r"}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkWebhookWithoutAnEngineBehind(b *testing.B) {
	h := newHost(b)
	h.run = func(context.Context, kit.Event) (kit.Receipt, error) {
		<-h.events
		return kit.Receipt{Run: "r1"}, nil
	}
	h.listen("f", flow.Values{})
	url := "http://" + <-h.port + "/f"
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	for b.Loop() {
		res, err := client.Post(url, "application/json", strings.NewReader(`{"id": 7}`))
		if err != nil {
			b.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, res.Body)
		res.Body.Close()
	}
}
