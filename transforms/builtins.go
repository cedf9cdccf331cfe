package transforms

import (
	"slices"
	"strings"
	"sync"
)

// Builtin is a function that every program has.
type Builtin struct {
	Name      string
	Arity     int
	Signature string // test(re; flags)
	Summary   string // one line
	Example   string // a program that uses it, needing no input
}

// Builtins lists the functions that every program has, by name and number of
// arguments. What Jackfield keeps closed, as input and halt, is not among them.
func Builtins() []Builtin { return slices.Clone(builtinList()) }

var builtinList = sync.OnceValue(func() []Builtin {
	list := make([]Builtin, len(builtinTable))
	for i, row := range builtinTable {
		name, arguments, some := strings.Cut(row[0], "(")
		arity := 0
		if some {
			arity = strings.Count(arguments, ";") + 1
		}
		list[i] = Builtin{Name: name, Arity: arity, Signature: row[0], Summary: row[1], Example: row[2]}
	}
	slices.SortFunc(list, func(a, b Builtin) int {
		if c := strings.Compare(a.Name, b.Name); c != 0 {
			return c
		}
		return a.Arity - b.Arity
	})
	return list
})

type signature struct {
	name  string
	arity int
}

var builtinSet = sync.OnceValue(func() map[signature]bool {
	set := map[signature]bool{}
	for _, b := range builtinList() {
		set[signature{b.Name, b.Arity}] = true
	}
	return set
})

// isBuiltin says whether every program has this function.
func isBuiltin(name string, arity int) bool { return builtinSet()[signature{name, arity}] }

// arities lists with how many arguments every program has this function.
func arities(name string) []int {
	var out []int
	for _, b := range builtinList() {
		if b.Name == name {
			out = append(out, b.Arity)
		}
	}
	return out
}

