package connectors

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"jackfield/connectors/declared"
	"jackfield/connectors/kit"
	"jackfield/connectors/kit/web"
	"jackfield/flow"
)

// Library is the connectors of a home folder: those that are built in, and those that
// files in its folder "connectors" describe. Who asks for them has the folder looked at,
// once a second at the most; files that changed are read anew, and one with problems
// takes nothing away from the others.
type Library struct {
	home    string
	builtIn kit.Set
	loaders []kit.Loader
	client  *web.Client

	now  atomic.Pointer[kit.Set]
	next atomic.Int64 // when the folder is looked at again, in nanoseconds

	mu    sync.Mutex
	known map[string]*shelved // by the names of files
}

var _ kit.Shelf = (*Library)(nil)

// shelved is a file with what it gave.
type shelved struct {
	kit.Described
	stamp     string
	connector kit.Connector
}

// lookEvery is how often the folder is looked at.
const lookEvery = time.Second

// Open makes the library of a home folder. Who opens one closes it.
func Open(home string) *Library {
	l := &Library{home: home, builtIn: All(home), loaders: loaders(), client: web.NewClient(), known: map[string]*shelved{}}
	l.Look()
	return l
}

// Now gives the connectors, the built-in ones first.
func (l *Library) Now() kit.Set {
	if time.Now().UnixNano() >= l.next.Load() {
		l.Look()
	}
	return *l.now.Load()
}

// Described lists the files that describe connectors.
func (l *Library) Described() []kit.Described {
	l.Look()
	l.mu.Lock()
	defer l.mu.Unlock()
	all := []kit.Described{}
	for _, name := range l.names() {
		all = append(all, l.known[name].Described)
	}
	return all
}

// Close lets go of what all operations share.
func (l *Library) Close() error {
	l.client.Close()
	return l.now.Load().Close()
}

// folder is where the files are. A library without a home has none.
func (l *Library) folder() string { return filepath.Join(l.home, "connectors") }

// Look looks at the folder now.
func (l *Library) Look() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.next.Store(time.Now().Add(lookEvery).UnixNano())
	var files []os.DirEntry
	if l.home != "" {
		files, _ = os.ReadDir(l.folder()) // whoever takes the folder away takes the connectors away
	}
	changed := l.now.Load() == nil
	stamps := stampsOf(files)
	for name, one := range l.known {
		if stamps[name] != one.stamp {
			l.letGo(name)
			changed = true
		}
	}
	for _, f := range files {
		name := f.Name()
		if l.known[name] != nil || stamps[name] == "" {
			continue
		}
		if one := l.load(filepath.Join(l.folder(), name)); one != nil {
			one.stamp = stamps[name]
			l.known[name], changed = one, true
		}
	}
	if changed {
		l.arrange()
	}
}

func (l *Library) letGo(name string) {
	if close := l.known[name].connector.Close; close != nil {
		_ = close() // what is let go of is not asked for errors
	}
	delete(l.known, name)
}

// stampsOf tells by which a file is known to be the same: its own size and time, and those
// of the files beside it whose names begin as its own does, such as its overlay.
func stampsOf(files []os.DirEntry) map[string]string {
	stamps, groups := map[string]string{}, map[string]string{}
	for _, f := range files {
		info, err := f.Info()
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		groups[stem(f.Name())] += fmt.Sprintf("%s %d %d\n", f.Name(), info.Size(), info.ModTime().UnixNano())
		stamps[f.Name()] = ""
	}
	for name := range stamps {
		stamps[name] = groups[stem(name)]
	}
	return stamps
}

// stem is the name of a file up to its first dot.
func stem(name string) string {
	before, _, _ := strings.Cut(name, ".")
	return before
}

