package depottest

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// Run is the suite. make makes a place with an empty folder.
func Run(t *testing.T, make func(testing.TB) *Place) {
	for name, test := range map[string]func(*rig){
		"files are found by patterns":                             testPatterns,
		"ten thousand files come page by page":                    testManyFiles,
		"only what is new or changed is listed":                   testIncremental,
		"a file is read as text, lines, bytes, CSV and JSON":      testRead,
		"a long table is read page by page":                       testLongTable,
		"a file is downloaded whole":                              testDownload,
		"a download that broke off goes on where it was":          testDownloadGoesOn,
		"a file is uploaded whole":                                testUpload,
		"an upload that broke off leaves nothing at the target":   testUploadBreaks,
		"an upload is refused where the target is another one":    testUploadConditions,
		"a file is moved once":                                    testMove,
		"files and folders are deleted":                           testDelete,
		"nothing outside of the base folder is touched":           testOutside,
		"names of all kinds survive":                              testNames,
		"new files are given once, over restarts too":             testNewFiles,
		"what is there at first is given only where wanted":       testExisting,
		"a file that is being written waits":                      testGrowing,
		"the connection's test and the catalogue show the folder": testConnection,
		"what is not there is told":                               testMissing,
		"a host that is down is told":                             testDown,
		"a host that falls silent is left":                        testSilent,
		"a line that was lost is made again":                      testLost,
		"every operation keeps to the limits of the service":      testClients,
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, make)
			test(r)
		})
	}
}

func testPatterns(r *rig) {
	for _, p := range []string{"a.csv", "b.txt", ".hidden", "in/c.csv", "in/deep/d.csv", "in/.x/e.csv", "z.csv"} {
		r.Side.Put(r.t, p, "x", noon)
	}
	for _, tt := range []struct {
		with flow.Values
		want []string
	}{
		{flow.Values{}, []string{"a.csv", "b.txt", "z.csv"}},
		{flow.Values{"pattern": "*.csv"}, []string{"a.csv", "z.csv"}},
		{flow.Values{"pattern": "*.csv", "recursive": true}, []string{"a.csv", "in/c.csv", "in/deep/d.csv", "z.csv"}},
		{flow.Values{"pattern": "**/*.csv"}, []string{"a.csv", "in/c.csv", "in/deep/d.csv", "z.csv"}},
		{flow.Values{"pattern": "in/*.csv"}, []string{"in/c.csv"}},
		{flow.Values{"folder": "in"}, []string{"in/c.csv"}},
		{flow.Values{"folder": "in", "recursive": true}, []string{"in/c.csv", "in/deep/d.csv"}},
		{flow.Values{"pattern": ".*"}, []string{".hidden"}},
	} {
		r.same(fmt.Sprint(tt.with), r.listed(tt.with), tt.want)
	}
	all, _, _ := r.read("list", flow.Values{"folder": "in"}, nil)
	one := all[0]
	if one["name"] != "c.csv" || one["folder"] != "in" || one["size"] != 1 || one["version"] == "" || one["modified"] == nil {
		r.t.Errorf("a record is %v", one)
	}
}

func testManyFiles(r *rig) {
	var want []string
	for i := range 10_000 {
		p := fmt.Sprintf("f%05d", i)
		if i%100 == 7 {
			p = fmt.Sprintf("d%03d/%s", i/100, p)
		}
		r.Side.Put(r.t, p, "", noon)
		want = append(want, p)
	}
	slices.Sort(want)
	got := r.listed(flow.Values{"recursive": true})
	slices.Sort(got)
	if !slices.Equal(got, want) {
		r.t.Errorf("%d files are listed, %d different ones; want %d", len(got), len(slices.Compact(got)), len(want))
	}
}

