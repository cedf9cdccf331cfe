package enginetest

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"jackfield/flow"
)

// flowTexts are flow files by the ids of their flows.
type flowTexts map[flow.ID]string

func (f flowTexts) String() string {
	var all strings.Builder
	for _, id := range slices.Sorted(maps.Keys(f)) {
		fmt.Fprintf(&all, "\n# %s\n%s", id, f[id])
	}
	return all.String()
}

// randomFlows writes a flow "f" out of steps of every effect, with branches, barriers,
// joins, containers in containers, waits of hours, retries and failures, and a flow "sub"
// of the same kind that it may call, or start and wait for. The steps that count each time
// are called once….
func randomFlows(rnd *rand.Rand, rules ...string) flowTexts {
	g := &grower{rnd: rnd, rules: rules, calls: true}
	items := "{n: 1}, {n: 2}, {n: 3}"
	paged := rnd.IntN(2) == 0
	if !paged && rnd.IntN(2) == 0 {
		items += ", " + items
	}
	g.step("start", "test.start, with: {items: ["+items+"]}")
	if paged {
		g.step("pages", fmt.Sprintf("test.pages, with: {pages: %d, size: %d, mark: true}", 1+rnd.IntN(3), 1+rnd.IntN(3)), "start")
		g.open = []string{"pages"}
	} else {
		g.open = []string{"start"}
	}
	for range 2 + rnd.IntN(6) {
		g.grow()
	}
	flows := flowTexts{"f": g.text()}
	sub := &grower{rnd: rnd, rules: rules, n: g.n}
	for left := 1 + rnd.IntN(3); left > 0 || sub.steps.Len() == 0; left-- {
		sub.grow()
	}
	flows["sub"] = sub.text()
	return flows
}

// grower grows a flow from its open outlets. No step gets one record by two ways, so
// that a key stands for one delivery; where ways meet, new records come of it, or each
// record goes on once.
type grower struct {
	rnd          *rand.Rand
	rules        []string
	calls        bool // there is a flow "sub"
	steps, edges strings.Builder
	open         []string // of the scope that grows
	in           []string // the containers around it
	n            int
	paired       bool // a second join of pairs would make very many records
}

func (g *grower) text() string {
	return "jackfield: 1\nname: Random\nsteps:\n" + g.steps.String() + "edges:\n" + g.edges.String()
}

func (g *grower) step(name, uses string, from ...string) {
	if len(g.in) > 0 {
		uses += ", in: " + g.in[len(g.in)-1]
	}
	fmt.Fprintf(&g.steps, "  - {id: %s, uses: %s}\n", name, uses)
	for _, o := range from {
		switch {
		case o == "": // it takes what comes into its scope
		case g.rnd.IntN(4) == 0:
			fmt.Fprintf(&g.edges, "  - {from: %s, to: %s, when: .n != 2}\n", o, name)
		default:
			fmt.Fprintf(&g.edges, "  - %s -> %s\n", o, name)
		}
	}
}

// then puts a mapping behind an outlet.
func (g *grower) then(name, from, mapping string) {
	fmt.Fprintf(&g.edges, "  - %s -> %s\n", from, name)
	g.step(name, "test.map, map: '"+mapping+"'")
	g.open = append(g.open, name)
}

// from draws the outlet behind which a step grows; "" is the beginning of the scope.
func (g *grower) from() string {
	if len(g.open) == 0 {
		return ""
	}
	if o := g.rnd.IntN(len(g.open) + 1); o < len(g.open) {
		return g.open[o]
	}
	if inside := len(g.in) > 0 || !g.calls; inside {
		return ""
	}
	return g.open[0]
}

// grow adds a step or a few that belong together.
func (g *grower) grow() {
	g.n++
	n, from := g.n, g.from()
	name := func(kind string) string { return fmt.Sprint(kind, n) }
	tries := ", retry: {tries: 3, first: 1ms}"
	rule := ", uncertain: " + g.rules[g.rnd.IntN(len(g.rules))]
	deliver := func(name, uses string) {
		g.step(name, uses, from)
		g.open = append(g.open, name)
		if g.rnd.IntN(3) == 0 {
			g.open = append(g.open, name+".failed")
		}
	}
	if g.rnd.IntN(3) == 0 {
		tries += fmt.Sprintf(", parallel: %d", 2+g.rnd.IntN(3))
	}
	switch g.rnd.IntN(16) {
	case 0:
		maps := []string{". + {x: 1}", "., . + {twice: true}", "select(.n != 3)"}
		g.step(name("map"), "test.map, map: '"+maps[g.rnd.IntN(len(maps))]+"'", from)
		g.open = append(g.open, name("map"))
	case 1:
		g.step(name("test"), "test.test, with: {when: .n % 2 == 0}", from)
		g.open = append(g.open, name("test")+".true", name("test")+".false")
	case 2:
		g.step(name("all"), "test.collect", g.several(from, 3)...)
		g.then(name("apart"), name("all"), ".[]")
	case 3:
		deliver(name("send"), "test.send"+tries)
	case 4:
		deliver(name("bulk"), "test.sendall, with: {table: x}"+tries)
	case 5:
		deliver(name("file"), "test.file"+tries)
	case 6:
		deliver(name("once"), "test.mail"+tries+rule)
	case 7:
		deliver(name("oncebulk"), "test.mailall, with: {table: x}"+tries+rule)
	case 8:
		g.step(name("ask"), "test.ask", from)
		g.open = append(g.open, name("ask")+".approved")
	case 9:
		g.step(name("pause"), "test.wait, timeout: 1s", from)
		g.open = append(g.open, name("pause")+".failed")
	case 10:
		deliver(name("oncepost"), "test.post, map: '{body: ., counts: (.n % 2 == 1)}'"+tries+rule)
	case 11:
		g.step(name("later"), `test.later, with: {in: '"\(.n)m"'}`, from)
		g.open = append(g.open, name("later"))
	case 12:
		g.join(name, from)
	case 13, 14:
		g.contain(name, from)
	case 15:
		g.call(name, from, deliver)
	}
}