// load reads a file. It is nil where the file describes no connector at all.
func (l *Library) load(path string) *shelved {
	name := filepath.Base(path)
	if strings.HasPrefix(name, ".") || strings.Contains(name, ".overlay.") {
		return nil
	}
	ours := slices.DeleteFunc(slices.Clone(l.loaders), func(d kit.Loader) bool {
		return !slices.ContainsFunc(d.Ends, func(end string) bool { return strings.HasSuffix(name, end) })
	})
	if len(ours) == 0 {
		return nil
	}
	one := &shelved{Described: kit.Described{Path: path}}
	text, err := os.ReadFile(path)
	if err != nil {
		one.Problems = []flow.Problem{kit.AsFailure(err).Problem("", "")}
		return one
	}
	for _, loader := range ours {
		if loader.Knows != nil && !loader.Knows(text) {
			continue
		}
		one.Kind = loader.Kind
		one.connector, one.Problems = loader.Load(path)
		one.Connector, one.Title, one.Ops = one.connector.ID, one.connector.Title, len(one.connector.Ops)
		return one
	}
	one.Problems = []flow.Problem{{Code: kit.Malformed, What: name + " describes no connector", Fix: "put one of these there: " + kinds(l.loaders)}}
	return one
}

func kinds(loaders []kit.Loader) string {
	var all []string
	for _, d := range loaders {
		all = append(all, d.Kind)
	}
	return strings.Join(all, ", ")
}

// arrange makes a new set. Of two files that describe a connector of the same id the first
// one counts.
func (l *Library) arrange() {
	set := slices.Clone(l.builtIn)
	for _, name := range l.names() {
		one := l.known[name]
		if one.connector.ID == "" {
			continue
		}
		one.Connector = one.connector.ID
		one.Problems = slices.DeleteFunc(one.Problems, func(p flow.Problem) bool { return p.Code == taken })
		if _, is := set.Connector(one.connector.ID); is {
			one.Connector = ""
			one.Problems = append(one.Problems, flow.Problem{
				Code: taken, What: fmt.Sprintf("there is a connector %q already", one.connector.ID), Fix: "give the file another name",
			})
			continue
		}
		set = append(set, one.connector)
	}
	l.now.Store(&set)
}

// taken is the code of the problem that another connector has the same id.
const taken flow.Code = "taken"