func testIncremental(r *rig) {
	with := flow.Values{"changed": true, "recursive": true}
	for _, p := range []string{"a", "in/b", "c"} {
		r.Side.Put(r.t, p, "one", noon)
	}
	first, _, mark := r.read("list", with, nil)
	r.same("the first run", sorted(paths(first)), []string{"a", "c", "in/b"})
	again, _, mark := r.read("list", with, mark)
	r.same("nothing new", paths(again), nil)
	r.Side.Put(r.t, "d", "equal", noon)
	r.Side.Put(r.t, "in/b", "other", noon.Add(time.Minute))
	news, _, mark := r.read("list", with, mark)
	want := []string{"d", "in/b"}
	if _, disk := r.Side.(Disk); !disk { // a service with a clock of its own
		want = sorted(paths(news))
		if !slices.Contains(want, "d") || !slices.Contains(want, "in/b") {
			want = []string{"d", "in/b"}
		}
	}
	r.same("one with an equal time and one that changed", sorted(paths(news)), want)
	last, _, _ := r.read("list", with, mark)
	r.same("nothing new again", paths(last), nil)
}

func sorted(list []string) []string {
	slices.Sort(list)
	return list
}

func testRead(r *rig) {
	r.Side.Put(r.t, "t.txt", "\ufefffirst\r\nsecond\n", noon)
	r.Side.Put(r.t, "b.bin", "a\xff\x00z", noon)
	r.Side.Put(r.t, "t.csv", "id;name\n1;Ada\n2;\"a;b\"\n", noon)
	r.Side.Put(r.t, "t.jsonl", "{\"id\":1}\n\nnonsense\n{\"id\":2}\n", noon)
	one := func(path, as string) any {
		all, _, _ := r.read("read", flow.Values{"path": path, "as": as}, nil)
		if len(all) != 1 {
			r.t.Fatalf("%d records of %s", len(all), path)
		}
		return all[0][as]
	}
	if got := one("t.txt", "text"); got != "first\r\nsecond\n" {
		r.t.Errorf("text %q", got)
	}
	if got := fmt.Sprint(one("t.txt", "lines")); got != "[first second]" {
		r.t.Errorf("lines %s", got)
	}
	if got := one("b.bin", "base64"); got != base64.StdEncoding.EncodeToString([]byte("a\xff\x00z")) {
		r.t.Errorf("bytes %q", got)
	}
	_, err := r.bind("read", flow.Values{"path": "b.bin"}).(kit.Source).Read(r.t.Context(), r.env, nil)
	fails(r.t, err, kit.Malformed, "b.bin", "base64")
	rows, _, _ := r.read("read", flow.Values{"path": "t.csv", "as": "csv", "delimiter": ";"}, nil)
	if got := fmt.Sprint(rows); got != "[map[id:1 name:Ada] map[id:2 name:a;b]]" {
		r.t.Errorf("rows %s", got)
	}
	values, bad, _ := r.read("read", flow.Values{"path": "t.jsonl", "as": "json", "lines": true}, nil)
	if len(values) != 2 || len(bad) != 1 || !strings.Contains(bad[0].What, "t.jsonl:3") {
		r.t.Errorf("values %v, bad %v", values, bad)
	}
}

func testLongTable(r *rig) {
	var b strings.Builder
	b.WriteString("id,note\n")
	for i := range 5000 {
		fmt.Fprintf(&b, "%d,some words in row %d\n", i, i)
	}
	r.Side.Put(r.t, "long.csv", b.String(), noon)
	with := flow.Values{"path": "long.csv", "as": "csv"}
	first, err := r.bind("read", with).(kit.Source).Read(r.t.Context(), r.env, nil)
	if err != nil || !first.More {
		r.t.Fatalf("the first page: %v, more %v", err, first.More)
	}
	if err := os.RemoveAll(r.env.Scratch); err != nil { // another machine, or a disk that was cleaned
		r.t.Fatal(err)
	}
	rest, _, _ := r.read("read", with, first.Next)
	if n := len(first.Data) + len(rest); n != 5000 || rest[len(rest)-1]["id"] != "4999" {
		r.t.Errorf("%d rows, the last one %v", n, rest[len(rest)-1])
	}
	r.Side.Put(r.t, "long.csv", "id,note\n", noon.Add(time.Hour))
	if err := os.RemoveAll(r.env.Scratch); err != nil {
		r.t.Fatal(err)
	}
	_, err = r.bind("read", with).(kit.Source).Read(r.t.Context(), r.env, first.Next)
	fails(r.t, err, kit.Refused, "exchanged")
}

