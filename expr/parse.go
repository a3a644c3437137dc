package expr

import (
	"fmt"
)

// depthMax bounds nesting, so that no source line can exhaust the stack.
const depthMax = 200

// tokensMax bounds the length of a line, for the same reason.
const tokensMax = 1 << 16

// Binding powers of Python's operators, from loose to tight. Unary + - ~ bind at powUnary; ** binds tighter than a
// unary operator on its left and looser than one on its right, and associates to the right.
const (
	powCompare = 10 * (iota + 1)
	powOr
	powXor
	powAnd
	powShift
	powAdd
	powMul
	powUnary
)

var binaryPower = map[string]int{
	"==": powCompare, "!=": powCompare, "<": powCompare, "<=": powCompare, ">": powCompare, ">=": powCompare,
	"|": powOr, "^": powXor, "&": powAnd, "<<": powShift, ">>": powShift,
	"+": powAdd, "-": powAdd, "*": powMul, "/": powMul, "//": powMul, "%": powMul, "@": powMul,
}

// parser is a Pratt parser over the tokens of one line.
type parser struct {
	src   string
	toks  []token
	at    int
	depth int
}

func (p *parser) peek() token { return p.toks[p.at] }

// peekSecond is the token after the next; the end token repeats.
func (p *parser) peekSecond() token { return p.toks[min(p.at+1, len(p.toks)-1)] }

func (p *parser) take() token {
	t := p.toks[p.at]
	if t.kind != tokEnd {
		p.at++
	}
	return t
}

func (p *parser) isOp(text string) bool {
	t := p.peek()
	return t.kind == tokOp && t.text == text
}

func (p *parser) fail(col int, format string, args ...any) error {
	return &Error{Source: p.src, Col: col, Msg: fmt.Sprintf(format, args...)}
}

// line parses `name = expr` or `expr, expr, ...`; the name is empty in the second form.
func (p *parser) line() (target token, list []*syntax, err error) {
	if p.peek().kind == tokEnd {
		return target, nil, p.fail(p.peek().col, "the line is empty; write an expression such as mean(x)")
	}
	if p.peek().kind == tokName && p.peekSecond().kind == tokOp && p.peekSecond().text == "=" {
		target = p.take()
		p.take()
		if why := reservedName(target.text); why != "" {
			return target, nil, p.fail(target.col, "cannot assign to %s, %s; choose another name", target.text, why)
		}
	}
	for {
		e, err := p.expression(0)
		if err != nil {
			return target, nil, err
		}
		list = append(list, e)
		if !p.isOp(",") {
			break
		}
		comma := p.take()
		if target.text != "" {
			return target, nil, p.fail(comma.col, "an assignment takes one expression; write one line for each name")
		}
		if p.peek().kind == tokEnd {
			break // a trailing comma, as Python allows
		}
	}
	if t := p.peek(); t.kind != tokEnd {
		return target, nil, p.unexpected(t)
	}
	return target, list, nil
}

// reservedName says why a name cannot be assigned, or "".
func reservedName(name string) string {
	if _, ok := constants[name]; ok {
		return "a constant"
	}
	if functions[name] != nil {
		return "a function"
	}
	if pythonWords[name] {
		return "a word of the language"
	}
	return ""
}

var pythonWords = map[string]bool{
	"and": true, "or": true, "not": true, "if": true, "else": true, "in": true, "is": true, "lambda": true, "for": true,
	"None": true, "def": true, "return": true, "while": true, "import": true,
}

