package transforms

import "github.com/itchyny/gojq"

// prelude defines what Jackfield changes in jq or adds to it. Programs see it as if
// it stood before them, so that their own definitions win.
const prelude = `
def now: $__now;
def localtime: gmtime;
def strflocaltime(f): strftime(f);
def debug: .;
def debug(message): .;
def stderr: .;
def keys_unsorted: keys;
def leaf_paths: paths(scalars);
def recurse_down: recurse;
def pow10: exp10;
def ascii: [.] | implode;
def toarray: if type == "array" then . else [.] end;
def date: todate;
def dateadd(unit; n): . + n;
def datesub(unit; n): . - n;
def have_literal_numbers: true;
def have_decnum: false;
`

// loader hands the prelude to gojq's compiler.
type loader struct{ prelude *gojq.Query }

func (l loader) LoadInitModules() ([]*gojq.Query, error) {
	return []*gojq.Query{l.prelude}, nil
}

func compileQuery(q *gojq.Query) (*gojq.Code, error) {
	definitions, err := gojq.Parse(prelude)
	if err != nil {
		return nil, err
	}
	return gojq.Compile(q, gojq.WithVariables(variables), gojq.WithModuleLoader(loader{definitions}))
}
