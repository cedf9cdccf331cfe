// Package windowbench measures the window as a process of its own on a real X server:
// how long it takes to its first picture, what it uses while nobody touches it, and how
// long a frame takes while a large flow is moved. It has no code of its own, only
// benchmarks.
package windowbench
