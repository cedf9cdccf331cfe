package ui

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"jackfield/flow"
)

func TestWhyThereIsNoWindowIsSaidInSentences(t *testing.T) {
	file, err := filepath.Abs("jackfield.db")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name        string
		err         error
		title, text string
	}{
		{
			"a later program's store", fmt.Errorf("open: %w", flow.Problem{File: file, Code: "newer", What: "the store was written by a later Jackfield", Fix: "open it with that one"}),
			"This Jackfield is older than your data", "The store was written by a later Jackfield.\nOpen it with that one.\n\n" + file,
		},
		{"another problem", flow.Problem{Code: "damaged", What: "the store is damaged"}, "Jackfield cannot open", "The store is damaged."},
		{"anything else", errors.New("no home"), "Jackfield cannot open", "No home"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if title, text := regret(tt.err); title != tt.title || text != tt.text {
				t.Errorf("it says %q: %q", title, text)
			}
		})
	}
}
