// Package form shows a step's settings as its operation declares them: a row for each
// field, by kind, with its hint and what is wrong with it. (Written by the lead; the
// helper for widgets goes on with ui/mapper.)
package form
