package expr

// syntaxKind tells the nodes of a syntax tree apart.
type syntaxKind uint8

const (
	synName syntaxKind = iota
	synInt
	synFloat
	synUnary
	synBinary
	synCall
	synIndex
	synSlice // only inside synIndex: args are start, stop, step, nil where left out
	synTuple // only as an argument, such as range=(lo, hi)
)

// syntax is one node of a parsed expression.
type syntax struct {
	kind       syntaxKind
	col        int // where errors point: an operator's column, a call's name, a name's first character
	start, end int // byte offsets of the whole node in the source
	text       string
	paren      bool // stood in parentheses of its own
	i          int64
	f          float64
	args       []*syntax
	keywords   []keyword

	fn     *function // of a call, once bound
	bound  []*syntax // of a call: one entry per parameter of fn, nil where left out
	stream int       // of a random call: its number in the line, from 0
}

// keyword is one named argument.
type keyword struct {
	name  string
	col   int
	value *syntax
}

// walk visits the tree in the order of the source.
func (s *syntax) walk(visit func(*syntax)) {
	if s == nil {
		return
	}
	if s.kind == synBinary || s.kind == synIndex || s.kind == synSlice || s.kind == synTuple {
		for i, a := range s.args {
			a.walk(visit)
			if i == 0 {
				visit(s)
			}
		}
		return
	}
	visit(s)
	for _, a := range s.args {
		a.walk(visit)
	}
	for _, k := range s.keywords {
		k.value.walk(visit)
	}
}