func testDownload(r *rig) {
	r.Side.Put(r.t, "in/a.txt", "hello", noon)
	r.Side.Put(r.t, "empty", "", noon)
	got := r.do("download", flow.Values{"path": "in/a.txt", "to": "here/", "folders": true})
	if got["local"] != filepath.Join(r.env.Dir, "here", "a.txt") || got["path"] != "in/a.txt" {
		r.t.Errorf("it gives %v", got)
	}
	r.local("here/a.txt", "hello")
	r.do("download", flow.Values{"path": "empty", "to": "here/a.txt"})
	r.local("here/a.txt", "")
	r.Side.Put(r.t, "in/a.txt", "other", noon.Add(time.Minute))
	r.do("download", flow.Values{"path": "in/a.txt", "to": "here/a.txt"})
	r.local("here/a.txt", "other")
	_, err := r.try(r.t.Context(), "download", flow.Values{"path": "in/a.txt", "to": "nowhere/x/a.txt"})
	fails(r.t, err, kit.Missing)
	_, err = r.try(r.t.Context(), "download", flow.Values{"path": "in", "to": "x"})
	fails(r.t, err, kit.Invalid, "folder")
}

// local wants a file of this machine, and nothing half beside it.
func (r *rig) local(path, want string) {
	r.t.Helper()
	p := filepath.Join(r.env.Dir, path)
	got, err := os.ReadFile(p)
	if err != nil || string(got) != want {
		r.t.Errorf("%s holds %d bytes, %v; want %d", path, len(got), err, len(want))
	}
	for _, name := range r.beside(path) {
		r.t.Errorf("%s is left beside it", name)
	}
}

func (r *rig) beside(path string) []string {
	entries, err := os.ReadDir(filepath.Dir(filepath.Join(r.env.Dir, path)))
	if err != nil {
		return nil
	}
	var names []string
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".part") {
			names = append(names, e.Name())
		}
	}
	return names
}

func large(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i*7 + i>>8)
	}
	return string(b)
}

// testDownloadGoesOn takes a file that is larger than what fits between a server and a
// client that does not read, so that some of it has come when the line is cut.
func testDownloadGoesOn(r *rig) {
	content := large(24 << 20)
	r.Side.Put(r.t, "big", content, noon)
	with := flow.Values{"path": "big", "to": "big"}
	r.listed(nil) // lines are open
	r.Proxy.CutAfter(18 << 20)
	_, err := r.try(r.t.Context(), "download", with)
	fails(r.t, err, kit.Unavailable)
	if _, err := os.Stat(filepath.Join(r.env.Dir, "big")); !errors.Is(err, os.ErrNotExist) {
		r.t.Error("half a file is at the target")
	}
	parts := r.beside("big")
	if len(parts) != 1 {
		r.t.Fatalf("%d parts are kept", len(parts))
	}
	info, err := os.Stat(filepath.Join(r.env.Dir, parts[0]))
	if err != nil || info.Size() == 0 {
		r.t.Fatalf("nothing of the first attempt is kept: %v", err)
	}
	const around = 2 << 20 // what protocols say beside the content
	r.Proxy.Mend()
	if info.Size() > 2*around { // then the rest is all that may go through
		r.Proxy.CutAfter(int64(len(content)) - info.Size() + around)
	}
	r.retried("download", with)
	r.Proxy.Mend()
	r.local("big", content)
}

