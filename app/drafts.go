package app

import (
	"context"

	"jackfield/flow"
)

const draftPrefix = "draft/"

// KeepDraft keeps changes that are not saved yet.
func (l *Local) KeepDraft(_ context.Context, f flow.Flow) error {
	return l.store.SetPref(draftPrefix+string(f.ID), string(flow.WriteFile(f)))
}

// Draft gives the changes that were kept.
func (l *Local) Draft(_ context.Context, id flow.ID) (flow.Flow, bool) {
	text, kept := l.store.Pref(draftPrefix + string(id))
	if !kept || text == "" {
		return flow.Flow{}, false
	}
	f, problems := flow.ReadFile([]byte(text), "draft")
	if standsInTheWay(problems) && len(f.Steps) == 0 {
		return flow.Flow{}, false
	}
	f.ID = id
	return f, true
}

// DropDraft forgets the changes that were kept.
func (l *Local) DropDraft(_ context.Context, id flow.ID) error {
	if _, kept := l.store.Pref(draftPrefix + string(id)); !kept {
		return nil
	}
	return l.store.SetPref(draftPrefix+string(id), "")
}
