package transforms

// TokenKind says what a Token is, for colours.
type TokenKind string

// The kinds of token.
const (
	FieldToken       TokenKind = "field"       // .name, the dot itself, a key of an object
	StringToken      TokenKind = "string"      // a text or a piece of one
	NumberToken      TokenKind = "number"      //
	KeywordToken     TokenKind = "keyword"     // if, def, and, null, …
	FunctionToken    TokenKind = "function"    // a function's name
	VariableToken    TokenKind = "variable"    // $name
	OperatorToken    TokenKind = "operator"    // | == // ? …
	CommentToken     TokenKind = "comment"     //
	PunctuationToken TokenKind = "punctuation" // brackets, comma, colon, semicolon
	FormatToken      TokenKind = "format"      // @csv
	ErrorToken       TokenKind = "error"       // what jq does not know, a text without its end
)

// Token is a stretch of jq text. Start and End count bytes.
type Token struct {
	Kind       TokenKind
	Start, End int
}

// Tokens cuts jq text into tokens, in order, with nothing but white space between
// two of them. It never fails: what is wrong becomes tokens of kind error.
func Tokens(src string) []Token {
	lexemes := lex(src)
	tokens := make([]Token, 0, len(lexemes))
	var open []byte // brackets around; 'I' stands for "\("
	for i, x := range lexemes {
		text := src[x.start:x.end]
		switch {
		case x.kind == lexInsert:
			open = append(open, 'I')
		case x.kind == lexOp && (text == "(" || text == "[" || text == "{"):
			open = append(open, text[0])
		case x.kind == lexOp && (text == ")" || text == "]" || text == "}"):
			open = open[:max(0, len(open)-1)]
		}
		inObject := len(open) > 0 && open[len(open)-1] == '{'
		if x.start < x.end { // a text that ends with the program may have an empty rest
			tokens = append(tokens, Token{tokenKind(src, lexemes, i, inObject), x.start, x.end})
		}
	}
	return tokens
}

func tokenKind(src string, lexemes []lexeme, i int, inObject bool) TokenKind {
	x := lexemes[i]
	switch x.kind {
	case lexName, lexKeyword, lexString:
		if inObject && isKey(src, lexemes, i) {
			return FieldToken
		}
	}
	switch x.kind {
	case lexName:
		return FunctionToken
	case lexKeyword:
		return KeywordToken
	case lexVariable:
		return VariableToken
	case lexField:
		return FieldToken
	case lexNumber:
		return NumberToken
	case lexFormat:
		return FormatToken
	case lexString, lexOpen, lexClose:
		return StringToken
	case lexInsert:
		return PunctuationToken
	case lexComment:
		return CommentToken
	case lexOp:
		switch src[x.start:x.end] {
		case ".", "..":
			return FieldToken
		case "(", ")", "[", "]", "{", "}", ",", ";", ":":
			return PunctuationToken
		}
		return OperatorToken
	}
	return ErrorToken
}

// isKey says whether the lexeme stands where an object's key does: behind "{" or a
// comma, and before a colon, a comma or "}".
func isKey(src string, lexemes []lexeme, i int) bool {
	before, after := neighbour(src, lexemes, i, -1), neighbour(src, lexemes, i, +1)
	return (before == "{" || before == ",") && (after == ":" || after == "," || after == "}")
}

// neighbour is the text of the next lexeme in a direction that is no comment.
func neighbour(src string, lexemes []lexeme, i, step int) string {
	for i += step; i >= 0 && i < len(lexemes); i += step {
		if x := lexemes[i]; x.kind != lexComment {
			return src[x.start:x.end]
		}
	}
	return ""
}
