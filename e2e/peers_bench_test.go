package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// peersVariable names the folder of the scripts that install, start and measure the
// peers; without it they are looked for beside the repository.
const peersVariable = "JACKFIELD_PEERS"

// peerFigures are what a peer came to: records or requests a second.
type peerFigures struct {
	Results []struct {
		Peer string          `json:"peer"`
		What string          `json:"what"`
		Val  json.RawMessage `json:"val"`
	} `json:"results"`
}

// best is the highest figure of a peer under names that hold all these texts.
func (p peerFigures) best(peer, key string, texts ...string) float64 {
	best := 0.0
	for _, r := range p.Results {
		fits := r.Peer == peer
		var val bytes.Buffer
		fits = json.Compact(&val, r.Val) == nil && fits
		for _, text := range texts {
			fits = fits && strings.Contains(r.What+" "+val.String(), text)
		}
		var figures map[string]any
		if !fits || json.Unmarshal(r.Val, &figures) != nil {
			continue
		}
		if n, ok := figures[key].(float64); ok {
			best = max(best, n)
		}
	}
	return best
}

// BenchmarkPeers lets Node-RED and n8n do the same work on this machine, with the same
// sender of requests for all.
func BenchmarkPeers(b *testing.B) {
	scripts := os.Getenv(peersVariable)
	if scripts == "" {
		scripts = "../../shared/bench/peers"
	}
	node, err := exec.LookPath("node")
	if _, missing := os.Stat(filepath.Join(scripts, "run.mjs")); missing != nil || err != nil {
		account("Node-RED and n8n", "not measured", "", fmt.Sprintf("Node.js and the scripts in %s are needed (or in $%s)", scripts, peersVariable))
		return
	}
	port := freePort(b)
	serveHook(b, port)
	ours := sent(b, node, scripts, port)
	dir := os.Getenv("PEERS_DIR")
	if dir == "" {
		dir = filepath.Join(os.TempDir(), "peers")
	}
	var all peerFigures
	for _, peer := range []string{"nodered", "n8n"} {
		cmd := exec.Command(node, filepath.Join(scripts, "run.mjs"), peer)
		cmd.Env = append(os.Environ(), "PEERS_DIR="+dir, "SECS=5", "N8N_VARIANTS=all/legacy")
		cmd.Stdout, cmd.Stderr = io.Discard, os.Stderr
		if err := cmd.Run(); err != nil {
			account(peer, "not measured", "", err.Error())
			continue
		}
		var some peerFigures
		text, err := os.ReadFile(filepath.Join(dir, "bench", "results.json"))
		if err == nil {
			err = json.Unmarshal(text, &some)
		}
		if err != nil {
			b.Fatal(err)
		}
		all.Results = append(all.Results, some.Results...)
	}
	for _, p := range []struct {
		name, peer string
		most       float64 // times their rate, of requests
		lines      string
		times      float64 // of records
	}{{"Node-RED", "nodered", 1, "one message per record", 15}, {"n8n", "n8n", 100, "Edit Fields", 100}} {
		if rate := all.best(p.peer, "req_s", "webhook hook-map", `"conc":16`); rate > 0 {
			account("webhook, 16 clients of the peers' own sender", fmt.Sprintf("%.0f/s", ours), fmt.Sprintf("%g times %s, %.0f/s", p.most, p.name, rate), atLeast(ours, p.most*rate))
		}
		if rate, lines := all.best(p.peer, "rec_s", p.lines), ledger.linesPerSecond; rate > 0 && lines > 0 {
			account("lines, mapped, file to file", fmt.Sprintf("%.0f/s", lines), fmt.Sprintf("%g times %s, %.0f/s", p.times, p.name, rate), atLeast(lines, p.times*rate))
		}
	}
	b.ReportMetric(0, "ns/op")
}

// sent is the rate that the peers' sender of requests reaches at our webhook.
func sent(b *testing.B, node, scripts string, port int) float64 {
	b.Helper()
	out, err := exec.Command(node, filepath.Join(scripts, "load.mjs"), fmt.Sprintf("http://127.0.0.1:%d/hook-map", port), "5", "16").Output()
	if err != nil {
		b.Fatal(err)
	}
	var said struct {
		Rate  float64 `json:"req_s"`
		P99   float64 `json:"p99_ms"`
		Wrong int     `json:"errs"`
		First string  `json:"firstErr"`
	}
	if err := json.Unmarshal(out, &said); err != nil || said.Wrong > 0 {
		b.Fatalf("%s (%v)", out, err)
	}
	b.ReportMetric(said.Rate, "requests/s")
	b.ReportMetric(said.P99, "ms-p99")
	return said.Rate
}