// several is one open outlet with others, at most so many.
func (g *grower) several(from string, most int) []string {
	all := []string{from}
	for range g.rnd.IntN(most) {
		if len(g.open) == 0 || from == "" {
			break
		}
		if o := g.open[g.rnd.IntN(len(g.open))]; !slices.Contains(all, o) {
			all = append(all, o)
		}
	}
	return all
}

// join lets two ways meet or more.
func (g *grower) join(name func(string) string, from string) {
	ways := g.several(from, 4)
	if len(ways) < 2 {
		return
	}
	switch g.rnd.IntN(5) {
	case 0:
		g.step(name("lists"), "test.join, with: {as: lists}", ways...)
		g.then(name("apart"), name("lists"), ".[][]")
	case 1: // the same data has the same key: which of them goes on is all one
		g.step(name("any"), "test.join, with: {as: any, key: .}", ways...)
		g.open = append(g.open, name("any"))
	case 2:
		g.step(name("stream"), "test.join, with: {as: stream}", ways...)
		g.step(name("all"), "test.collect", name("stream"))
		g.then(name("apart"), name("all"), ".[]")
	case 3:
		g.step(name("keyed"), "test.join, with: {as: keyed, key: .n}", ways[:2]...)
		g.then(name("met"), name("keyed"), "{n: .key}")
		g.then(name("alone"), name("keyed")+".unmatched", "{n}")
	case 4:
		if g.paired {
			return
		}
		g.paired = true
		g.step(name("pairs"), "test.join, with: {as: pairs, key: .n}", ways[:2]...)
		g.then(name("met"), name("pairs"), ". + {n: .key}")
		g.open = append(g.open, name("pairs")+".unmatched")
	}
}

// contain grows a container with what is in it.
func (g *grower) contain(name func(string) string, from string) {
	if len(g.in) == 2 {
		return
	}
	id, gives := name("each"), []string{"list", "results", "record"}[g.rnd.IntN(3)]
	if g.rnd.IntN(3) == 0 {
		id = name("scope")
		g.step(id, "test.scope, with: {give: "+gives+"}", from)
	} else {
		items := []string{"[., {n: (.n + 1)}]", "[range(.n % 3) | {n: (. + 1)}]", "[{n: 1}, {n: 2}, {n: 3}]"}
		more := []string{"", ", at_once: 1", ", stop_when: .n == 2"}
		g.step(id, fmt.Sprintf("test.each, with: {items: '%s', give: %s%s}", items[g.rnd.IntN(3)], gives, more[g.rnd.IntN(3)]), from)
	}
	outside := g.open
	g.open, g.in = nil, append(g.in, id)
	for range 1 + g.rnd.IntN(3) {
		g.grow()
	}
	if len(g.open) == 0 {
		g.step(name("leaf"), "test.map")
	}
	g.open, g.in = outside, g.in[:len(g.in)-1]
	if gives == "list" {
		g.then(name("had"), id, "{n: (.n // 0), results: (.results | length)}")
	} else {
		g.open = append(g.open, id)
	}
	if g.rnd.IntN(2) == 0 {
		g.open = append(g.open, id+".failed")
	}
	if g.rnd.IntN(3) == 0 {
		g.open = append(g.open, id+".finally")
	}
}

// call calls the other flow, or starts it and waits for its end later.
func (g *grower) call(name func(string) string, from string, deliver func(name, uses string)) {
	switch {
	case !g.calls:
	case g.rnd.IntN(2) == 0:
		deliver(name("call"), "test.call, with: {flow: sub}")
	default:
		g.step(name("fork"), "test.fork, with: {flow: sub}", from)
		g.step(name("meanwhile"), "test.send, map: '{body: {n}}'", name("fork"))
		fmt.Fprintf(&g.edges, "  - %s -> %s\n", name("fork"), name("later"))
		g.step(name("later"), "test.later, with: {run: .run}")
		g.then(name("joined"), name("later"), "del(.run)")
	}
}
