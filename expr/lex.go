package expr

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

type tokenKind uint8

const (
	tokEnd tokenKind = iota
	tokName
	tokInt
	tokFloat
	tokOp // operators and brackets; text tells which
)

// token is one lexeme. pos and end are byte offsets; col is what errors show.
type token struct {
	kind     tokenKind
	pos, end int
	col      int
	text     string
	bits     uint64 // value of a number: int64 or float64 bits
	float    float64
}

// describe names the token in an error.
func (t token) describe() string {
	if t.kind == tokEnd {
		return "the end of the line"
	}
	return strconv.Quote(t.text)
}

// lexer cuts a source line into tokens. It never fails half way: the first error stops it.
type lexer struct {
	src string
	pos int
	col int
}

// operators, longest first, so that ** is not read as two *.
var operators = []string{
	"**", "//", "==", "!=", "<=", ">=", "<<", ">>", "->", ":=", "&&", "||",
	"+", "-", "*", "/", "%", "<", ">", "&", "|", "^", "~", "(", ")", "[", "]", ",", ":", "=", "!", "@", ";", "{", "}", ".", "?",
}

// tokens cuts the whole line.
func lex(src string) ([]token, error) {
	if !utf8.ValidString(src) {
		return nil, &Error{Source: src, Col: 1, Msg: "the line is not valid UTF-8"}
	}
	lx := &lexer{src: src, col: 1}
	var out []token
	for {
		t, err := lx.next()
		if err != nil {
			return nil, err
		}
		if out = append(out, t); len(out) > tokensMax {
			return nil, lx.fail(t.col, "the line has more than %d words; split it over several lines", tokensMax)
		}
		if t.kind == tokEnd {
			return out, nil
		}
	}
}

func (lx *lexer) fail(col int, format string, args ...any) error {
	return &Error{Source: lx.src, Col: col, Msg: fmt.Sprintf(format, args...)}
}

// skipSpace passes white space (line breaks too: a job file may fold a long line) and a comment.
func (lx *lexer) skipSpace() {
	for lx.pos < len(lx.src) {
		r, size := utf8.DecodeRuneInString(lx.src[lx.pos:])
		if r == '#' {
			for lx.pos < len(lx.src) && lx.src[lx.pos] != '\n' {
				_, size = utf8.DecodeRuneInString(lx.src[lx.pos:])
				lx.pos += size
				lx.col++
			}
			continue
		}
		if !unicode.IsSpace(r) {
			return
		}
		lx.pos += size
		lx.col++
	}
}

func (lx *lexer) next() (token, error) {
	lx.skipSpace()
	if lx.pos >= len(lx.src) {
		return token{kind: tokEnd, pos: lx.pos, end: lx.pos, col: lx.col}, nil
	}
	c := lx.src[lx.pos]
	if isDigit(c) || c == '.' && lx.pos+1 < len(lx.src) && isDigit(lx.src[lx.pos+1]) {
		return lx.number()
	}
	r, _ := utf8.DecodeRuneInString(lx.src[lx.pos:])
	if r == '_' || unicode.IsLetter(r) {
		return lx.name(), nil
	}
	for _, op := range operators {
		if strings.HasPrefix(lx.src[lx.pos:], op) {
			t := token{kind: tokOp, pos: lx.pos, end: lx.pos + len(op), col: lx.col, text: op}
			lx.pos += len(op)
			lx.col += len(op)
			return t, nil
		}
	}
	if r == '"' || r == '\'' {
		return token{}, lx.fail(lx.col, "strings have no place in an array expression; names go without quotes")
	}
	return token{}, lx.fail(lx.col, "unexpected character %q; remove it", r)
}

func (lx *lexer) name() token {
	t := token{kind: tokName, pos: lx.pos, col: lx.col}
	for lx.pos < len(lx.src) {
		r, size := utf8.DecodeRuneInString(lx.src[lx.pos:])
		if r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			break
		}
		lx.pos += size
		lx.col++
	}
	t.end = lx.pos
	t.text = lx.src[t.pos:t.end]
	return t
}

// number reads what Python reads: 7, 1_000, 0xff, 0b11, 0o17, 1.5, .5, 5., 1e-3.
func (lx *lexer) number() (token, error) {
	start, col := lx.pos, lx.col
	end := start
	isHex := strings.HasPrefix(lx.src[start:], "0x") || strings.HasPrefix(lx.src[start:], "0X")
	for end < len(lx.src) {
		c := lx.src[end]
		sign := (c == '+' || c == '-') && !isHex && (lx.src[end-1] == 'e' || lx.src[end-1] == 'E') && end > start
		if !isDigit(c) && !isLetter(c) && c != '.' && c != '_' && !sign {
			break
		}
		end++
	}
	text := lx.src[start:end]
	lx.pos, lx.col = end, col+(end-start)
	t := token{pos: start, end: end, col: col, text: text}
	if last := text[len(text)-1]; (last == 'j' || last == 'J') && !isHex {
		return t, lx.fail(col, "complex numbers such as %s are not supported; use two real arrays", text)
	}
	if !underscoresBetweenDigits(text) {
		return t, lx.fail(col, "malformed number %s; an underscore stands between two digits, as in 1_000", text)
	}
	plain := strings.ReplaceAll(text, "_", "")
	based := len(plain) > 1 && plain[0] == '0' && isLetter(plain[1]) && plain[1] != 'e' && plain[1] != 'E'
	if based || !strings.ContainsAny(plain, ".eE") {
		return lx.integer(t, plain, based)
	}
	v, err := strconv.ParseFloat(plain, 64)
	if err != nil && v == 0 {
		return t, lx.fail(col, "malformed number %s", text)
	}
	t.kind, t.float = tokFloat, v // out of range is inf, as in Python
	return t, nil
}

func (lx *lexer) integer(t token, plain string, based bool) (token, error) {
	base := 10
	if based {
		base = 0
	} else if len(plain) > 1 && plain[0] == '0' && strings.Trim(plain, "0") != "" && allDigits(plain) {
		return t, lx.fail(t.col, "%s has a leading zero; write %s, or 0o%s for octal", t.text,
			strings.TrimLeft(plain, "0"), strings.TrimLeft(plain, "0"))
	}
	v, err := strconv.ParseInt(plain, base, 64)
	if err == nil {
		t.kind, t.bits = tokInt, uint64(v)
		return t, nil
	}
	if ne, ok := err.(*strconv.NumError); ok && ne.Err == strconv.ErrRange {
		return t, lx.fail(t.col, "integer %s does not fit in 64 bits; write it as a float, such as 1e19", t.text)
	}
	return t, lx.fail(t.col, "malformed number %s; a name cannot start with a digit", t.text)
}

// underscoresBetweenDigits says whether each underscore separates two digits (or follows a base prefix).
func underscoresBetweenDigits(s string) bool {
	for i := range len(s) {
		if s[i] != '_' {
			continue
		}
		if i == 0 || i+1 == len(s) || !isHexDigit(s[i+1]) {
			return false
		}
		if prefix := i == 2 && s[0] == '0' && isLetter(s[1]); !prefix && !isHexDigit(s[i-1]) {
			return false
		}
	}
	return true
}

func allDigits(s string) bool { return strings.Trim(s, "0123456789") == "" }
func isDigit(c byte) bool     { return c >= '0' && c <= '9' }
func isLetter(c byte) bool    { return c|0x20 >= 'a' && c|0x20 <= 'z' }
func isHexDigit(c byte) bool  { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }
