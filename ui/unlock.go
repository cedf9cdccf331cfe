package ui

import "jackfield/ui/widgets"

// AskToUnlock asks for the passphrase of a vault that is locked: nothing starts by itself
// before it is open, and what needs a secret is refused.
func (w *Window) AskToUnlock() {
	s, err := w.svc.Secrecy(w.ctx)
	if err == nil && s.Locked {
		w.do(func() { w.askToUnlock("") })
	}
}

// askToUnlock asks once more where wrong says why the last passphrase did not do.
func (w *Window) askToUnlock(wrong string) {
	text := "The secrets of your connections are under a passphrase. Until it is given no flow starts by itself, and a run that needs a secret is refused."
	if wrong != "" {
		text = wrong
	}
	given := ""
	field := widgets.NewTextField("passphrase", func(typed string) { given = typed })
	field.Masked = true
	unlock := func() {
		passphrase := given
		go w.unlock(passphrase)
	}
	field.OnSubmit = func() {
		w.asked()
		unlock()
	}
	w.ask(question{Title: "The vault is locked", Text: text, More: field, Yes: "Unlock", Icon: "key", OnYes: unlock})
	w.win.Canvas().Focus(field)
}

// unlock tries a passphrase, which takes most of a second.
func (w *Window) unlock(passphrase string) {
	if passphrase == "" {
		w.do(func() { w.askToUnlock("Type the passphrase of the vault.") })
		return
	}
	err := w.svc.UnlockSecrets(w.ctx, passphrase)
	w.do(func() {
		if err != nil {
			_, text := regret(err)
			w.askToUnlock(text)
			return
		}
		w.say(widgets.Good, "The vault is open", "", nil)
	})
}
