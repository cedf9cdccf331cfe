package kit

import "strings"

// PlainText is the content of a file without a byte order mark, if it is text in UTF-8.
// name is what the failure calls the file.
func PlainText(name string, content []byte) (string, error) {
	if kind := NotText(content); kind != "" {
		return "", Fail(Malformed, "%s is not text: it is %s", name, kind)
	}
	if at := NotUTF8(content); at >= 0 {
		return "", Fail(Malformed, "%s is not text in UTF-8: the byte 0x%02x at offset %d does not fit", name, content[at], at)
	}
	return strings.TrimPrefix(string(content), "\ufeff"), nil
}

// Lines parts a text at its line ends, with or without a return. The last line need not
// have one.
func Lines(text string) []any {
	list := []any{}
	for line := range strings.Lines(text) {
		list = append(list, strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r"))
	}
	return list
}
