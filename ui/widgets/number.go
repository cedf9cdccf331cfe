package widgets

import "strconv"

// Number is a whole number with its thousands set apart by thin blanks.
func Number(n int) string {
	if n < 0 {
		return "-" + Number(-n)
	}
	text := strconv.Itoa(n)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "\u202f" + text[at:]
	}
	return text
}

// Count is a number with the word for one or for many.
func Count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Number(n) + " " + many
}
