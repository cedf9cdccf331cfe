package filter

import (
	"fmt"
	"strings"
	"testing"
)

// tree writes a filter as the reference does: chains to the left, and brackets where they
// change something.
func tree(f Filter) string {
	var inner string
	if f.Where != nil {
		inner = treeOf(f.Where)
	}
	switch {
	case f.Limit == 0:
		return inner
	case inner == "":
		return fmt.Sprintf("(limit %d)", f.Limit)
	}
	return fmt.Sprintf("(limit %d %s)", f.Limit, inner)
}

func treeOf(x Expr) string {
	switch x := x.(type) {
	case And:
		return chainOf("and", x, 3)
	case Or:
		return chainOf("or", x, 2)
	case Not:
		return "(not " + partOf(x.Expr, 3) + ")"
	case Truth:
		return "(field " + x.Field + ")"
	case Constant:
		return valueOf(x.Value)
	case Compare:
		words := []string{string(x.Op), x.Field}
		for _, v := range x.Values {
			words = append(words, valueOf(v))
		}
		return "(" + strings.Join(words, " ") + ")"
	}
	return "?"
}

func chainOf(word string, parts []Expr, least int) string {
	s := partOf(parts[0], least)
	for _, x := range parts[1:] {
		s = "(" + word + " " + s + " " + partOf(x, least) + ")"
	}
	return s
}

func partOf(x Expr, least int) string {
	if x.strength() < least {
		return "(paren " + treeOf(x) + ")"
	}
	return treeOf(x)
}

func valueOf(v Value) string {
	switch v.Kind {
	case Null:
		return "null"
	case String:
		return "str:" + v.Text
	case Number:
		return "num:" + v.Text
	case DateTime:
		return "dt:" + v.Text
	}
	return string(v.Kind) + ":" + v.Text
}

