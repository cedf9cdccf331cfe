package filter

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// service grades by lists of "field op", behind ~ those that it does roughly.
func service(list string, can Able) Able {
	grades := map[string]Grade{}
	for _, s := range strings.Split(list, ",") {
		s = strings.TrimSpace(s)
		if rough, ok := strings.CutPrefix(s, "~"); ok {
			grades[rough] = Roughly
		} else {
			grades[s] = Exactly
		}
	}
	can.Takes = func(c Compare) Grade { return grades[c.Field+" "+string(c.Op)] }
	return can
}

func TestSplit(t *testing.T) {
	every := Able{And: true, Or: true, Not: true, Mixed: true, Limit: true}
	tests := []struct {
		name              string
		can               Able
		src, pushed, rest string
	}{
		{"all", service("a =, b >", every), `a = 1 and not (b > 2 or a = 3) limit 5`, `a = 1 and not (b > 2 or a = 3) limit 5`, ``},
		{"nothing", Able{}, `a = 1 limit 5`, ``, `a = 1 limit 5`},
		{"limit alone", Able{Limit: true}, `limit 5`, `limit 5`, ``},
		{"limit stays where something stays", service("a =", every), `a = 1 and b = 2 limit 5`, `a = 1`, `b = 2 limit 5`},
		{"part of an and", service("a =, c =", every), `a = 1 and b = 2 and c = 3`, `a = 1 and c = 3`, `b = 2`},
		{"one of an and", service("a =, c =", Able{}), `b = 2 and a = 1 and c = 3`, `a = 1`, `b = 2 and c = 3`},
		{"one of an and, the exact one", service("~a =, c =", Able{}), `a = 1 and c = 3`, `c = 3`, `a = 1`},
		{"no part of an or", service("a =", every), `a = 1 or b = 2`, ``, `a = 1 or b = 2`},
		{"what the parts of an or have", service("a =", every), `a = 1 and b = 2 or a = 3 and c = 4`, `a = 1 or a = 3`, `a = 1 and b = 2 or a = 3 and c = 4`},
		{"roughly", service("a contains", every), `a contains 'x'`, `a contains 'x'`, ``},
		{"roughly stays", service("~a contains", every), `a contains 'x' limit 5`, `a contains 'x'`, `a contains 'x' limit 5`},
		{"not of roughly", service("~a contains", every), `not a contains 'x'`, ``, `not a contains 'x'`},
		{"between as two", service("a >=, a <=", every), `a between 1 and 2`, `a >= 1 and a <= 2`, ``},
		{"between by half", service("a >=", every), `a between 1 and 2`, `a >= 1`, `a <= 2`},
		{"in as equals", service("a =", every), `a in (1, 2)`, `a = 1 or a = 2`, ``},
		{"in of one", service("a =", Able{}), `a in (1)`, `a = 1`, ``},
		{"in stays whole", service("~a =", every), `a in (1, 2)`, `a = 1 or a = 2`, `a in (1, 2)`},
		{"greater by greater or equal", service("a >=", every), `a > 1`, `a >= 1`, `a > 1`},
		{"less by less or equal", service("a <=", every), `a < 1`, `a <= 1`, `a < 1`},
		{"a field alone", service("a =", every), `a`, `a = true`, ``},
		{"not, turned", service("a =, a !=", Able{And: true, Or: true}), `not a = 1`, `a != 1 or a = null`, ``},
		{"not of a group, turned", service("a =, a !=, b =, b !=", Able{And: true, Or: true}), `not (a = null or b = null)`, `a != null and b != null`, ``},
		{"not in a group, by part", service("a =, a !=", Able{And: true, Or: true, Mixed: true}), `not (a = null or b = null)`, `a != null`, `not b = null`},
		{"nothing mixed", service("a =, b =", Able{And: true, Or: true}), `a = 1 and (b = 1 or b = 2)`, `a = 1`, `b = 1 or b = 2`},
		{"nothing mixed, the other way", service("a =, b =", Able{And: true, Or: true}), `a = 1 or b = 1 and b = 2`, ``, `a = 1 or b = 1 and b = 2`},
		{"constants are judged here", service("a =", every), `a = 1 and null`, `a = 1`, `null`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			pushed, rest := Split(mustParse(t, tt.src), tt.can)
			if Print(pushed) != tt.pushed || Print(rest) != tt.rest {
				t.Errorf("pushed %s, rest %s\n  want %s, rest %s", pushed, rest, tt.pushed, tt.rest)
			}
		})
	}
}

