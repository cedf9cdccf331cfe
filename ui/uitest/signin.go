package uitest

import (
	"context"

	"jackfield/app"
	"jackfield/connectors/kit"
)

// Entrance is what the door says of signing in.
type Entrance struct {
	Invitation kit.Invitation
	After      kit.Standing // once the sign-in has ended
	Failed     error        // how it ended, where not well
	End        chan struct{}
	Standings  map[string]kit.Standing // by connection
}

// ConnectionSlots gives those of the door.
func (d *Door) ConnectionSlots(context.Context) ([]app.Slot, error) {
	return d.Slotted, d.note("slots")
}

// Bind is written down.
func (d *Door) Bind(_ context.Context, slot, connection string) error {
	return d.note("bind %s to %s", slot, connection)
}

// Health gives that of the connection.
func (d *Door) Health(_ context.Context, name string) (app.Health, error) {
	return d.Healths[name], d.note("health of %s", name)
}

// SignIn gives the invitation.
func (d *Door) SignIn(_ context.Context, connection string, way kit.Way) (kit.Invitation, error) {
	return d.Entrance.Invitation, d.note("sign in to %s %s", connection, way)
}

// AwaitSignIn returns when End is closed, at once where it is nil.
func (d *Door) AwaitSignIn(ctx context.Context, id string) (kit.Standing, error) {
	if err := d.note("await sign-in %s", id); err != nil {
		return kit.Standing{}, err
	}
	if d.Entrance.End != nil {
		select {
		case <-d.Entrance.End:
		case <-ctx.Done():
			return kit.Standing{}, context.Cause(ctx)
		}
	}
	return d.Entrance.After, d.Entrance.Failed
}

// PasteSignIn is written down.
func (d *Door) PasteSignIn(_ context.Context, id, address string) error {
	return d.note("paste %s into %s", address, id)
}

// SignOut is written down.
func (d *Door) SignOut(_ context.Context, connection string) error {
	return d.note("sign out of %s", connection)
}

// Standing gives that of the connection.
func (d *Door) Standing(_ context.Context, connection string) (kit.Standing, error) {
	return d.Entrance.Standings[connection], d.Err
}
