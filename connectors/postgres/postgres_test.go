package postgres

import (
	"testing"

	"jackfield/connectors/kit/kittest"
)

func TestDeclaration(t *testing.T) {
	c := New()
	kittest.Connector(t, c)
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}
