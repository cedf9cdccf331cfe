package e2e

import (
	"fmt"
	"io"
	"strings"
	"sync"
)

// ledger is what the benchmarks found beside what was promised. TestMain prints it
// behind them.
var ledger struct {
	mu   sync.Mutex
	rows [][4]string

	linesPerSecond float64 // of the program, from file to file
}

// account writes down a figure, what it is measured against and how it compares.
func account(what, figure, against, ratio string) {
	ledger.mu.Lock()
	defer ledger.mu.Unlock()
	ledger.rows = append(ledger.rows, [4]string{what, figure, against, ratio})
}

// promised compares a figure with one that it may not exceed.
func promised(figure, most float64) string {
	if figure > most {
		return fmt.Sprintf("MISSED, %.2f times", figure/most)
	}
	return fmt.Sprintf("kept, %.2f of it", figure/most)
}

// atLeast compares a figure with one that it has to reach.
func atLeast(figure, least float64) string {
	if figure < least {
		return fmt.Sprintf("MISSED, %.2f of it", figure/least)
	}
	return fmt.Sprintf("kept, %.1f times", figure/least)
}

// printLedger writes the rows as a table.
func printLedger(w io.Writer) {
	if len(ledger.rows) == 0 {
		return
	}
	widths := [4]int{}
	rows := append([][4]string{{"what", "figure", "promised or beside", "which is"}}, ledger.rows...)
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], len([]rune(cell)))
		}
	}
	fmt.Fprintln(w)
	for n, row := range rows {
		line := ""
		for i, cell := range row {
			line += cell + strings.Repeat(" ", widths[i]-len([]rune(cell))+2)
		}
		fmt.Fprintln(w, strings.TrimRight(line, " "))
		if n == 0 {
			fmt.Fprintln(w, strings.Repeat("-", widths[0]+widths[1]+widths[2]+widths[3]+6))
		}
	}
}
