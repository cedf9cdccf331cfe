// Package e2e holds the tests of the whole built program: the command line as a
// process that is killed at random, and the window under a real X server with real
// pointer and key events. It has no code of its own.
package e2e
