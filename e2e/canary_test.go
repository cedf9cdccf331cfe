package e2e

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"jackfield/connectors"
	"jackfield/connectors/kit"
)

// canary is a secret with letters that base64, addresses and JSON write in another way.
const canary = `canary-Zx9+q/"k&Wq7`

// footprints are the ways in which the canary may stand in a text. They are written here
// once more, so that what masks is not what looks.
func footprints() []string {
	quoted, _ := json.Marshal(canary)
	all := []string{
		canary, url.QueryEscape(canary), url.PathEscape(canary), string(quoted[1 : len(quoted)-1]),
		strings.Trim(fmt.Sprintf("%q", canary), `"`), hex.EncodeToString([]byte(canary)), strings.ToUpper(hex.EncodeToString([]byte(canary))),
		"canary-Zx9", // the part that no spelling changes
	}
	for shift := range 3 { // it may begin anywhere in a group of three bytes
		inside := canary[(3-shift)%3:]
		all = append(all, base64.RawStdEncoding.EncodeToString([]byte(inside[:len(inside)/3*3])), base64.RawURLEncoding.EncodeToString([]byte(inside[:len(inside)/3*3])))
	}
	return all
}

// echo is a service that tells everybody what they said, and refuses it; below /ok it is
// content and says nothing.
func echo(t *testing.T) (address string, heard func() int) {
	t.Helper()
	var mu sync.Mutex
	n := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		said, _ := httputil.DumpRequest(r, true)
		for _, f := range footprints() {
			if bytes.Contains(said, []byte(f)) {
				mu.Lock()
				n++
				mu.Unlock()
				break
			}
		}
		w.Header().Set("Content-Type", "application/json")
		if strings.HasPrefix(r.URL.Path, "/ok") {
			fmt.Fprint(w, `{"ok": true}`)
			return
		}
		w.WriteHeader(http.StatusBadRequest)
		_ = json.NewEncoder(w).Encode(map[string]string{"error": "you said " + string(said) + " and in hex " + hex.EncodeToString(said)})
	}))
	t.Cleanup(server.Close)
	return server.URL, func() int { mu.Lock(); defer mu.Unlock(); return n }
}

// babble is a server of no protocol: it says something and hangs up.
func babble(t *testing.T) (host, port string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = io.WriteString(c, "no such service here\r\n")
			_ = c.Close()
		}
	}()
	host, port, err = net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return host, port
}

// trial is a connection with the canary in every secret field.
type trial struct {
	name, connector string
	args            []string
	secrets         int
	ops             []kit.Op
}

// trials makes connections of all connectors that have secret fields: one for each way to
// sign in.
func trials(set kit.Set, address, host, port string) (all []trial) {
	for _, c := range set {
		if c.Connection == nil {
			continue
		}
		fields := c.Connection().Fields()
		var ways []string
		if auth, ok := fields.Field("auth"); ok {
			for _, choice := range auth.Choices {
				ways = append(ways, choice.Value)
			}
		}
		if len(ways) == 0 {
			ways = []string{""}
		}
		for i, way := range ways {
			one := trial{name: fmt.Sprintf("%s-%d", c.ID, i), connector: c.ID}
			for _, f := range fields {
				switch text := strings.ToLower(f.Name); {
				case f.Name == "tls_key" && way != "mtls": // what is no key lets nothing go out
				case f.Kind == kit.SecretField:
					one.args = append(one.args, f.Name+"=-")
					one.secrets++
				case f.Name == "auth" && way != "":
					one.args = append(one.args, "auth="+way)
				case f.Kind == kit.TextField && (strings.Contains(text, "url") || strings.Contains(text, "endpoint")):
					one.args = append(one.args, f.Name+"="+address)
				case f.Name == "host":
					one.args = append(one.args, "host="+host)
				case f.Name == "port":
					one.args = append(one.args, "port="+port)
				case f.Kind == kit.TextField && f.Required, strings.HasPrefix(text, "user"), strings.HasSuffix(text, "_id"), text == "key_name":
					if f.Kind == kit.TextField {
						one.args = append(one.args, f.Name+"=somebody")
					}
				}
			}
			for _, op := range c.Ops {
				if !op.Trigger && (i == 0 || len(one.ops) == 0) && len(one.ops) < 3 {
					one.ops = append(one.ops, op)
				}
			}
			if one.secrets > 0 {
				all = append(all, one)
			}
		}
	}
	return all
}

