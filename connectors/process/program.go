package process

import (
	"cmp"
	"errors"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"time"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// program is what is to be run, as a person has set it.
type program struct {
	Program  string
	Args     []string
	Shell    bool
	Dir      string
	Env      map[string]string
	Inherit  []string
	Variable string
	Secret   kit.Secret
	Grace    time.Duration
}

// inherited are the variables that a program sees unless a person says otherwise: what
// it needs to be found, to find its user's settings and to write in the right language.
var inherited = []string{"PATH", "HOME", "USER", "LANG", "LC_ALL", "TZ", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "PATHEXT", "USERPROFILE", "APPDATA"}

func newProgram() program {
	return program{Inherit: slices.Clone(inherited), Grace: 5 * time.Second}
}

func (p *program) fields() kit.Fields {
	return kit.Fields{
		kit.Text(&p.Program, "program", "Program").Needed().Eg("python3").
			Help("Its name, or its path; one with a slash starts at the flow file's folder."),
		kit.List(&p.Args, "args", "Arguments").Help("One on each line. They are handed over as they stand: no quoting, no shell."),
	}
}

// more are the settings that few need.
func (p *program) more() kit.Fields {
	return kit.Fields{
		kit.Folder(&p.Dir, "dir", "Folder that it works in").More().Help("Empty is the flow file's folder."),
		kit.Pairs(&p.Env, "env", "Environment").More().Checked(p.checkEnv).Help("Variables that the program is given, beside those below."),
		kit.List(&p.Inherit, "inherit", "Variables of this machine that it may see").More(),
		kit.Text(&p.Variable, "secret_variable", "Variable for a secret").More().Checked(p.checkVariable).Eg("API_TOKEN"),
		kit.Hidden(&p.Secret, "secret", "The secret").More().OnlyIf(func() bool { return p.Variable != "" }),
		kit.Toggle(&p.Shell, "shell", "The program is a line for the shell").More().
			Help("It is given to sh (cmd on Windows); the arguments are $1, $2 and so on there, whatever is in them."),
		kit.Duration(&p.Grace, "grace", "Time to end by itself").More().
			Help("A program that is to end is asked to; after this it is killed, with all that it started."),
	}
}

var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

func (p *program) checkEnv() error {
	for name := range p.Env {
		if !variableName.MatchString(name) {
			return errors.New(quote(name) + " does not serve as the name of a variable; use letters, digits and _")
		}
	}
	return nil
}

func (p *program) checkVariable() error {
	if p.Variable != "" && !variableName.MatchString(p.Variable) {
		return errors.New(quote(p.Variable) + " does not serve as the name of a variable; use letters, digits and _")
	}
	return nil
}

// argv is the command line: the program behind the shell that was asked for.
func (p *program) argv(env kit.Env) (name string, args []string) {
	if p.Shell {
		return shell(p.Program, p.Args)
	}
	name = p.Program
	if strings.ContainsAny(name, `/\`) {
		name = env.Path(name)
	}
	return name, p.Args
}

// command prepares the program for a record. It has not begun.
func (p *program) command(env kit.Env, rec flow.RecordID) (*exec.Cmd, error) {
	name, args := p.argv(env)
	if name == "" {
		return nil, kit.Fail(kit.Invalid, "no program is named").On("program")
	}
	found, err := exec.LookPath(name)
	if err != nil {
		return nil, p.unfound(name, err)
	}
	cmd := exec.Command(found, args...)
	cmd.Dir = env.Path(cmp.Or(p.Dir, env.Dir))
	cmd.Env = p.environment(env, rec)
	return cmd, nil
}

func (p *program) unfound(name string, err error) *kit.Failure {
	var f *kit.Failure
	switch {
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, os.ErrNotExist):
		f = kit.Fail(kit.Missing, "there is no program %s: %w", quote(name), err).Hint("install it, or give its whole path")
	case errors.Is(err, os.ErrPermission):
		f = kit.Fail(kit.Denied, "%s cannot be run: %w", quote(name), err).Hint("allow it to be executed, such as with chmod +x")
	default:
		f = kit.Fail(kit.Invalid, "the program %s: %w", quote(name), err)
	}
	return f.On("program")
}

// environment is all that the program sees: what it may of this machine's, what the step
// gives it, and which run, step and record it works for.
func (p *program) environment(env kit.Env, rec flow.RecordID) []string {
	vars := map[string]string{}
	for _, name := range p.Inherit {
		if v, ok := os.LookupEnv(name); ok {
			vars[name] = v
		}
	}
	vars["JACKFIELD_RUN"], vars["JACKFIELD_STEP"] = string(env.Run), string(env.Step)
	if rec != "" {
		vars["JACKFIELD_KEY"] = env.Key(rec)
	}
	maps.Copy(vars, p.Env)
	if p.Variable != "" && !p.Secret.Empty() {
		vars[p.Variable] = p.Secret.Reveal()
	}
	list := make([]string, 0, len(vars))
	for _, name := range slices.Sorted(maps.Keys(vars)) {
		list = append(list, name+"="+vars[name])
	}
	return list
}

// quote shows a text of the person's as it was written, bounded.
func quote(text string) string {
	const most = 60
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return `"` + text + `"`
}
