package flow

import (
	"math"
	"math/big"
	"math/rand/v2"
	"strconv"
	"time"
)

// randomFlow makes a flow without a fault in it, with the strangest texts and values
// that a flow may hold.
func randomFlow(rnd *rand.Rand) Flow {
	f := Flow{Name: someText(rnd), Note: maybeText(rnd)}
	if rnd.IntN(2) == 0 {
		f.Settings = Settings{
			Timeout: someDuration(rnd), Keep: rnd.IntN(100), Quota: rnd.Int64N(1<<50) >> rnd.IntN(50), Retries: rnd.IntN(3), Concurrency: rnd.IntN(3),
			OnFailure: ID(maybeText(rnd)), Unresolved: pick(rnd, ResumeFirst, LeaveIt),
		}
	}
	for i := range rnd.IntN(6) {
		f.Steps = append(f.Steps, randomStep(rnd, i))
	}
	for i := range f.Steps { // a container is before what is in it
		if i > 0 && rnd.IntN(4) == 0 {
			f.Steps[i].In = f.Steps[rnd.IntN(i)].ID
		}
	}
	for i := range f.Steps { // only forth, so that nothing goes round
		for j := i + 1; j < len(f.Steps); j++ {
			if rnd.IntN(2) == 0 && f.Steps[i].In == f.Steps[j].In {
				e := Edge{From: f.Steps[i].ID, To: f.Steps[j].ID, Outlet: pick(rnd, Outlet(""), Failed, "case_1", "on", "null")}
				if rnd.IntN(2) == 0 {
					e.When = maybeText(rnd)
				}
				f.Edges = append(f.Edges, e)
			}
		}
	}
	return f
}

func randomStep(rnd *rand.Rand, i int) Step {
	s := Step{
		ID:         StepID(pick(rnd, "step", "on", "null", "y", "true", "no", "e1", "x_") + strconv.Itoa(i)),
		Title:      maybeText(rnd),
		Uses:       OpID(pick(rnd, "core.map", "http.request", "1.5", "true")),
		Connection: pick(rnd, "", "crm", "no", "2024-01-01"),
		Map:        maybeText(rnd),
		OnError:    pick(rnd, GoOn, StopRun),
		Off:        rnd.IntN(4) == 0,
		At:         Point{float32(rnd.IntN(2000) - 1000), float32(rnd.IntN(2000) - 1000)},
	}
	if i == 0 && rnd.IntN(2) == 0 {
		s.ID = StepID(pick(rnd, "on", "null", "y", "true", "no", "e1"))
	}
	if rnd.IntN(2) == 0 {
		s.Retry = Retry{Tries: rnd.IntN(4), First: someDuration(rnd), Most: someDuration(rnd)}
		s.Retry.Only = pick(rnd, nil, []Code{"busy"}, []Code{"timed-out", "no", "1"})
		s.Timeout = someDuration(rnd)
		s.Rate = pick(rnd, Rate{}, Rate{10, time.Second}, Rate{1, 90 * time.Second})
		s.Uncertain = pick(rnd, AskPerson, DoAgain, LetPass)
		s.Parallel, s.Order = rnd.IntN(4), maybeText(rnd)
	}
	if n := rnd.IntN(5); n > 0 {
		s.With = Values{}
		for range n {
			s.With[someText(rnd)] = someValue(rnd, 3)
		}
	}
	return s
}

func pick[T any](rnd *rand.Rand, from ...T) T { return from[rnd.IntN(len(from))] }

func someDuration(rnd *rand.Rand) time.Duration {
	return pick(rnd, 0, time.Second, time.Minute, time.Hour, 90*time.Minute, 1500*time.Millisecond, time.Microsecond,
		time.Hour+time.Second, time.Duration(rnd.Int64N(1<<50)))
}

func maybeText(rnd *rand.Rand) string {
	if rnd.IntN(3) == 0 {
		return ""
	}
	return someText(rnd)
}

var strangeTexts = []string{
	"true", "1", "null", "~", "2020-01-01", "2020-01-01 10:00:00", "yes", "No", "ON", "y", "0x1F", "0o17", "0777", "1_000", "1e5", "+1", "-1", ".5", "1.", "-", "- a", "--", "---", "...",
	".inf", "-.inf", ".nan", "<<", "=", "#", "a # b", "a: b", "a:", ":a", "[", "]", "{", "}", "{{x}}", "a, b", "a]b", "&a", "*a", "!a", "|", ">", "|\n a", "'", "\"", "'a'", "it's \"it\"", `C:\temp`, "%a", "@a", "`a`", "?", "? a", "12:30", "190:20:30",
	".total > 0", ".a | .b", ".name == \"x\"", "30 2 * * *", "{body: {name: .customer}}\n", "{\n  a: 1\n}", "a\n", "a\n\n", "\na", "\n", "\n\n", " a", "a ", "  a\nb", "a \nb", "a\n b\n", "a\nb \n", "\ta", "a\tb", "\ta\nb", "a\n\tb", "a\r\nb\r\n", "\r", "a\rb",
	"\u0085", "a\u2028b\nc", "\ufeff", "x\ufeff\ny", "\x7f", "\x01\x1b", "\x00", "ü", "😀\n😀", "e\u0301", "\u200b", "\u00a0", "\ufffd", "\uffff", "-> ", "a -> b", "Ünïcode key",
	"a\n# b\nc", "# a\nb", "a\n---\nb", "a\n...\nb", "\n a", " \na", " \n a", "a\n \n", "a\n ", "  \n",
}

func someText(rnd *rand.Rand) string {
	if rnd.IntN(2) == 0 {
		return strangeTexts[rnd.IntN(len(strangeTexts))]
	}
	alphabet := []rune("aabbcc019 .:,#-_\n\n\t\r'\"{}[]|>&*!?%@`\\/=~ü€😀\u0085\u2028\ufeff\x1b")
	s := make([]rune, 1+rnd.IntN(12))
	for i := range s {
		s[i] = alphabet[rnd.IntN(len(alphabet))]
	}
	if rnd.IntN(20) == 0 {
		for len(s) < 300 {
			s = append(s, s...)
		}
	}
	return string(s)
}

func someValue(rnd *rand.Rand, depth int) any {
	kinds := 8
	if depth == 0 {
		kinds = 6
	}
	switch rnd.IntN(kinds) {
	case 0:
		return pick[any](rnd, nil, true, false)
	case 1:
		return int(rnd.Uint64()) >> rnd.IntN(64)
	case 2:
		return pick(rnd, 0.0, math.Copysign(0, -1), 1.0, -2.0, 0.1, 1e15, 1e16, 1e21, 1e-7, 1e300, 5e-324, math.MaxFloat64, math.Inf(1), math.Inf(-1), 1<<53, rnd.NormFloat64())
	case 3:
		n := new(big.Int).Lsh(big.NewInt(1+rnd.Int64N(1<<40)), uint(63+rnd.IntN(200)))
		if rnd.IntN(2) == 0 {
			n.Neg(n)
		}
		return n
	case 4, 5:
		return maybeText(rnd)
	case 6:
		list := make([]any, rnd.IntN(4))
		for i := range list {
			list[i] = someValue(rnd, depth-1)
		}
		return list
	}
	m := map[string]any{}
	for range rnd.IntN(4) {
		m[maybeText(rnd)] = someValue(rnd, depth-1)
	}
	return m
}
