// Package window drives the real window under a real X server with real pointer and
// key events: it presses, moves and types through xdotool and reads what the window
// shows. It has no code of its own, only tests.
package window
