package flow

import "strings"

// Nearest finds the candidate that a person most likely meant by name: the one
// with the fewest edits, if those are at most a third of its length and one.
func Nearest(name string, candidates []string) (string, bool) {
	best, least := "", -1
	for _, c := range candidates {
		d := edits(strings.ToLower(name), strings.ToLower(c))
		if d <= 1+len(c)/3 && (least < 0 || d < least) {
			best, least = c, d
		}
	}
	return best, least >= 0
}

// edits is the optimal string alignment distance: insert, delete, replace, swap.
func edits(a, b string) int {
	x, y := []rune(a), []rune(b)
	rows := make([][]int, len(x)+1)
	for i := range rows {
		rows[i] = make([]int, len(y)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(x); i++ {
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			d := min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				d = min(d, rows[i-2][j-2]+1)
			}
			rows[i][j] = d
		}
	}
	return rows[len(x)][len(y)]
}
