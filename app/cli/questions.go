package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"jackfield/app"
	"jackfield/flow"
	"jackfield/flow/value"
)

func runsQuestions(ctx context.Context, p *Program, c *call) error {
	args, err := c.plain(c.flags(), 0, 1)
	if err != nil {
		return err
	}
	return c.with(ctx, func(svc app.Service) error {
		var of flow.RunID
		if len(args) > 0 {
			r, err := findRun(ctx, svc, args[0])
			if err != nil {
				return err
			}
			of = r.ID
		}
		open, err := svc.Questions(ctx, of)
		if err != nil {
			return err
		}
		if c.json {
			return p.printJSON(append([]flow.Question{}, open...))
		}
		if len(open) == 0 {
			return p.nothing("nothing is asked")
		}
		for i, q := range open {
			if i > 0 {
				fmt.Fprintln(p.Out)
			}
			p.printQuestion(q)
		}
		return nil
	})
}

// printQuestion says what is asked, about what, and how to answer.
func (p *Program) printQuestion(q flow.Question) {
	fmt.Fprintf(p.Out, "%s\n  %s, step %q, asked %s\n", q.Text, q.Name, q.Title, when(q.Asked))
	if !q.Due.IsZero() {
		fmt.Fprintf(p.Out, "  answers itself with %q at %s\n", q.Else, when(q.Due))
	}
	if q.Record != nil {
		if q.Record.Problem != nil {
			fmt.Fprintf(p.Out, "  %s\n", q.Record.Problem.Error())
		}
		if data := dataOf(flow.Batch{*q.Record}, q.Record.ID); data != "" {
			fmt.Fprintf(p.Out, "  %s\n", data)
		}
	}
	fmt.Fprintf(p.Out, "  jackfield runs answer %s%s\n", q.ID, answersTo(q))
	if q.Link != "" {
		fmt.Fprintf(p.Out, "  %s\n", q.Link)
	}
}

// answersTo is what follows a question's id on the command line.
func answersTo(q flow.Question) string {
	words := ""
	if len(q.Choices) > 0 {
		words = " " + strings.Join(q.Choices, "|")
	}
	if q.Fields == nil {
		return words
	}
	var members []string
	for _, f := range q.Fields.Properties {
		members = append(members, fmt.Sprintf("%q: …", f.Name))
	}
	return words + " --values '{" + strings.Join(members, ", ") + "}'"
}

func runsAnswer(ctx context.Context, p *Program, c *call) error {
	flags := c.flags()
	note := flags.String("note", "", "`why`, kept with the answer")
	values := flags.String("values", "", "the `JSON` object that a form asks for; - reads it from standard input")
	all := flags.Bool("all", false, "answer all that a run asks alike; its id stands in place of a question's")
	step := flags.String("step", "", "with --all: only what this `step` asks")
	args, err := c.plain(flags, 1, 2)
	if err != nil {
		return err
	}
	if *step != "" && !*all {
		return usagef("--step goes with --all")
	}
	said := flow.Answer{Note: *note, By: "command line", Given: time.Now()}
	if len(args) > 1 {
		said.Choice = args[1]
	}
	if said.Values, err = p.formValues(*values); err != nil {
		return err
	}
	return c.with(ctx, func(svc app.Service) error {
		if *all {
			return answerAll(ctx, p, c, svc, args[0], flow.StepID(*step), said)
		}
		id, err := findQuestion(ctx, svc, args[0])
		if err != nil {
			return err
		}
		if err := svc.Answer(ctx, id, said); err != nil {
			if wrong, ok := errors.AsType[app.Problems](err); ok {
				return usagef("%v", wrong) // an answer that does not fit is one that was given wrongly
			}
			return err
		}
		at, _, _ := flow.ParseQuestionID(id)
		r, err := svc.Run(ctx, at.Run)
		if err != nil {
			return err
		}
		return p.say(c, id, "answered %s%s", id, whatNext(r))
	})
}

// answerAll gives one answer to all that a run, or one of its steps, asks.
func answerAll(ctx context.Context, p *Program, c *call, svc app.Service, name string, step flow.StepID, said flow.Answer) error {
	r, err := findRun(ctx, svc, name)
	if err != nil {
		return err
	}
	open, err := svc.Questions(ctx, r.ID)
	if err != nil {
		return err
	}
	answered := []string{}
	for _, q := range open {
		if step != "" && q.Step != step {
			continue
		}
		if err := svc.Answer(ctx, q.ID, said); err != nil {
			return fmt.Errorf("after %s: question %s: %w", plural(len(answered), "answer", "answers"), q.ID, err)
		}
		answered = append(answered, q.ID)
	}
	if len(answered) == 0 {
		return p.nothing("nothing is asked")
	}
	if r, err = svc.Run(ctx, r.ID); err != nil {
		return err
	}
	return p.say(c, answered, "answered %s%s", plural(len(answered), "question", "questions"), whatNext(r))
}

// whatNext tells how a run goes on that was answered.
func whatNext(r flow.Run) string {
	if r.State.Ended() {
		return fmt.Sprintf("; the run is %s, and jackfield runs resume %s goes on with it", r.State, r.ID)
	}
	return "; the run goes on, or does so when jackfield serve or the window is open"
}

// formValues reads the object that answers a form.
func (p *Program) formValues(text string) (flow.Values, error) {
	if text == "" {
		return nil, nil
	}
	data := []byte(text)
	if text == "-" {
		var err error
		if data, err = io.ReadAll(p.In); err != nil {
			return nil, fmt.Errorf("read the values: %w", err)
		}
	}
	v, err := value.Decode(data)
	if err != nil {
		return nil, usagef("--values: %v", err)
	}
	object, is := v.(map[string]any)
	if !is {
		return nil, usagef("--values: an object is wanted, like '{\"name\": \"Ada\"}'")
	}
	return object, nil
}

// findQuestion takes the beginning of an open question's id for the id.
func findQuestion(ctx context.Context, svc app.Service, name string) (string, error) {
	if _, _, whole := flow.ParseQuestionID(name); whole {
		return name, nil
	}
	open, err := svc.Questions(ctx, "")
	if err != nil {
		return "", err
	}
	var found []string
	for _, q := range open {
		if strings.HasPrefix(q.ID, name) {
			found = append(found, q.ID)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return "", usagef("there is no open question %q; jackfield runs questions lists them", name)
	}
	return "", usagef("%d open questions begin with %q; write more of it", len(found), name)
}