// randomAble does what it takes; grades says of each comparison how, so that the test can
// act as the service.
func randomAble(rnd *rand.Rand) Able {
	grades := map[string]Grade{}
	yes := func() bool { return rnd.IntN(3) > 0 }
	return Able{
		And: yes(), Or: yes(), Not: yes(), Mixed: yes(), Limit: yes(),
		Takes: func(c Compare) Grade {
			key := c.Field + string(c.Op)
			if _, ok := grades[key]; !ok {
				grades[key] = Grade(rnd.IntN(3))
			}
			return grades[key]
		},
	}
}

// rough is what a service gives that does some comparisons roughly: any row that fulfils
// them, and by chance others.
func rough(x Expr, can Able, rnd *rand.Rand, r any) bool {
	switch x := x.(type) {
	case And:
		for _, one := range x {
			if !rough(one, can, rnd, r) {
				return false
			}
		}
		return true
	case Or:
		for _, one := range x {
			if rough(one, can, rnd, r) {
				return true
			}
		}
		return false
	case Not:
		return !rough(x.Expr, can, rnd, r)
	case Compare:
		if can.Takes(x) == Roughly && rnd.IntN(2) == 0 {
			return true
		}
	case nil:
		return true
	}
	return Filter{Where: x}.Matcher(randomTypes()).Match(r)
}

// within says what of a pushed condition a service could not take.
func within(x Expr, can Able, inside string) error {
	switch x := x.(type) {
	case And:
		if !can.And && inside != "not" || !can.Mixed && inside == "or" {
			return fmt.Errorf("an and in %q", inside)
		}
		return withinAll(x, can, "and")
	case Or:
		if !can.Or || !can.Mixed && inside == "and" {
			return fmt.Errorf("an or in %q", inside)
		}
		return withinAll(x, can, "or")
	case Not:
		if !can.Not {
			return fmt.Errorf("a not")
		}
		return within(x.Expr, can, "not")
	case Compare:
		if can.Takes(x) == Never {
			return fmt.Errorf("%s", Print(Filter{Where: x}))
		}
		return nil
	}
	return fmt.Errorf("%T", x)
}

func withinAll(list []Expr, can Able, inside string) error {
	for _, x := range list {
		if err := within(x, can, inside); err != nil {
			return err
		}
	}
	return nil
}

func TestWhatIsSplitComesTogetherAgain(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 3))
	types := randomTypes()
	some, whole := 0, 0
	for range 3000 {
		f, can := randomFilter(rnd), randomAble(rnd)
		pushed, rest := Split(f, can)
		if pushed.Where != nil {
			if err := within(pushed.Where, can, ""); err != nil {
				t.Fatalf("%s: pushed %s, and the service does not take %v", f, pushed, err)
			}
			some++
		}
		if pushed.Limit > 0 && !rest.Empty() {
			t.Fatalf("%s: pushed %s and left %s", f, pushed, rest)
		}
		if rest.Empty() {
			whole++
		}
		want, serve, local := f.Matcher(types), 0, rest.Matcher(types)
		for range 40 {
			r := randomRecord(rnd)
			wanted, _ := want.Take(r)
			got := rough(pushed.Where, can, rnd, r) && (pushed.Limit == 0 || serve < pushed.Limit)
			if got {
				serve++
				got, _ = local.Take(r)
			}
			if got != wanted {
				t.Fatalf("%s: pushed %s, rest %s, on %v: %v, want %v", f, pushed, rest, r, got, wanted)
			}
		}
	}
	if some < 500 || whole < 100 {
		t.Errorf("only %d were pushed, %d of them whole", some, whole)
	}
}
