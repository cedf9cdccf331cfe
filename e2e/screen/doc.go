// Package screen is an X server of a test's own, with a window manager: windows can
// be opened on it, worked by real pointer and key events, and looked at pixel by pixel.
package screen
