package ui

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"jackfield/flow"
	"jackfield/ui/uitest"
	"jackfield/ui/widgets"
)

func TestALockedVaultIsOpenedFromTheWindow(t *testing.T) {
	door := &uitest.Door{Secret: flow.Secrecy{By: flow.ByPassphrase, Locked: true}}
	todo, said := make(chan func(), 100), ""
	w, err := New(t.Context(), test.NewTempApp(t), door, Options{
		Do:  func(do func()) { todo <- do },
		Say: func(_ widgets.ToastKind, text, _ string, _ func()) { said = text },
	})
	if err != nil {
		t.Fatal(err)
	}
	defer w.End()
	screen := uitest.Of(t, w.Window())
	until := func(text string) {
		for !screen.Has(text) && said != text {
			(<-todo)()
		}
	}
	give := func(passphrase string) {
		field := w.win.Canvas().Focused()
		for _, letter := range passphrase {
			field.TypedRune(letter)
		}
		if seen := strings.Join(screen.Texts(), "\n"); strings.Contains(passphrase, "-") && strings.Contains(seen, passphrase) {
			t.Errorf("the passphrase is seen: %s", seen)
		}
		field.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	}
	go w.AskToUnlock()
	until("The vault is locked")
	give("")
	until("Type the passphrase of the vault.")
	give("wrong-one")
	until("The passphrase does not open the vault.\nTry again.")
	give("right")
	until("The vault is open")
	if door.Secret.Locked || w.asked != nil {
		t.Error("it is locked, or still asks")
	}
}

func TestAnOpenVaultAsksForNothing(t *testing.T) {
	door := &uitest.Door{Secret: flow.Secrecy{By: flow.ByFile}}
	todo := make(chan func(), 100)
	w, err := New(t.Context(), test.NewTempApp(t), door, Options{Do: func(do func()) { todo <- do }})
	if err != nil {
		t.Fatal(err)
	}
	defer w.End()
	w.AskToUnlock()
	for len(todo) > 0 {
		(<-todo)()
	}
	if w.asked != nil {
		t.Error("it asks")
	}
}