// junk fills the needed fields of an operation that its connection does not.
func junk(c kit.Connector, op kit.Op, path string) string {
	with, account := map[string]any{}, c.Connection().Fields()
	for _, f := range op.New().Fields() {
		if _, has := account.Field(f.Name); has {
			continue
		}
		switch {
		case f.Name == "path" && f.Kind == kit.TextField:
			with[f.Name] = path
		case !f.Required:
		case f.Kind == kit.IntField || f.Kind == kit.NumberField:
			with[f.Name] = 1
		case f.Kind == kit.ChoiceField:
			with[f.Name] = f.Choices[0].Value
		case f.Kind == kit.TextField || f.Kind == kit.LongField || f.Kind == kit.ValueField:
			with[f.Name] = "x"
		}
	}
	text, _ := json.Marshal(with)
	return string(text)
}

func TestACanaryInEverySecretFieldIsFoundNowhere(t *testing.T) {
	t.Parallel()
	address, heard := echo(t)
	host, port := babble(t)
	p, f := newProgram(t), newFolder(t)
	var traces bytes.Buffer
	var tracing sync.Mutex
	collector := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tracing.Lock()
		defer tracing.Unlock()
		_, _ = io.Copy(&traces, r.Body)
	}))
	defer collector.Close()
	p.env = []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + collector.URL}
	set := connectors.All(t.TempDir())
	t.Cleanup(func() { _ = set.Close() })
	var said bytes.Buffer
	call := func(in string, args ...string) result {
		t.Helper()
		cmd := p.command(args...)
		cmd.Stdin = strings.NewReader(in)
		bomb := time.AfterFunc(patience, func() { _ = cmd.Process.Signal(os.Interrupt) })
		r := p.finish(cmd)
		if !bomb.Stop() {
			t.Errorf("%v did not end by itself: %s", args, r.err)
		}
		fmt.Fprintf(&said, "%v\n%s\n%s\n", args, r.out, r.err)
		return r
	}
	served := p.begin("serve", "--log", "json", "--telemetry", "127.0.0.1:0")
	served.until("no flow is enabled")

	sealed, ran, failed := map[string]bool{}, 0, 0
	for _, one := range trials(set, address, host, port) {
		r := call(strings.TrimSuffix(strings.Repeat(canary+"\n", one.secrets), "\n"), append([]string{"connections", "add", one.name, one.connector}, one.args...)...)
		if r.code != 0 {
			t.Errorf("%s %v was not saved: %s", one.connector, one.args, r.err)
			continue
		}
		sealed[one.connector] = true
		declared, _ := set.Connector(one.connector)
		call("", "connections", "test", one.name, "--json")
		for i, op := range one.ops {
			for _, path := range []string{"/ok", "/refused"} {
				name := fmt.Sprintf("%s-%d%s", one.name, i, strings.ReplaceAll(path, "/", "-"))
				file := f.put(name+".flow.yaml", fmt.Sprintf("jackfield: 1\nname: %s\nsteps:\n  - {id: it, uses: %s.%s, connection: %s, with: %s, retry: {tries: 1}, timeout: 5s, uncertain: skip}\n", name, one.connector, op.ID, one.name, junk(declared, op, path)))
				r := call("{}", "run", file, "--input", "-", "--json")
				if r.code == 2 {
					continue // the settings made of nothing do not serve this operation
				}
				ran++
				if r.code != 0 {
					failed++
				}
				call("", "runs", "show", "last", "--json")
				call("", "runs", "logs", "last")
				call("", "runs", "records", "last", "it", "--json")
				call("", "runs", "records", "last", "it.failed", "--json")
				call("", "flows", "export", name, filepath.Join(p.home, name+".yaml"))
			}
		}
	}
	call("", "connections", "ls", "--json")
	call("", "runs", "ls", "--json")
	equal(t, "exit code", served.end(syscall.SIGTERM), 0)
	said.WriteString(strings.Join(served.said, "\n"))

	tracing.Lock()
	defer tracing.Unlock()
	if traces.Len() == 0 {
		t.Error("no trace came")
	}
	said.Write(traces.Bytes())
	if len(sealed) < 5 || ran < 20 || failed < 10 || heard() < 20 {
		t.Errorf("that shows little: %d connectors, %d runs of which %d failed, %d requests with the canary", len(sealed), ran, failed, heard())
	}
	t.Logf("%d connectors, %d runs of which %d failed, %d requests with the canary", len(sealed), ran, failed, heard())
	p.nowhere(said.String())
}

// nowhere looks for the canary in what the program said and in all its files.
func (p *program) nowhere(said string) {
	p.t.Helper()
	look := func(where, text string) {
		for _, f := range footprints() {
			if at := strings.Index(text, f); at >= 0 {
				p.t.Errorf("the canary stands in %s, as %q: …%s…", where, f, strconv.Quote(text[max(0, at-200):min(len(text), at+len(f)+50)]))
				return
			}
		}
	}
	look("what the program said", said)
	err := filepath.WalkDir(p.home, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		look(path, string(content))
		return err
	})
	if err != nil {
		p.t.Error(err)
	}
}