// unexpected explains a token where an operator or the end should be.
func (p *parser) unexpected(t token) error {
	switch {
	case t.kind == tokName && (t.text == "and" || t.text == "or" || t.text == "not"):
		return p.wordOperator(t)
	case t.kind == tokName && pythonWords[t.text]:
		return p.fail(t.col, "%q is not part of the language; %s", t.text, pythonRemedy(t.text))
	case t.text == "=":
		return p.fail(t.col, "= assigns to one name at the start of the line; compare with ==")
	case t.text == "&&" || t.text == "||":
		return p.fail(t.col, "%s is not an operator here; use & | ~ on masks", t.text)
	case t.text == ".":
		return p.fail(t.col, "attributes are not supported; write sum(x) for x.sum() and exp(x) for np.exp(x)")
	case t.text == "!":
		return p.fail(t.col, "! is not an operator here; use ~ on masks and != to compare")
	case t.text == ")" || t.text == "]":
		return p.fail(t.col, "%s closes nothing; remove it or open it before", t.text)
	case t.text == ":" || t.text == ":=" || t.text == ";" || t.text == "{" || t.text == "}" || t.text == "?" || t.text == "->":
		return p.fail(t.col, "unexpected %s; write one expression, or several separated by commas", t.text)
	case t.kind == tokEnd:
		return p.fail(t.col, "the line ends too early; complete the expression")
	}
	return p.fail(t.col, "unexpected %s; an operator or a comma is missing before it", t.describe())
}

// pythonRemedy says what to write in place of a word of Python.
func pythonRemedy(word string) string {
	switch word {
	case "if", "else":
		return "choose between values with where(mask, a, b)"
	case "None":
		return "give an array another shape before it is passed, and mark what is missing with nan"
	case "in", "is":
		return "compare with == and join by |, as in (x == 1) | (x == 2)"
	}
	return "write one expression over whole arrays"
}

func (p *parser) wordOperator(t token) error {
	return p.fail(t.col, "%q does not work on arrays; use & | ~, with comparisons in parentheses", t.text)
}

// expression parses operators that bind tighter than power.
func (p *parser) expression(power int) (*syntax, error) {
	if p.depth++; p.depth > depthMax {
		return nil, p.fail(p.peek().col, "nested deeper than %d levels; split the expression over several lines", depthMax)
	}
	defer func() { p.depth-- }()
	left, err := p.unary()
	if err != nil {
		return nil, err
	}
	for {
		t := p.peek()
		bind := binaryPower[t.text]
		if t.kind != tokOp || bind == 0 || bind <= power {
			return left, nil
		}
		if bind == powCompare && left.kind == synBinary && binaryPower[left.text] == powCompare && !left.paren {
			return nil, p.fail(t.col, "comparisons cannot be chained on arrays; write (a < b) & (b < c)")
		}
		p.take()
		if t.text == "<<" || t.text == ">>" {
			return nil, p.fail(t.col, "shifts are not supported; multiply or floor-divide by a power of two")
		}
		if t.text == "@" {
			return nil, p.fail(t.col, "@ is not supported; write dot(x, y)")
		}
		right, err := p.expression(bind)
		if err != nil {
			return nil, err
		}
		left = &syntax{kind: synBinary, text: t.text, col: t.col, start: left.start, end: right.end, args: []*syntax{left, right}}
	}
}

func (p *parser) unary() (*syntax, error) {
	t := p.peek()
	if t.kind == tokName && t.text == "not" {
		return nil, p.wordOperator(t)
	}
	if t.kind != tokOp || t.text != "-" && t.text != "+" && t.text != "~" {
		return p.power()
	}
	p.take()
	if p.depth++; p.depth > depthMax {
		return nil, p.fail(t.col, "nested deeper than %d levels; split the expression over several lines", depthMax)
	}
	defer func() { p.depth-- }()
	arg, err := p.unary()
	if err != nil {
		return nil, err
	}
	return &syntax{kind: synUnary, text: t.text, col: t.col, start: t.pos, end: arg.end, args: []*syntax{arg}}, nil
}

func (p *parser) power() (*syntax, error) {
	base, err := p.postfix()
	if err != nil || !p.isOp("**") {
		return base, err
	}
	t := p.take()
	if p.depth++; p.depth > depthMax {
		return nil, p.fail(t.col, "nested deeper than %d levels; split the expression over several lines", depthMax)
	}
	defer func() { p.depth-- }()
	exponent, err := p.unary()
	if err != nil {
		return nil, err
	}
	return &syntax{kind: synBinary, text: "**", col: t.col, start: base.start, end: exponent.end, args: []*syntax{base, exponent}}, nil
}