func TestParseReadsWhatAppFlowReads(t *testing.T) {
	tests := []struct{ src, tree, printed string }{
		{`price > 100`, `(> price num:100)`, ``},
		{`price>=100`, `(>= price num:100)`, `price >= 100`},
		{`qty < -2.5`, `(< qty num:-2.5)`, ``},
		{`qty <= 0`, `(<= qty num:0)`, ``},
		{`status = 'open'`, `(= status str:open)`, ``},
		{`status != "closed"`, `(!= status str:closed)`, `status != 'closed'`},
		{`name contains 'ann'`, `(contains name str:ann)`, ``},
		{`name CONTAINS "o'neil"`, `(contains name str:o'neil)`, `name contains "o'neil"`},
		{`active = true`, `(= active bool:true)`, ``},
		{`active != FALSE`, `(!= active bool:false)`, `active != false`},
		{`deletedAt = null`, `(= deletedAt null)`, ``},
		{`note = ''`, `(= note str:)`, ``},
		{`due between 2024-01-01 and 2024-01-31`, `(between due date:2024-01-01 date:2024-01-31)`, ``},
		{`updatedAt between 2024-05-01T00:00:00Z and 2024-05-02T08:30:00.250Z`, `(between updatedAt dt:2024-05-01T00:00:00Z dt:2024-05-02T08:30:00.250Z)`, ``},
		{`id in ('a1', 'a2', 'a3')`, `(in id str:a1 str:a2 str:a3)`, ``},
		{`qty IN (5)`, `(in qty num:5)`, `qty in (5)`},
		{`a = 1 and b = 2 or c = 3`, `(or (and (= a num:1) (= b num:2)) (= c num:3))`, ``},
		{`a = 1 or b = 2 and c = 3`, `(or (= a num:1) (and (= b num:2) (= c num:3)))`, ``},
		{`(a = 1 or b = 2) and c = 3`, `(and (paren (or (= a num:1) (= b num:2))) (= c num:3))`, ``},
		{`not a = 1 and b = 2`, `(and (not (= a num:1)) (= b num:2))`, ``},
		{`not (a = 1 and b = 2)`, `(not (paren (and (= a num:1) (= b num:2))))`, ``},
		{`a = 1 and b = 2 and c = 3`, `(and (and (= a num:1) (= b num:2)) (= c num:3))`, ``},
		{`qty between 1 and 9 and status = 'open'`, `(and (between qty num:1 num:9) (= status str:open))`, ``},
		{`Account.Owner-Id = '0051'`, `(= Account.Owner-Id str:0051)`, ``},
		{`LIMIT 25`, `(limit 25)`, `limit 25`},
		{`status = 'open' LIMIT 100`, `(limit 100 (= status str:open))`, `status = 'open' limit 100`},
		{`path = 'it\'s'`, `(= path str:it\'s)`, `path = "it\'s"`},
		{`archived`, `(field archived)`, ``},
		{`name = 'x' or not active = true`, `(or (= name str:x) (not (= active bool:true)))`, ``},
		// Beyond the reference's rows, by its rules.
		{`'x'`, `str:x`, ``},
		{`null or 5`, `(or null num:5)`, ``},
		{`a > null`, `(> a null)`, ``},
		{`And = 1`, `(= And num:1)`, ``},
		{`NULL = 1`, `(= NULL num:1)`, ``},
		{`a=10and b=-0.50`, `(and (= a num:10) (= b num:-0.50))`, `a = 10 and b = -0.50`},
		{`path = 'C:\'`, `(= path str:C:\)`, `path = E'C:\\'`},
		{`a = 'x\' or b = 'y'`, ``, ``},
		{`a contains'x'`, `(contains a str:x)`, `a contains 'x'`},
		{"note = 'two\nlines'", "(= note str:two\nlines)", ``},
		{`((a = 1))`, `(= a num:1)`, `a = 1`},
		{`a = 1 and (b = 2 and c = 3)`, `(and (= a num:1) (paren (and (= b num:2) (= c num:3))))`, ``},
		{`not not a`, `(not (not (field a)))`, ``},
		{`d = 0001-01-01`, `(= d date:0001-01-01)`, ``},
		{`t = 2024-01-01T24:00:00Z`, `(= t dt:2024-01-01T24:00:00Z)`, ``},
		{`n = 123456789012345678901234567890.5`, `(= n num:123456789012345678901234567890.5)`, ``},
		// Ours.
		{"`order date` > 2024-01-01", `(> order date date:2024-01-01)`, ``},
		{"`in` = 1 and `plain` = 2 and `a``b` = 3 and `` = 4", "(and (and (and (= in num:1) (= plain num:2)) (= a`b num:3)) (=  num:4))", "`in` = 1 and plain = 2 and `a``b` = 3 and `` = 4"},
		{`a = E'it\'s "x"\\'`, `(= a str:it's "x"\)`, ``},
		{`a = e"tab\tline\n"`, "(= a str:tab\tline\n)", "a = 'tab\tline\n'"},
		{`limit 5`, `(limit 5)`, ``},
		{`a = 'ü' and b = "日本"`, `(and (= a str:ü) (= b str:日本))`, `a = 'ü' and b = '日本'`},
	}
	for _, tt := range tests {
		t.Run(tt.src, func(t *testing.T) {
			f, err := Parse(tt.src)
			if tt.tree == "" {
				if err == nil {
					t.Fatalf("it is read as %s", tree(f))
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := tree(f); got != tt.tree {
				t.Errorf("tree is %s\n    want %s", got, tt.tree)
			}
			want := tt.printed
			if want == "" {
				want = tt.src
			}
			if got := Print(f); got != want {
				t.Errorf("printed %s\n   want %s", got, want)
			}
			if again, err := Parse(want); err != nil || !Same(again, f) || tree(again) != tree(f) {
				t.Errorf("read back it is %s, %v", tree(again), err)
			}
		})
	}
}

func TestParseRefusesAndSaysHowToMendIt(t *testing.T) {
	tests := []struct {
		src          string
		line, column int
		what, fix    string
	}{
		{`os == "x"`, 1, 5, `there is no ==`, `write =`},
		{`a <> 1`, 1, 4, `there is no <>`, `write !=`},
		{`a => 1`, 1, 4, `there is no =>`, `write >=`},
		{`a = NULL`, 1, 5, `NULL is the name of a field`, `write null`},
		{`a = x`, 1, 5, `x stands where a value should`, `put a text in quotes: 'x'`},
		{`a in ()`, 1, 7, `the list is empty`, `in (1, 2)`},
		{`a in (1,)`, 1, 9, `a value is missing`, `delete the comma`},
		{`a in (true)`, 1, 7, `true goes only with = and !=`, `= true`},
		{`a not in (1)`, 1, 3, `not stands before`, `write not a in`},
		{`a > true`, 1, 5, `true goes only with`, `= true`},
		{`a between true and false`, 1, 11, `true goes only with`, `= true`},
		{`t = 2021-04-20T12:30:45+01:00`, 1, 5, `is not written as date-times are here`, `write 2021-04-20T11:30:45Z`},
		{`t = 2021-04-20T12:30Z`, 1, 5, `is not written as`, `write 2021-04-20T12:30:00Z`},
		{`t = 2021-04-20t12:30:00z`, 1, 5, `is not written as`, `write 2021-04-20T12:30:00Z`},
		{`t = 2021-04-20 12:30:00`, 1, 5, `is not written as`, `write 2021-04-20T12:30:00Z`},
		{`d = 2021-13-01`, 1, 5, `is no date`, `such as 2024-05-01`},
		{`a = 'x`, 1, 5, `has no end`, `close it with '`},
		{`a = 'it''s'`, 1, 9, `"'s'" stands where and, or`, `a quote in a text`},
		{`a = 1 And b = 2`, 1, 7, `"And" stands where`, `write and`},
		{`a Contains 'x'`, 1, 3, `Contains is no word`, `write contains`},
		{`a = 1 LIMIT 0`, 1, 13, `a limit of 0`, `1 or more`},
		{`LIMIT 10 LIMIT 10`, 1, 10, `stands behind the limit`, `the last of a filter`},
		{`(a = 1`, 1, 7, `where the bracket of line 1, column 1 should close`, `add )`},
		{`a = 1)`, 1, 6, `closes none`, `delete it`},
		{`()`, 1, 2, `nothing in the brackets`, `put a condition`},
		{`a = 1e5`, 1, 5, `1e5 has an exponent`, `write 100000`},
		{`a = 1 b = 2`, 1, 7, `"b" stands where and, or`, `and or or`},
		{`a = 1, b = 2`, 1, 6, `"," stands where`, `write and`},
		{``, 1, 1, `there is no condition`, `status = 'open'`},
		// What AppFlow's lexer drops without a word.
		{`a ! = 1`, 1, 3, `"!" means nothing here`, `!=`},
		{`_id = 5`, 1, 1, `"_" means nothing here`, "`_id`"},
		{"`a = 1", 1, 1, `the name that begins here has no end`, "`"},
		{"a = 1 and\n  ü = 2", 2, 3, `"ü" means nothing here`, "backquotes"},
		{`a = 1 && b = 2`, 1, 7, `"&" means`, `write and`},
		{`a = 1; b = 2`, 1, 6, `";" means`, `delete it`},
		{`a = +5`, 1, 5, `"+" means`, `write a number as`},
		{`a = 5.`, 1, 6, `"." means`, `0.5`},
		{`a = .5`, 1, 5, `"." means`, `0.5`},
		{`a = ‘x’`, 1, 5, `"‘" means`, `write '`},
		{"a = \xff", 1, 5, `not UTF-8`, ``},
		{"a = '\x00' \x00", 1, 9, `means nothing`, ``},
		// Days that pass AppFlow's grammar.
		{`d = 2024-02-31`, 1, 5, `no day or time`, `one that exists`},
		{`d = 2024-01-00`, 1, 5, `no day or time`, ``},
		{`t = 2024-01-01T24:30:00Z`, 1, 5, `no day or time`, ``},
		// Other languages.
		{`a is null`, 1, 3, `there is no is`, `a = null`},
		{`a like 'x%'`, 1, 3, `there is no like`, `a contains`},
		{`a eq 5`, 1, 3, `there is no eq`, `write =`},
		{`lower(a) = 'x'`, 1, 6, `no functions`, `compare the field itself`},
		{`a contaisn 'x'`, 1, 3, `stands behind the field a`, `contains?`},
		{`active = true and true`, 1, 19, `true stands alone`, `active = true`},
		{`in = 5`, 1, 1, `stands where a condition should begin`, "`in`"},
		{`a between 1`, 1, 12, `between has one value`, `between 1 and 9`},
		{`a = E'\q'`, 1, 7, `\q means nothing in a text`, `\\`},
		{`a = E'x`, 1, 5, `has no end`, `close it with '`},
		{`limit 99999999999999999999`, 1, 7, `too great`, `leave it out`},
		{`limit x`, 1, 7, `limit is followed by "x"`, `limit 100`},
		{`a = 5 limit`, 1, 12, `limit is followed by the end`, `limit 100`},
		{`(a = 1 limit 10)`, 1, 8, `where the bracket`, `)`},
		{strings.Repeat("(", 501) + "a" + strings.Repeat(")", 501), 1, 501, `500 deep`, `take it apart`},
	}
	for _, tt := range tests {
		t.Run(tt.src, func(t *testing.T) {
			f, err := Parse(tt.src)
			if err == nil {
				t.Fatalf("it is read as %s", tree(f))
			}
			p, ok := ProblemOf(err)
			if !ok {
				t.Fatalf("%v is no problem", err)
			}
			if p.Line != tt.line || p.Column != tt.column || !strings.Contains(p.What, tt.what) || !strings.Contains(p.Fix, tt.fix) || p.Fix == "" || p.Code != Malformed {
				t.Errorf("got %d:%d %s; %s\nwant %d:%d …%s…; …%s…", p.Line, p.Column, p.What, p.Fix, tt.line, tt.column, tt.what, tt.fix)
			}
		})
	}
}

func TestPlacesAreThoseOfTheFields(t *testing.T) {
	f, err := Parse("a = 1\n and (`ü ü` > 2 or\n\tb)")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, u := range f.uses() {
		got = append(got, fmt.Sprintf("%s %d:%d", u.field, u.at.Line, u.at.Column))
	}
	if want := "a 1:1, ü ü 2:7, b 3:2"; strings.Join(got, ", ") != want {
		t.Errorf("got %s, want %s", strings.Join(got, ", "), want)
	}
}

func TestAppFlowIsToldWhatItCannotTake(t *testing.T) {
	tests := []struct{ src, want string }{
		{`a = 'x' and b.c-d > 5 limit 10`, ``},
		{`limit 5`, `no limit below 10`},
		{"`my field` = 1", `cannot name the field "my field"`},
		{"`limit` = 1", `cannot name the field "limit"`},
		{"_ignored", ``},
		{`a = E'it\'s "it"'`, `cannot hold the text`},
		{`a in ('x', 'C:\')`, `cannot hold the text E'C:\\'`},
		{`E'\\'`, `cannot hold the text`},
	}
	for _, tt := range tests {
		f, err := Parse(tt.src)
		if err != nil {
			continue
		}
		var got []string
		for _, p := range f.Portable() {
			got = append(got, p.What)
		}
		if (tt.want == "") != (len(got) == 0) || !strings.Contains(strings.Join(got, "; "), tt.want) {
			t.Errorf("%s: got %q, want %q", tt.src, got, tt.want)
		}
	}
}

func TestParseValueReadsOneValue(t *testing.T) {
	for src, want := range map[string]string{
		`'x'`: "str:x", ` 12 `: "num:12", `2024-05-01`: "date:2024-05-01", `null`: "null", `TRUE`: "bool:true",
		`x`: "put a text in quotes", `1 2`: "one value is wanted", ``: "it ends", `2024-02-30`: "no day",
	} {
		v, err := ParseValue(src)
		got := valueOf(v)
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, want) {
			t.Errorf("%q is %s, want %s", src, got, want)
		}
	}
}

func FuzzWhatIsPrintedIsReadBack(f *testing.F) {
	for _, s := range []string{
		`a = 1 and (b = 2 or not c in ('x', "y'", E'\'"\\')) limit 5`, "`a``b` contains 'x\\'", `a between 2024-01-01 and null or 'x'`, `not (not a)`,
		`a = 'x\' or b = 'y'`, `t >= 2024-01-01T00:00:00.5Z`, "a = -0.0\tAND\n TRUE", `x = e"\u"`, `a and (b and (c or d or (e or f)))`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		first, err := Parse(src)
		if err != nil {
			if p, ok := ProblemOf(err); !ok || p.Line < 1 || p.Column < 1 || p.What == "" || p.Fix == "" {
				t.Fatalf("%q: %#v", src, err)
			}
			return
		}
		printed := Print(first)
		again, err := Parse(printed)
		if err != nil {
			t.Fatalf("%q printed %q: %v", src, printed, err)
		}
		if tree(again) != tree(first) || Print(again) != printed {
			t.Fatalf("%q is %s, printed %q and read %s", src, tree(first), printed, tree(again))
		}
	})
}
