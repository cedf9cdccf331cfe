package filter

import "unicode/utf8"

// Word is a stretch of a filter's text, for colouring it. Start and End count bytes.
type Word struct {
	Start, End int
	Kind       WordKind
}

// WordKind is what a word is.
type WordKind int

// The kinds of word.
const (
	KeywordWord WordKind = iota
	MarkWord             // brackets, commas, comparisons
	NameWord
	NumberWord
	DateWord
	TextWord
	BrokenWord // what means nothing
)

// Words takes a text apart, also one that is no filter.
func Words(src string) []Word {
	var words []Word
	l := &lexer{src: src}
	for {
		t, err := l.next()
		switch {
		case err != nil:
			_, size := utf8.DecodeRuneInString(src[l.pos:])
			if c := src[l.pos]; isQuote(c) || c == '`' || c|0x20 == 'e' {
				size = len(src) - l.pos // it has no end
			}
			words = append(words, Word{l.pos, l.pos + size, BrokenWord})
			l.pos += size
		case t.kind == endToken:
			return words
		default:
			words = append(words, Word{t.at, l.pos, wordKinds[t.kind]})
		}
	}
}

var wordKinds = map[tokenKind]WordKind{
	keyword: KeywordWord, mark: MarkWord, name: NameWord, posInt: NumberWord, decimal: NumberWord,
	dateToken: DateWord, dateTimeToken: DateWord, text: TextWord,
}