func testUpload(r *rig) {
	if err := os.WriteFile(filepath.Join(r.env.Dir, "report.txt"), []byte("from disk"), 0o666); err != nil {
		r.t.Fatal(err)
	}
	got := r.do("upload", flow.Values{"path": "out/deep/", "from": "report.txt", "folders": true})
	if got["path"] != "out/deep/report.txt" || got["size"] != 9 {
		r.t.Errorf("it gives %v", got)
	}
	r.there("out/deep/report.txt", "from disk")
	for range 2 { // the second time changes nothing more
		r.do("upload", flow.Values{"path": "a.txt", "text": "text"})
	}
	r.there("a.txt", "text")
	r.do("upload", flow.Values{"path": "a.txt", "base64": base64.StdEncoding.EncodeToString([]byte("\xff\x00"))})
	r.there("a.txt", "\xff\x00")
	r.do("upload", flow.Values{"path": "empty"})
	r.there("empty", "")
	content := large(5 << 20)
	if err := os.WriteFile(filepath.Join(r.env.Dir, "big"), []byte(content), 0o666); err != nil {
		r.t.Fatal(err)
	}
	r.do("upload", flow.Values{"path": "big", "from": "big"})
	r.there("big", content)
	r.same("all files", r.Side.All(r.t), []string{"a.txt", "big", "empty", "out/deep/report.txt"})
	if !r.Flat {
		_, err := r.try(r.t.Context(), "upload", flow.Values{"path": "no/such/x", "text": "x"})
		fails(r.t, err, kit.Missing, "no/such")
		_, err = r.try(r.t.Context(), "upload", flow.Values{"path": "out", "text": "x"})
		fails(r.t, err, kit.Invalid, "folder")
	}
	_, err := r.try(r.t.Context(), "upload", flow.Values{"path": "x", "from": "missing"})
	fails(r.t, err, kit.Missing, "missing")
	_, err = r.try(r.t.Context(), "upload", flow.Values{"path": "x", "from": "big", "text": "y"})
	fails(r.t, err, kit.Invalid)
}

func (r *rig) there(path, want string) {
	r.t.Helper()
	if got, ok := r.Side.Get(r.t, path); !ok || got != want {
		r.t.Errorf("%s is there: %v, with %d bytes; want %d", path, ok, len(got), len(want))
	}
}

func testUploadBreaks(r *rig) {
	if err := os.WriteFile(filepath.Join(r.env.Dir, "big"), []byte(large(8<<20)), 0o666); err != nil {
		r.t.Fatal(err)
	}
	r.Side.Put(r.t, "big", "the old one", noon)
	r.listed(nil) // lines are open
	r.Proxy.CutAfter(3 << 20)
	_, err := r.try(r.t.Context(), "upload", flow.Values{"path": "big", "from": "big"})
	fails(r.t, err, kit.Unavailable)
	r.there("big", "the old one")
	r.Proxy.Mend()
	r.same("what a list shows", r.listed(nil), []string{"big"})
	r.retried("upload", flow.Values{"path": "big", "from": "big"})
	r.there("big", large(8<<20))
	r.same("all files after another attempt", r.Side.All(r.t), []string{"big"})
}

func testUploadConditions(r *rig) {
	first := r.do("upload", flow.Values{"path": "a", "text": "one", "mode": "new"})
	r.do("upload", flow.Values{"path": "a", "text": "one", "mode": "new"}) // the same again
	_, err := r.try(r.t.Context(), "upload", flow.Values{"path": "a", "text": "two", "mode": "new"})
	fails(r.t, err, kit.Refused)
	r.there("a", "one")
	r.do("upload", flow.Values{"path": "a", "text": "three", "version": first["version"]})
	r.there("a", "three")
	_, err = r.try(r.t.Context(), "upload", flow.Values{"path": "a", "text": "four!", "version": first["version"]})
	fails(r.t, err, kit.Refused, "changed")
	r.there("a", "three")
	r.same("all files", r.Side.All(r.t), []string{"a"})
}

