package transforms

import (
	"sync"

	"github.com/itchyny/gojq"
)

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

var preludeQuery = sync.OnceValues(func() (*gojq.Query, error) { return gojq.Parse(prelude) })

// loader hands the prelude to gojq's compiler.
type loader struct{}

func (loader) LoadInitModules() ([]*gojq.Query, error) {
	q, err := preludeQuery()
	return []*gojq.Query{q}, err
}
