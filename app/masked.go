package app

import (
	"errors"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// masked takes the secrets out of an error that somebody before the door will see.
func (l *Local) masked(err error) error {
	if err == nil {
		return nil
	}
	text := l.mask.Text(err.Error())
	if text == err.Error() && l.mask.Text(kit.AsFailure(err).Fix) == kit.AsFailure(err).Fix {
		return err
	}
	if ps, ok := errors.AsType[Problems](err); ok {
		clean := make(Problems, len(ps))
		for i, p := range ps {
			clean[i] = l.maskedProblem(p)
		}
		return clean
	}
	if p, ok := errors.AsType[flow.Problem](err); ok {
		return l.maskedProblem(p)
	}
	f := *kit.AsFailure(err)
	f.What, f.Fix, f.Cause = text, l.mask.Text(f.Fix), nil
	return &f
}

func (l *Local) maskedProblem(p flow.Problem) flow.Problem {
	p.What, p.Fix = l.mask.Text(p.What), l.mask.Text(p.Fix)
	return p
}