func testMove(r *rig) {
	r.Side.Put(r.t, "in/a", "x", noon)
	with := flow.Values{"path": "in/a", "to": "done/", "folders": true}
	for range 2 { // the second time it is there already
		got := r.do("move", with)
		if got["path"] != "done/a" || got["from"] != "in/a" {
			r.t.Errorf("it gives %v", got)
		}
	}
	r.Side.Put(r.t, "in/a", "y", noon)
	_, err := r.try(r.t.Context(), "move", flow.Values{"path": "in/a", "to": "done/a", "mode": "new"})
	fails(r.t, err, kit.Refused)
	if r.Flat { // an earlier attempt that copied, and did not come to remove
		r.Side.Put(r.t, "in/copied", "z", noon)
		r.Side.Put(r.t, "done/copied", "z", noon)
		r.do("move", flow.Values{"path": "in/copied", "to": "done/", "mode": "new"})
		r.do("delete", flow.Values{"path": "done/copied"})
	}
	r.there("done/a", "x")
	r.do("move", with)
	r.there("done/a", "y")
	r.same("all files", r.Side.All(r.t), []string{"done/a"})
	_, err = r.try(r.t.Context(), "move", flow.Values{"path": "nothing", "to": "else"})
	fails(r.t, err, kit.Missing, "nothing")
}

func testDelete(r *rig) {
	for _, p := range []string{"a", "d/b", "d/e/c", "k"} {
		r.Side.Put(r.t, p, "x", noon)
	}
	if got := r.do("delete", flow.Values{"path": "a"}); got["deleted"] != true {
		r.t.Errorf("it gives %v", got)
	}
	if got := r.do("delete", flow.Values{"path": "a"}); got["deleted"] != false {
		r.t.Errorf("the second time gives %v", got)
	}
	if !r.Flat {
		_, err := r.try(r.t.Context(), "delete", flow.Values{"path": "d"})
		fails(r.t, err, kit.Refused, "not empty")
	}
	r.do("delete", flow.Values{"path": "d", "all": true})
	r.same("all files", r.Side.All(r.t), []string{"k"})
}

func testOutside(r *rig) {
	r.Side.Put(r.t, "a", "x", noon)
	for _, p := range []string{"../x", "in/../../x", "/etc/passwd", "..", `..\x`} {
		for name, with := range map[string]flow.Values{
			"download": {"path": p, "to": "x"}, "upload": {"path": p, "text": "x"}, "delete": {"path": p},
			"move": {"path": "a", "to": p},
		} {
			_, err := r.try(r.t.Context(), name, with)
			fails(r.t, err, kit.Invalid, "leads out of")
		}
		_, err := r.bind("list", flow.Values{"folder": p}).(kit.Source).Read(r.t.Context(), r.env, nil)
		fails(r.t, err, kit.Invalid, "leads out of")
	}
	_, err := r.try(r.t.Context(), "delete", flow.Values{"path": ".", "all": true})
	fails(r.t, err, kit.Invalid, "own folder")
	r.same("all files", r.Side.All(r.t), []string{"a"})
}

func testNames(r *rig) {
	names := []string{" lead", "a b.csv", "back\\slash", "Ω.txt", "q'uo\"te", "‛E9", "semi;colon", "100%", "a+b", "[x]", "#1?x=y"}
	if !r.Plain {
		names = append(names, "caf\xe9", "two\nlines")
	}
	slices.Sort(names)
	for _, n := range names {
		r.Side.Put(r.t, "in/"+n, "content of "+n, noon)
	}
	got := r.listed(flow.Values{"folder": "in", "pattern": "*"})
	if len(got) != len(names) {
		r.t.Fatalf("listed: %q, want %q", got, names)
	}
	for i, p := range got {
		to := fmt.Sprint("copy", i)
		r.do("download", flow.Values{"path": p, "to": to})
		r.local(to, "content of "+names[i])
		r.do("move", flow.Values{"path": p, "to": "out/", "folders": true})
		r.there("out/"+names[i], "content of "+names[i])
	}
}

// events takes what a trigger gives.
type events struct {
	r    *rig
	come chan kit.Event
	stop context.CancelFunc
	end  chan error
	mark flow.Cursor // stored, as the engine would
	fail bool
}

