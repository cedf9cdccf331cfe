package e2e

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// mapHookFlow answers each request with ten fields of its body.
const mapHookFlow = `jackfield: 1
name: Hook
steps:
  - id: hook
    uses: http.webhook
    with: {path: /hook-map, reply: wait, port: %d}
  - id: answer
    uses: http.reply
    map: "{body: (.body | ` + tenFields + `)}"
edges:
  - hook -> answer
`

// BenchmarkWebhook lets 16 clients send orders to a webhook that answers with what a
// mapping made of them, once the request is on disk.
func BenchmarkWebhook(b *testing.B) {
	port := freePort(b)
	serveHook(b, port)
	bodies := orderBodies(b, 1000)
	url := fmt.Sprintf("http://127.0.0.1:%d/hook-map", port)
	for _, clients := range []int{1, 16} {
		b.Run(fmt.Sprint(clients, " clients"), func(b *testing.B) {
			fire(b, url, clients, time.Second, bodies, "@example.org") // warm
			l := fire(b, url, clients, 5*time.Second, bodies, "@example.org")
			b.ReportMetric(l.perSecond, "requests/s")
			b.ReportMetric(float64(l.at(0.5).Microseconds())/1000, "ms-p50")
			b.ReportMetric(float64(l.at(0.99).Microseconds())/1000, "ms-p99")
			b.ReportMetric(0, "ns/op")
			if clients == 16 {
				p99 := milliseconds(l.at(0.99))
				account("webhook, mapped and answered, durable, 16 clients", fmt.Sprintf("%.0f/s", l.perSecond), "8270/s, Node-RED in the study, nothing kept", atLeast(l.perSecond, 8270))
				account("the same, p99", fmt.Sprintf("%.1f ms", p99), "5 ms", promised(p99, 5))
			}
		})
	}
}

// serveHook lets the program serve the flow with the webhook until the benchmark ends.
func serveHook(b *testing.B, port int) {
	b.Helper()
	bin, err := headless()
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	home, path := filepath.Join(dir, "home"), filepath.Join(dir, "hook.flow.yaml")
	if err := os.WriteFile(path, fmt.Appendf(nil, mapHookFlow, port), 0o600); err != nil {
		b.Fatal(err)
	}
	timed(b, exec.Command(bin, "--home", home, "flows", "enable", path))
	cmd := exec.Command(bin, "--home", home, "serve")
	said, err := cmd.StderrPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait() // it was told to end
	})
	lines := bufio.NewScanner(said)
	for lines.Scan() {
		if strings.Contains(lines.Text(), "listens at") {
			go func() { _, _ = io.Copy(io.Discard, said) }()
			return
		}
	}
	b.Fatal("the webhook does not listen")
}

func orderBodies(b *testing.B, n int) [][]byte {
	b.Helper()
	path := filepath.Join(b.TempDir(), "orders.jsonl")
	if err := writeOrders(path, n); err != nil {
		b.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		b.Fatal(err)
	}
	return bytes.Split(bytes.TrimSpace(text), []byte("\n"))
}