// builtinTable has the signature, the summary and an example of each function.
var builtinTable = [][3]string{
	// What there is in a value.
	{"length", "How long a text, an array or an object is; of a number its size without the sign.", `[1, 2, 3] | length`},
	{"utf8bytelength", "How many bytes a text takes in UTF-8.", `"größe" | utf8bytelength`},
	{"not", "True for null and false, false for all else.", `true | not`},
	{"keys", "The keys of an object, sorted, or the places of an array.", `{b: 1, a: 2} | keys`},
	{"keys_unsorted", "The keys of an object; here they are sorted too.", `{b: 1, a: 2} | keys_unsorted`},
	{"has(key)", "Whether an object has this key, or an array this place.", `{a: null} | has("a")`},
	{"in(object)", "Whether this key is in that object: has, the other way round.", `"a" | in({a: 1})`},
	{"contains(part)", "Whether a text holds a text, or a structure all of another.", `{tags: ["new", "hot"]} | contains({tags: ["hot"]})`},
	{"inside(whole)", "Whether this is contained in another: contains, the other way round.", `"ack" | inside("jackfield")`},
	{"type", "The kind of a value: null, boolean, number, string, array or object.", `1.5 | type`},
	{"empty", "Gives nothing at all.", `[1, empty, 2]`},
	{"error", "Fails with the input as message.", `try ("no price" | error) catch .`},
	{"error(message)", "Fails with this message.", `try error("no price") catch .`},
	{"builtins", "The names of all functions as name/arguments.", `builtins | length`},
	{"env", "The environment, which is empty here.", `env`},
	{"now", "When the run started, in seconds since 1970.", `now | todate`},
	{"debug", "Passes its input on; messages are not shown here.", `1 | debug`},
	{"debug(message)", "Passes its input on; messages are not shown here.", `1 | debug("seen")`},
	{"stderr", "Passes its input on; messages are not shown here.", `1 | stderr`},
	{"have_decnum", "Whether decimals keep all their digits: false.", `have_decnum`},
	{"have_literal_numbers", "Whether big whole numbers keep all their digits: true.", `have_literal_numbers`},

	// Choosing and repeating.
	{"select(f)", "Passes its input on where f holds, else gives nothing.", `[1, 5, 3] | map(select(. > 2))`},
	{"map(f)", "Applies f to each member of an array.", `[1, 2, 3] | map(. * 10)`},
	{"map_values(f)", "Applies f to each value of an object, keeping the keys.", `{a: 1, b: 2} | map_values(. + 1)`},
	{"recurse", "The value and everything inside of it, as .. does.", `[[1], 2] | [recurse]`},
	{"recurse(f)", "The value, f of it, f of that, and so on until f gives nothing.", `2 | [recurse(if . < 20 then . * . else empty end)]`},
	{"recurse(f; condition)", "As recurse(f), as long as the condition holds.", `2 | [recurse(. * .; . < 20)]`},
	{"recurse_down", "An old name of recurse.", `[[1]] | [recurse_down]`},
	{"range(end)", "The numbers from 0 up to, but without, end.", `[range(4)]`},
	{"range(start; end)", "The numbers from start up to, but without, end.", `[range(2; 5)]`},
	{"range(start; end; step)", "The numbers from start towards end by steps.", `[range(0; 10; 3)]`},
	{"while(condition; next)", "The value and what next makes of it, as long as the condition holds.", `1 | [while(. < 100; . * 2)]`},
	{"until(condition; next)", "Applies next until the condition holds.", `[4, 1] | until(.[0] < 1; [.[0] - 1, .[1] * .[0]])`},
	{"repeat(f)", "The value, f of it, f of that, and so on without end.", `1 | [limit(5; repeat(. * 2))]`},
	{"limit(n; f)", "The first n values of f.", `[limit(3; range(10))]`},
	{"skip(n; f)", "All values of f but the first n.", `[skip(3; range(6))]`},
	{"first", "The first member of an array.", `[7, 8, 9] | first`},
	{"first(f)", "The first value of f.", `first(range(10))`},
	{"last", "The last member of an array.", `[7, 8, 9] | last`},
	{"last(f)", "The last value of f.", `last(range(10))`},
	{"nth(n)", "The member of an array at place n, counted from 0.", `[7, 8, 9] | nth(1)`},
	{"nth(n; f)", "The value of f at place n, counted from 0.", `nth(2; range(10))`},
	{"isempty(f)", "Whether f gives nothing.", `isempty(empty)`},
	{"all", "Whether every member of an array is true.", `[true, false] | all`},
	{"all(condition)", "Whether the condition holds for every member.", `[1, 2] | all(. > 0)`},
	{"all(f; condition)", "Whether the condition holds for every value of f.", `all(1, 2; . > 0)`},
	{"any", "Whether a member of an array is true.", `[true, false] | any`},
	{"any(condition)", "Whether the condition holds for a member.", `[1, 2] | any(. > 1)`},
	{"any(f; condition)", "Whether the condition holds for a value of f.", `any(1, 2; . > 1)`},
	{"walk(f)", "Applies f to every part of a value, the innermost first.", `[1, [2]] | walk(if type == "number" then . + 1 else . end)`},

	// Arrays.
	{"add", "Adds up the members of an array: numbers, texts, arrays or objects.", `[1, 2, 3] | add`},
	{"add(f)", "Adds up the values of f.", `[{n: 1}, {n: 2}] | add(.[].n)`},
	{"join(separator)", "Makes one text of an array of texts and numbers.", `["a", 1, "c"] | join(", ")`},
	{"flatten", "Takes the arrays inside of an array apart.", `[1, [2, [3]]] | flatten`},
	{"flatten(depth)", "Takes the arrays inside apart, this many levels deep.", `[1, [2, [3]]] | flatten(1)`},
	{"reverse", "An array from its end to its beginning.", `[1, 2, 3] | reverse`},
	{"sort", "An array in order: null, false, true, numbers, texts, arrays, objects.", `[3, 1, 2] | sort`},
	{"sort_by(f)", "An array in the order of what f gives for each member.", `[{n: 2}, {n: 1}] | sort_by(.n)`},
	{"group_by(f)", "Arrays of the members for which f gives the same.", `[{k: 1}, {k: 2}, {k: 1}] | group_by(.k)`},
	{"unique", "An array in order, each value once.", `[2, 1, 2] | unique`},
	{"unique_by(f)", "One member for each value of f, in the order of f.", `["ab", "c", "de"] | unique_by(length)`},
	{"min", "The smallest member of an array.", `[3, 1, 2] | min`},
	{"min_by(f)", "The member for which f is smallest.", `[{n: 2}, {n: 1}] | min_by(.n)`},
	{"max", "The greatest member of an array.", `[3, 1, 2] | max`},
	{"max_by(f)", "The member for which f is greatest.", `[{n: 2}, {n: 1}] | max_by(.n)`},
	{"transpose", "Turns rows into columns.", `[[1, 2], [3, 4]] | transpose`},
	{"combinations", "Every choice of one member from each array.", `[[1, 2], [3, 4]] | [combinations]`},
	{"combinations(n)", "Every choice of n members of an array, in order and with repeats.", `[0, 1] | [combinations(2)]`},
	{"bsearch(value)", "The place of a value in a sorted array; where it is missing, minus the place it would have, less one.", `[1, 3, 5] | bsearch(3)`},
	{"index(part)", "The first place of a value in an array, or of a text in a text.", `"a,b, cd" | index(", ")`},
	{"rindex(part)", "The last place of a value in an array, or of a text in a text.", `"a,b,c" | rindex(",")`},
	{"indices(part)", "All places of a value in an array, or of a text in a text.", `"a,b,c" | indices(",")`},
	{"toarray", "An array as it is, all else as an array of one.", `1 | toarray`},
	{"IN(f)", "Whether the input is one of the values of f.", `2 | IN(1, 2, 3)`},
	{"IN(f; g)", "Whether a value of f is one of the values of g.", `IN(1, 9; 1, 2, 3)`},
	{"INDEX(f)", "An object of the members of an array, by the key that f gives.", `[{id: 1}, {id: 2}] | INDEX(.id)`},
	{"INDEX(source; f)", "An object of the values of source, by the key that f gives.", `INDEX({id: 1}, {id: 2}; .id)`},
	{"JOIN(index; key)", "Pairs each member of an array with its row in an index.", `[{id: 1}] | JOIN({"1": "one"}; .id | tostring)`},
	{"JOIN(index; source; key)", "Pairs each value of source with its row in an index.", `[JOIN({"1": "one"}; {id: 1}; .id | tostring)]`},
	{"JOIN(index; source; key; f)", "Pairs each value of source with its row in an index, and applies f to the pair.", `JOIN({"1": {name: "one"}}; {id: 1}; .id | tostring; add)`},

	// Objects and paths.
	{"to_entries", "An array of {key, value} for each member of an object.", `{a: 1} | to_entries`},
	{"from_entries", "An object of an array of {key, value} or {name, value}.", `[{key: "a", value: 1}] | from_entries`},
	{"with_entries(f)", "Applies f to each {key, value} of an object.", `{a: 1} | with_entries(.key |= ascii_upcase)`},
	{"del(path)", "Takes away what is at a path.", `{a: 1, b: 2} | del(.b)`},
	{"delpaths(paths)", "Takes away what is at each of an array of paths.", `{a: 1, b: 2} | delpaths([["b"]])`},
	{"pick(path)", "Keeps what is at the paths, and nothing else.", `{a: 1, b: {c: 2, d: 3}} | pick(.b.c)`},
	{"path(f)", "The path that f takes, as an array of keys and places.", `{a: [5]} | path(.a[0])`},
	{"paths", "The paths of everything inside of a value.", `{a: [5]} | [paths]`},
	{"paths(condition)", "The paths of what the condition holds for.", `{a: [5]} | [paths(type == "number")]`},
	{"leaf_paths", "The paths of everything that is no array and no object.", `{a: [5]} | [leaf_paths]`},
	{"getpath(path)", "What is at a path, null where there is nothing.", `{a: [5]} | getpath(["a", 0])`},
	{"setpath(path; value)", "Puts a value at a path.", `{} | setpath(["a", "b"]; 1)`},
	{"tostream", "The leaves of a value as a stream of [path, value].", `{a: [5]} | [tostream]`},
	{"fromstream(f)", "The values that a stream of [path, value] stands for.", `fromstream([["a"], 1], [["a"]])`},
	{"truncate_stream(f)", "A stream without the first levels of its paths; the input says how many.", `[1 | truncate_stream([["a", 0], 5], [["a", 0]])]`},

	// Texts.
	{"tostring", "A text as it is, all else as JSON.", `[1] | tostring`},
	{"tonumber", "The number that a text stands for.", `"12.5" | tonumber`},
	{"toboolean", "The truth value that a text stands for.", `"true" | toboolean`},
	{"tojson", "The value as JSON text.", `{a: 1} | tojson`},
	{"fromjson", "The value that a JSON text stands for.", `"[1, 2]" | fromjson`},
	{"ascii_downcase", "A text with the letters A to Z made small.", `"Ada" | ascii_downcase`},
	{"ascii_upcase", "A text with the letters a to z made capital.", `"Ada" | ascii_upcase`},
	{"ascii", "The text of one character, from its number.", `65 | ascii`},
	{"explode", "The numbers of a text's characters.", `"Ada" | explode`},
	{"implode", "The text that an array of characters' numbers stands for.", `[65, 100, 97] | implode`},
	{"startswith(text)", "Whether a text begins with another.", `"jackfield" | startswith("jack")`},
	{"endswith(text)", "Whether a text ends with another.", `"jackfield" | endswith("field")`},
	{"ltrimstr(text)", "A text without another at its beginning.", `"v1.2" | ltrimstr("v")`},
	{"rtrimstr(text)", "A text without another at its end.", `"12 EUR" | rtrimstr(" EUR")`},
	{"trimstr(text)", "A text without another at both ends.", `"*x*" | trimstr("*")`},
	{"trim", "A text without white space at both ends.", `"  x " | trim`},
	{"ltrim", "A text without white space at its beginning.", `"  x " | ltrim`},
	{"rtrim", "A text without white space at its end.", `"  x " | rtrim`},
	{"split(separator)", "The parts of a text between separators.", `"a, b" | split(", ")`},
	{"split(re; flags)", "The parts of a text between the matches of an expression.", `"a1b22c" | split("[0-9]+"; null)`},
	{"splits(re)", "As split(re; flags), one by one.", `["a1b2c" | splits("[0-9]")]`},
	{"splits(re; flags)", "As split(re; flags), one by one.", `["aXbxc" | splits("x"; "i")]`},
	{"test(re)", "Whether an expression matches a text somewhere.", `"order 17" | test("[0-9]")`},
	{"test(re; flags)", "As test(re); the flags are g, i and m.", `"ORDER" | test("order"; "i")`},
	{"match(re)", "Where and what an expression matches.", `"order 17" | match("[0-9]+").string`},
	{"match(re; flags)", "As match(re); g gives every match.", `["1 22" | match("[0-9]+"; "g").string]`},
	{"capture(re)", "An object of the named groups that an expression matches.", `"2026-10" | capture("(?<year>[0-9]+)-(?<month>[0-9]+)")`},
	{"capture(re; flags)", "As capture(re); the flags are g, i and m.", `"a=1" | capture("(?<key>[A-Z])="; "i")`},
	{"scan(re)", "Every match of an expression: its text, or the texts of its groups.", `["a1 b2" | scan("[a-z][0-9]")]`},
	{"scan(re; flags)", "As scan(re); the flags are i and m.", `["a1 B2" | scan("[a-z][0-9]"; "i")]`},
	{"sub(re; text)", "A text with the first match replaced; named groups are fields.", `"2026-10" | sub("(?<y>[0-9]+)-(?<m>[0-9]+)"; "\(.m)/\(.y)")`},
	{"sub(re; text; flags)", "As sub(re; text); g replaces every match.", `"a.b.c" | sub("[.]"; "/"; "g")`},
	{"gsub(re; text)", "A text with every match replaced.", `"a.b.c" | gsub("[.]"; "/")`},
	{"gsub(re; text; flags)", "As gsub(re; text); the flags are i and m.", `"aXbx" | gsub("x"; "-"; "i")`},
	{"format(name)", "The value written as @name does.", `["a", 1] | format("csv")`},

	// Kinds.
	{"arrays", "Passes arrays on and nothing else.", `[1, []] | map(arrays)`},
	{"objects", "Passes objects on and nothing else.", `[1, {}] | map(objects)`},
	{"iterables", "Passes arrays and objects on.", `[1, []] | map(iterables)`},
	{"booleans", "Passes true and false on.", `[1, true] | map(booleans)`},
	{"numbers", "Passes numbers on.", `[1, "a"] | map(numbers)`},
	{"finites", "Passes numbers on that are not infinite.", `[1, infinite] | map(finites)`},
	{"normals", "Passes numbers on that are neither 0, infinite nor too small.", `[1, 0] | map(normals)`},
	{"strings", "Passes texts on.", `[1, "a"] | map(strings)`},
	{"nulls", "Passes null on.", `[1, null] | map(nulls)`},
	{"values", "Passes everything on but null.", `[1, null] | map(values)`},
	{"scalars", "Passes everything on but arrays and objects.", `[1, []] | map(scalars)`},

	// Dates.
	{"todate", "The text of a time: 2026-10-07T09:30:00Z.", `0 | todate`},
	{"fromdate", "The time that such a text stands for, in seconds since 1970.", `"1970-01-02T00:00:00Z" | fromdate`},
	{"todateiso8601", "As todate.", `0 | todateiso8601`},
	{"fromdateiso8601", "As fromdate.", `"1970-01-02T00:00:00Z" | fromdateiso8601`},
	{"date", "As todate.", `0 | date`},
	{"dateadd(unit; seconds)", "A time this many seconds later; the unit is not looked at.", `0 | dateadd("seconds"; 60)`},
	{"datesub(unit; seconds)", "A time this many seconds earlier; the unit is not looked at.", `60 | datesub("seconds"; 60)`},
	{"strptime(format)", "Reads a time from a text by a format, as an array of its parts.", `"07.10.2026" | strptime("%d.%m.%Y") | mktime`},
	{"strftime(format)", "Writes a time by a format, in UTC.", `0 | strftime("%d.%m.%Y")`},
	{"strflocaltime(format)", "As strftime: the zone is UTC here.", `0 | strflocaltime("%H:%M")`},
	{"mktime", "The seconds since 1970 of a time in parts.", `[1970, 0, 2, 0, 0, 0, 0, 0] | mktime`},
	{"gmtime", "The parts of a time: year, month from 0, day, hour, minute, second, day of week, day of year.", `0 | gmtime`},
	{"localtime", "As gmtime: the zone is UTC here.", `0 | localtime`},

	// Numbers.
	{"abs", "A number without its sign.", `-5 | abs`},
	{"fabs", "A number without its sign, as a fraction.", `-5 | fabs`},
	{"floor", "The whole number at or below.", `1.7 | floor`},
	{"ceil", "The whole number at or above.", `1.2 | ceil`},
	{"round", "The nearest whole number, halves away from zero.", `2.5 | round`},
	{"trunc", "The whole part of a number.", `-1.7 | trunc`},
	{"nearbyint", "The nearest whole number, halves to the even one.", `2.5 | nearbyint`},
	{"rint", "As nearbyint.", `2.5 | rint`},
	{"sqrt", "The square root.", `9 | sqrt`},
	{"cbrt", "The cube root.", `27 | cbrt`},
	{"pow(base; exponent)", "A power.", `pow(2; 10)`},
	{"pow10", "Ten to the power of the input.", `3 | pow10`},
	{"exp", "e to the power of the input.", `0 | exp`},
	{"exp2", "Two to the power of the input.", `3 | exp2`},
	{"exp10", "Ten to the power of the input.", `2 | exp10`},
	{"expm1", "exp less one, exact near zero.", `0 | expm1`},
	{"log", "The natural logarithm.", `1 | log`},
	{"log2", "The logarithm to the base two.", `8 | log2`},
	{"log10", "The logarithm to the base ten.", `1000 | log10`},
	{"log1p", "The natural logarithm of the input and one, exact near zero.", `0 | log1p`},
	{"logb", "The exponent of a number in binary.", `10 | logb`},
	{"significand", "A number in binary without its exponent.", `10 | significand`},
	{"frexp", "A number as [fraction, exponent] in binary.", `10 | frexp`},
	{"ldexp(fraction; exponent)", "The number of a fraction and an exponent in binary.", `ldexp(0.5; 3)`},
	{"scalb(number; exponent)", "A number times a power of two.", `scalb(3; 2)`},
	{"scalbln(number; exponent)", "A number times a power of two.", `scalbln(3; 2)`},
	{"modf", "A number as [fraction, whole part].", `1.5 | modf`},
	{"fma(x; y; z)", "x times y plus z, rounded once.", `fma(2; 3; 4)`},
	{"fmod(x; y)", "The remainder of x / y with the sign of x.", `fmod(7.5; 2)`},
	{"drem(x; y)", "What is left of x from the nearest multiple of y.", `drem(5; 3)`},
	{"remainder(x; y)", "What is left of x from the nearest multiple of y.", `remainder(5; 3)`},
	{"fdim(x; y)", "x less y, or 0 where that is negative.", `fdim(5; 3)`},
	{"fmax(x; y)", "The greater of two numbers.", `fmax(1; 2)`},
	{"fmin(x; y)", "The smaller of two numbers.", `fmin(1; 2)`},
	{"hypot(x; y)", "The length of the diagonal of a rectangle.", `hypot(3; 4)`},
	{"copysign(x; y)", "x with the sign of y.", `copysign(3; -1)`},
	{"nextafter(x; y)", "The next number after x towards y.", `nextafter(1; 2) > 1`},
	{"nexttoward(x; y)", "As nextafter.", `nexttoward(1; 2) > 1`},
	{"sin", "The sine.", `0 | sin`},
	{"cos", "The cosine.", `0 | cos`},
	{"tan", "The tangent.", `0 | tan`},
	{"asin", "The angle with this sine.", `0 | asin`},
	{"acos", "The angle with this cosine.", `1 | acos`},
	{"atan", "The angle with this tangent.", `0 | atan`},
	{"atan2(y; x)", "The angle of a point, from the x axis.", `atan2(0; 1)`},
	{"sinh", "The hyperbolic sine.", `0 | sinh`},
	{"cosh", "The hyperbolic cosine.", `0 | cosh`},
	{"tanh", "The hyperbolic tangent.", `0 | tanh`},
	{"asinh", "The inverse of sinh.", `0 | asinh`},
	{"acosh", "The inverse of cosh.", `1 | acosh`},
	{"atanh", "The inverse of tanh.", `0 | atanh`},
	{"gamma", "The gamma function.", `5 | gamma`},
	{"tgamma", "The gamma function.", `5 | tgamma`},
	{"lgamma", "The logarithm of the gamma function.", `1 | lgamma`},
	{"erf", "The error function of statistics.", `0 | erf`},
	{"erfc", "One less the error function of statistics.", `0 | erfc`},
	{"j0", "The Bessel function of the first kind, order 0.", `0 | j0`},
	{"j1", "The Bessel function of the first kind, order 1.", `0 | j1`},
	{"jn(n; x)", "The Bessel function of the first kind, order n.", `jn(2; 0)`},
	{"y0", "The Bessel function of the second kind, order 0.", `1 | y0`},
	{"y1", "The Bessel function of the second kind, order 1.", `1 | y1`},
	{"yn(n; x)", "The Bessel function of the second kind, order n.", `yn(2; 1)`},
	{"infinite", "Infinity; in JSON the greatest number there is.", `infinite | isinfinite`},
	{"nan", "What is no number; null in JSON.", `nan | isnan`},
	{"isinfinite", "Whether a number is infinite.", `1 | isinfinite`},
	{"isfinite", "Whether a value is a number and not infinite.", `1 | isfinite`},
	{"isnan", "Whether a number is nan.", `1 | isnan`},
	{"isnormal", "Whether a number is neither 0, infinite nor too small.", `0 | isnormal`},
}