func (r *rig) listen(mark flow.Cursor, with flow.Values) *events {
	r.t.Helper()
	ctx, stop := context.WithCancel(r.t.Context())
	e := &events{r: r, come: make(chan kit.Event), stop: stop, end: make(chan error, 1), mark: mark}
	env := r.env
	env.Marked = func(context.Context) (flow.Cursor, error) { return e.mark, nil }
	env.Mark = func(_ context.Context, to flow.Cursor) error {
		e.mark = to
		e.come <- kit.Event{Cause: "mark"}
		return nil
	}
	for k, v := range map[string]any{"interval": "100ms", "settle": "0s"} {
		if _, set := with[k]; !set {
			with[k] = v
		}
	}
	o := r.bind("new_files", with).(kit.Listener)
	go func() {
		e.end <- o.Listen(ctx, env, func(ctx context.Context, event kit.Event) (kit.Receipt, error) {
			if e.fail {
				e.fail = false
				return kit.Receipt{}, errors.New("the disk is full")
			}
			e.mark = event.Mark
			select {
			case e.come <- event:
			case <-ctx.Done():
			}
			return kit.Receipt{}, nil
		})
	}()
	return e
}

// next is what comes next.
func (e *events) next() []string {
	e.r.t.Helper()
	select {
	case event := <-e.come:
		if event.Cause == "mark" {
			return []string{"mark"}
		}
		var all []string
		for _, d := range event.Data {
			m := d.(map[string]any)
			all = append(all, m["change"].(string)+" "+m["path"].(string))
		}
		return all
	case err := <-e.end:
		e.r.t.Fatalf("it does not listen any more: %v", err)
	}
	return nil
}

func (e *events) want(what ...string) {
	e.r.t.Helper()
	for _, w := range what {
		e.r.same("comes", e.next(), []string{w})
	}
}

func (e *events) close() {
	e.r.t.Helper()
	e.stop()
	if err := <-e.end; !errors.Is(err, context.Canceled) {
		e.r.t.Errorf("it ends with %v", err)
	}
}

func testNewFiles(r *rig) {
	r.Side.Put(r.t, "old", "x", noon)
	e := r.listen(nil, flow.Values{"recursive": true})
	e.want("mark")
	r.Side.Put(r.t, "in/a", "x", noon) // older than what is there, and as old as the other
	e.want("created in/a")
	r.Side.Put(r.t, "in/b", "x", noon)
	e.want("created in/b")
	e.close()
	r.Side.Put(r.t, "while-closed", "x", noon.Add(-time.Hour))
	r.Side.Put(r.t, "old", "longer", noon.Add(time.Hour))
	e = r.listen(e.mark, flow.Values{"recursive": true})
	e.want("changed old", "created while-closed")
	e.close()
	e = r.listen(e.mark, flow.Values{"recursive": true})
	r.Side.Put(r.t, "z", "x", noon)
	e.want("created z") // and nothing of before
	e.close()
}

func testExisting(r *rig) {
	for i := range 3 {
		r.Side.Put(r.t, fmt.Sprint("f", i), "x", noon)
	}
	e := r.listen(nil, flow.Values{"existing": true, "together": true})
	e.fail = true // it is given again
	e.want("mark")
	r.same("all at once", e.next(), []string{"created f0", "created f1", "created f2"})
	e.close()
	all, err := r.bind("new_files", nil).(kit.Starter).Start(r.t.Context(), r.env)
	if err != nil || len(all) != 3 {
		r.t.Errorf("a start by hand gives %d, %v", len(all), err)
	}
}

func testGrowing(r *rig) {
	e := r.listen(nil, flow.Values{"settle": "300ms"})
	e.want("mark")
	r.Side.Put(r.t, "a", "half", noon)
	r.Side.Put(r.t, "b", "done", noon)
	r.Side.Put(r.t, "a", "half and half", noon.Add(time.Second))
	e.want("created a", "created b")
	e.close()
	if r.Side.Put(r.t, "a", "half and half", noon.Add(time.Second)); len(r.log) == 0 {
		r.t.Error("nobody says what is watched")
	}
}

