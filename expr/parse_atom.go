package expr

// postfix parses an atom and the calls and indexes that follow it.
func (p *parser) postfix() (*syntax, error) {
	left, err := p.atom()
	if err != nil {
		return nil, err
	}
	for {
		switch t := p.peek(); {
		case p.isOp("("):
			return nil, p.fail(t.col, "only a function can be called; an operator is missing before (")
		case p.isOp("["):
			if left, err = p.index(left); err != nil {
				return nil, err
			}
		case p.isOp("."):
			return nil, p.unexpected(t)
		default:
			return left, nil
		}
	}
}

func (p *parser) atom() (*syntax, error) {
	t := p.peek()
	switch {
	case t.kind == tokInt:
		p.take()
		return &syntax{kind: synInt, col: t.col, start: t.pos, end: t.end, text: t.text, i: int64(t.bits)}, nil
	case t.kind == tokFloat:
		p.take()
		return &syntax{kind: synFloat, col: t.col, start: t.pos, end: t.end, text: t.text, f: t.float}, nil
	case t.kind == tokName && !pythonWords[t.text]:
		p.take()
		if p.isOp("(") {
			return p.call(t)
		}
		if p.isOp(".") && (t.text == "np" || t.text == "numpy" || t.text == "math") {
			return nil, p.fail(t.col, "functions are written without %s.; write exp(x)", t.text)
		}
		return &syntax{kind: synName, col: t.col, start: t.pos, end: t.end, text: t.text}, nil
	case p.isOp("("):
		return p.parentheses(false)
	case p.isOp("["):
		return nil, p.fail(t.col, "lists are not supported; read an array, or use arange or linspace")
	case t.kind == tokEnd:
		return nil, p.unexpected(t)
	case t.kind == tokOp && (binaryPower[t.text] != 0 || t.text == "**"):
		return nil, p.fail(t.col, "%s has nothing on its left; an operand is missing", t.text)
	case p.isOp(",") || p.isOp(")") || p.isOp("]"):
		return nil, p.fail(t.col, "unexpected %s; an operand is missing before it", t.text)
	}
	return nil, p.unexpected(t)
}

// parentheses parses "( expr )", or with tuple also "( expr, expr )".
func (p *parser) parentheses(tuple bool) (*syntax, error) {
	open := p.take()
	if p.isOp(")") {
		return nil, p.fail(open.col, "empty parentheses; an expression is missing")
	}
	e, err := p.expression(0)
	if err != nil {
		return nil, err
	}
	if p.isOp(",") {
		if !tuple {
			return nil, p.fail(p.peek().col, "a tuple stands only as an argument, such as range=(lo, hi)")
		}
		list := []*syntax{e}
		for p.isOp(",") {
			p.take()
			if p.isOp(")") {
				break
			}
			if e, err = p.expression(0); err != nil {
				return nil, err
			}
			list = append(list, e)
		}
		end, err := p.closing(open, ")")
		if err != nil {
			return nil, err
		}
		return &syntax{kind: synTuple, col: open.col, start: open.pos, end: end, args: list}, nil
	}
	end, err := p.closing(open, ")")
	if err != nil {
		return nil, err
	}
	e.start, e.end, e.paren = open.pos, end, true
	return e, nil
}

// closing takes the bracket that ends what open began.
func (p *parser) closing(open token, want string) (end int, err error) {
	t := p.peek()
	if t.kind == tokEnd {
		return 0, p.fail(open.col, "%s is never closed; add %s", open.text, want)
	}
	if !p.isOp(want) {
		return 0, p.unexpected(t)
	}
	return p.take().end, nil
}

// argument parses a call's argument, the one place where a tuple may stand.
func (p *parser) argument() (*syntax, error) {
	if !p.isOp("(") {
		return p.expression(0)
	}
	if p.tupleAhead() {
		return p.parentheses(true)
	}
	return p.expression(0)
}

// tupleAhead says whether the parentheses that open here are a whole argument with a comma at their own level. It looks
// at tokens only, so that nested calls are never parsed twice.
func (p *parser) tupleAhead() bool {
	depth, comma := 0, false
	for i := p.at; i < len(p.toks); i++ {
		if p.toks[i].kind != tokOp {
			continue
		}
		switch p.toks[i].text {
		case "(", "[":
			depth++
		case ")", "]":
			depth--
		case ",":
			comma = comma || depth == 1
		}
		if depth == 0 {
			return comma
		}
	}
	return false
}

func (p *parser) call(name token) (*syntax, error) {
	if p.depth++; p.depth > depthMax {
		return nil, p.fail(name.col, "nested deeper than %d levels; split the expression over several lines", depthMax)
	}
	defer func() { p.depth-- }()
	open := p.take()
	c := &syntax{kind: synCall, col: name.col, start: name.pos, text: name.text}
	for !p.isOp(")") {
		if p.peek().kind == tokEnd {
			return nil, p.fail(open.col, "( is never closed; add )")
		}
		if t, next := p.peek(), p.peekSecond(); t.kind == tokName && next.kind == tokOp && next.text == "=" {
			p.take()
			p.take()
			v, err := p.argument()
			if err != nil {
				return nil, err
			}
			c.keywords = append(c.keywords, keyword{t.text, t.col, v})
		} else {
			v, err := p.argument()
			if err != nil {
				return nil, err
			}
			if len(c.keywords) > 0 {
				return nil, p.fail(v.col, "a positional argument follows %s=; put named arguments last", c.keywords[len(c.keywords)-1].name)
			}
			c.args = append(c.args, v)
		}
		if !p.isOp(",") {
			break
		}
		p.take()
	}
	end, err := p.closing(open, ")")
	c.end = end
	return c, err
}

// index parses what stands in brackets after x: a mask, an integer or a slice.
func (p *parser) index(x *syntax) (*syntax, error) {
	open := p.take()
	if p.isOp("]") {
		return nil, p.fail(open.col, "empty brackets; write a mask x[x > 0], a slice x[1:] or a position x[0]")
	}
	var parts [3]*syntax
	colons := 0
	first := p.peek()
	for !p.isOp("]") {
		t := p.peek()
		switch {
		case p.isOp(":"):
			p.take()
			if colons++; colons > 2 {
				return nil, p.fail(t.col, "a slice has at most two colons: start:stop:step")
			}
		case p.isOp(","):
			return nil, p.fail(t.col, "one index at a time; arrays are indexed along their first axis only")
		case t.kind == tokEnd:
			return nil, p.fail(open.col, "[ is never closed; add ]")
		case parts[colons] != nil:
			return nil, p.unexpected(t)
		default:
			e, err := p.expression(0)
			if err != nil {
				return nil, err
			}
			parts[colons] = e
		}
	}
	end := p.take().end
	at := parts[0]
	if colons > 0 {
		at = &syntax{kind: synSlice, col: first.col, start: first.pos, end: end - 1, args: parts[:]}
	}
	return &syntax{kind: synIndex, col: open.col, start: x.start, end: end, args: []*syntax{x, at}}, nil
}