func (l *Library) names() []string {
	var all []string
	for name := range l.known {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

// mostDescription is how long a file that describes a connector may be.
const mostDescription = 32 << 20

// isExample says whether a text is a command line of cURL.
func isExample(from string) bool { return strings.HasPrefix(strings.TrimSpace(from), "curl ") }

// Add takes a file or what is at an address, or drafts a manifest from an example request.
func (l *Library) Add(ctx context.Context, from, name string) (kit.Described, error) {
	text, ending, err := l.fetch(ctx, from, name)
	if err != nil {
		return kit.Described{}, err
	}
	id := IDFrom(cmp.Or(name, from))
	if _, is := l.builtIn.Connector(id); is || id == "" {
		return kit.Described{}, kit.Fail(kit.Invalid, "%q does not serve as the name of a connector", cmp.Or(id, name)).On("name").Hint("name it, with letters and digits, as no other is named")
	}
	if err := os.MkdirAll(l.folder(), 0o755); err != nil {
		return kit.Described{}, kit.AsFailure(err)
	}
	tried, err := os.MkdirTemp(l.folder(), ".new-")
	if err != nil {
		return kit.Described{}, kit.AsFailure(err)
	}
	defer os.RemoveAll(tried)
	path := filepath.Join(tried, id+ending)
	if err := os.WriteFile(path, text, 0o644); err != nil {
		return kit.Described{}, kit.AsFailure(err)
	}
	one := l.load(path)
	if one == nil {
		return kit.Described{}, kit.Fail(kit.Invalid, "%s describes no connector", from).Hint("give one of these: %s", kinds(l.loaders))
	}
	if close := one.connector.Close; close != nil {
		defer close() //nolint:errcheck // it was only tried
	}
	if one.connector.ID == "" {
		return one.Described, nil
	}
	if err := l.removeFiles(id, ending); err != nil {
		return kit.Described{}, err
	}
	one.Path = filepath.Join(l.folder(), id+ending)
	if err := os.Rename(path, one.Path); err != nil {
		return kit.Described{}, kit.AsFailure(err)
	}
	l.Look()
	return one.Described, nil
}

// removeFiles takes away documents of an id with another ending than the one that stays.
func (l *Library) removeFiles(id, stays string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for name, one := range l.known {
		if stem(name) == id && name != id+stays {
			if err := os.Remove(one.Path); err != nil {
				return kit.AsFailure(fmt.Errorf("remove the description: %w", err))
			}
		}
	}
	return nil
}

// Remove takes the file of a connector away.
func (l *Library) Remove(id string) error {
	l.Look()
	if _, is := l.builtIn.Connector(id); is {
		return kit.Fail(kit.Invalid, "%q is built in", id)
	}
	l.mu.Lock()
	found := false
	for name := range l.known {
		found = found || stem(name) == id
	}
	l.mu.Unlock()
	if !found {
		return kit.Fail(kit.Missing, "no file describes a connector %q", id).Hint("jackfield connectors files lists them")
	}
	if err := l.removeFiles(id, ""); err != nil {
		return err
	}
	l.Look()
	return nil
}

// fetch reads a description from a file or an address, or drafts one from an example
// request.
func (l *Library) fetch(ctx context.Context, from, name string) (text []byte, ending string, err error) {
	if isExample(from) {
		pasted, ok := web.Paste(from)
		if !ok {
			return nil, "", kit.Fail(kit.Invalid, "the command line of curl does not read").On("from").Hint("paste it whole, with its address")
		}
		text, err := declared.Draft(ctx, l.client, pasted, name)
		return text, ".yaml", err
	}
	if u, parsed := url.Parse(from); parsed == nil && (u.Scheme == "http" || u.Scheme == "https") {
		site := web.NewSite(l.client)
		site.URL = from
		r, err := site.Send(ctx, kit.Env{}, nil, web.Call{Method: "GET", URL: u})
		if err != nil {
			return nil, "", err
		}
		if r.Status != 200 {
			return nil, "", r.Refusal(time.Now())
		}
		return r.Body, endingOf(u.Path, r.Body), nil
	}
	info, err := os.Stat(from)
	if err != nil {
		return nil, "", kit.AsFailure(err)
	}
	if info.Size() > mostDescription {
		return nil, "", kit.Fail(kit.Refused, "%s is longer than 32 MB", from).Hint("that describes no connector")
	}
	if text, err = os.ReadFile(from); err != nil {
		return nil, "", kit.AsFailure(err)
	}
	return text, endingOf(from, text), nil
}

// endingOf is the ending that the file gets, by its old one or by how it begins.
func endingOf(name string, text []byte) string {
	switch end := strings.ToLower(filepath.Ext(name)); {
	case end == ".yaml" || end == ".yml" || end == ".json" || end == ".wsdl":
		return end
	case strings.HasPrefix(strings.TrimSpace(string(text[:min(len(text), 100)])), "<"):
		return ".wsdl"
	case strings.HasPrefix(strings.TrimSpace(string(text[:min(len(text), 100)])), "{"):
		return ".json"
	}
	return ".yaml"
}

var notID = regexp.MustCompile(`[^a-z0-9]+|^[0-9]+`)

// IDFrom makes the id of a connector of a name, or of where its description is.
func IDFrom(name string) string {
	u, err := url.Parse(name)
	if err == nil && u.Host != "" {
		base := stem(filepath.Base(u.Path))
		for _, plain := range []string{"openapi", "swagger", "api", "spec", "docs", "index", "", "/", "schema"} {
			if strings.EqualFold(base, plain) {
				parts := strings.Split(strings.TrimPrefix(strings.TrimPrefix(u.Hostname(), "www."), "api."), ".")
				base = parts[0]
				break
			}
		}
		name = base
	} else {
		name = stem(filepath.Base(name))
	}
	return notID.ReplaceAllString(strings.ToLower(name), "")
}