func testConnection(r *rig) {
	r.Side.Put(r.t, "in/a", "x", noon)
	r.Side.Put(r.t, "b", "x", noon)
	c := r.Connector.Connection()
	if problems := c.Fields().Bind("s", r.With); len(problems) > 0 {
		r.t.Fatal(problems)
	}
	heard := 0
	env := r.env
	env.Checked = func(kit.Check) { heard++ }
	checks := c.Test(r.t.Context(), env)
	for _, check := range checks {
		if !check.OK {
			r.t.Errorf("%s: %s; %s", check.Name, check.What, check.Fix)
		}
	}
	if len(checks) < 4 || heard != len(checks) || !strings.Contains(checks[len(checks)-1].What, "1 file, 1 folder") {
		r.t.Errorf("%d checks, %d heard of: %+v", len(checks), heard, checks)
	}
	catalog := c.(kit.Catalog)
	top, err := catalog.Entities(r.t.Context(), env, "", "")
	if err != nil || len(top.Entities) != 2 || top.Entities[1].Path != "in" || !top.Entities[1].Within || !top.Entities[0].Holds {
		r.t.Errorf("the top holds %+v, %v", top.Entities, err)
	}
	in, err := catalog.Entities(r.t.Context(), env, "in", "")
	if err != nil || len(in.Entities) != 1 || in.Entities[0].Path != "in/a" {
		r.t.Errorf("in holds %+v, %v", in.Entities, err)
	}
	one, err := catalog.Entity(r.t.Context(), env, "in/a")
	if err != nil || one.Kind != "file" || len(one.Fields) == 0 {
		r.t.Errorf("in/a is %+v, %v", one, err)
	}
	_, err = catalog.Entities(r.t.Context(), env, "..", "")
	fails(r.t, err, kit.Invalid)
}

func testMissing(r *rig) {
	r.Side.Put(r.t, "there", "x", noon)
	_, err := r.try(r.t.Context(), "download", flow.Values{"path": "no.csv", "to": "x"})
	fails(r.t, err, kit.Missing, "no.csv")
	if !r.Flat {
		_, err = r.bind("list", flow.Values{"folder": "none"}).(kit.Source).Read(r.t.Context(), r.env, nil)
		fails(r.t, err, kit.Missing, "none")
	}
}

func testDown(r *rig) {
	r.Proxy.CutAfter(0)
	_, err := r.bind("list", nil).(kit.Source).Read(r.t.Context(), r.env, nil)
	fails(r.t, err, kit.Unavailable)
	r.Proxy.Stop()
	_, err = r.bind("list", nil).(kit.Source).Read(r.t.Context(), r.env, nil)
	fails(r.t, err, kit.Unavailable)
}

func testSilent(r *rig) {
	r.Side.Put(r.t, "a", "x", noon)
	r.listed(nil)
	r.Proxy.Mute()
	ctx, cancel := context.WithCancel(r.t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := r.try(ctx, "download", flow.Values{"path": "a", "to": "x"})
		ended <- err
	}()
	r.Proxy.Swallowed()
	cancel()
	if err := <-ended; kit.AsFailure(err).Kind != kit.Stopped {
		r.t.Errorf("it ends with %v", err)
	}
}

func testLost(r *rig) {
	r.Side.Put(r.t, "a", "x", noon)
	r.listed(nil)
	r.Proxy.Cut()
	r.retried("download", flow.Values{"path": "a", "to": "x"})
	r.local("x", "x")
}

// retried performs an action until it fails no longer with what passes by itself, as the
// engine does: a line may be found lost, or a server may still be busy with what was cut.
func (r *rig) retried(name string, with flow.Values) {
	r.t.Helper()
	err := Retried(func() error {
		_, err := r.try(r.t.Context(), name, with)
		return err
	})
	if err != nil {
		r.t.Errorf("%s %v: %v", name, with, err)
	}
}

func testClients(r *rig) {
	for _, op := range r.Connector.Ops {
		o := op.New()
		if problems := o.Fields().Bind("s", r.With); len(problems) > 0 {
			r.t.Fatal(problems)
		}
		client, ok := o.(kit.Client)
		if !ok {
			r.t.Errorf("%s tells nobody whom it asks", op.ID)
			continue
		}
		if host, _ := client.Service(); host == "" {
			r.t.Errorf("%s asks nobody", op.ID)
		}
	}
}
