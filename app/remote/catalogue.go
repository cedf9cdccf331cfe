package remote

import (
	"context"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// Connectors gives those of this process, which is of the same version.
func (c *Client) Connectors(context.Context) (kit.Set, error) {
	if c.options.Ops == nil {
		return nil, nil
	}
	return c.options.Ops.Now(), nil
}

// DescribedConnectors lists the files that describe connectors.
func (c *Client) DescribedConnectors(ctx context.Context) ([]kit.Described, error) {
	return one[[]kit.Described](ctx, c, "DescribedConnectors", harmless)
}

// AddConnector takes a file or what is at an address as a connector.
func (c *Client) AddConnector(ctx context.Context, from, name string) (kit.Described, error) {
	return one[kit.Described](ctx, c, "AddConnector", lasting, from, name)
}

// RemoveConnector takes the file of a connector away.
func (c *Client) RemoveConnector(ctx context.Context, id string) error {
	return c.do(ctx, "RemoveConnector", lasting, []any{id})
}

// Choices asks the service for the values that a field may take.
func (c *Client) Choices(ctx context.Context, f flow.Flow, step flow.StepID, field string) ([]kit.Choice, error) {
	return one[[]kit.Choice](ctx, c, "Choices", harmless, f, step, field)
}

// Note says what a person should know of a step.
func (c *Client) Note(ctx context.Context, f flow.Flow, step flow.StepID) (kit.Note, error) {
	return one[kit.Note](ctx, c, "Note", harmless, f, step)
}

// Sample gives records that would come to a step.
func (c *Client) Sample(ctx context.Context, f flow.Flow, step flow.StepID, limit int) (records flow.Batch, from string, err error) {
	err = c.do(ctx, "Sample", harmless, []any{f, step, limit}, &records, &from)
	return records, from, err
}
