//go:build headless

package main

import "context"

// window is nil: this build has none.
func window() func(ctx context.Context, home, path string) error { return nil }
