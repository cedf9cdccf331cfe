package auth

import (
	"strings"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// A template is text with names in braces: {time}. {{ is a brace, and so is }}. A name may
// have a part behind a dot, {header.Date}, where known holds "header.".

// expand puts in what the names stand for.
func expand(text string, meaning func(name string) (string, error)) (string, error) {
	var out strings.Builder
	for text != "" {
		at := strings.IndexAny(text, "{}")
		if at < 0 {
			break
		}
		out.WriteString(text[:at])
		brace := text[at]
		text = text[at+1:]
		if text != "" && text[0] == brace {
			out.WriteByte(brace)
			text = text[1:]
			continue
		}
		end := strings.IndexByte(text, '}')
		if brace == '}' || end < 0 {
			return "", kit.Fail(kit.Invalid, "a brace is open, or closed, alone").Hint("write a brace itself twice: {{")
		}
		made, err := meaning(text[:end])
		if err != nil {
			return "", err
		}
		out.WriteString(made)
		text = text[end+1:]
	}
	out.WriteString(text)
	return out.String(), nil
}

// checkTemplate wants that a template reads and holds known names only.
func checkTemplate(text string, known []string) error {
	_, err := expand(text, func(name string) (string, error) {
		head, rest, dotted := strings.Cut(name, ".")
		for _, k := range known {
			if name == k || dotted && rest != "" && k == head+"." {
				return "", nil
			}
		}
		return "", unknownName(name, known)
	})
	return err
}

func unknownName(name string, known []string) error {
	f := kit.Fail(kit.Invalid, "{%s} stands for nothing here", name)
	if near, ok := flow.Nearest(name, known); ok {
		return f.Hint("did you mean {%s}?", near)
	}
	return f.Hint("known are %s", strings.Join(known, ", "))
}
