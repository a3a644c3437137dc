package expr

// polynomial is a chain of products with one array and sums with scalars, which one instruction does in registers.
type polynomial struct {
	x     nodeID
	coefs []nodeID // scalars, the highest power first
}

// findPolynomials notes the nodes that are polynomials by Horner's rule, whose inner values nothing else uses: ((a*x + b)*x + c).
func (l *lowerer) findPolynomials() {
	uses := map[nodeID]int{}
	seen := map[nodeID]bool{}
	var order []nodeID
	var visit func(id nodeID)
	visit = func(id nodeID) {
		if id == noNode {
			return
		}
		uses[id]++
		if seen[id] || l.pl.g.nodes[id].scalar {
			return
		}
		seen[id] = true
		for _, a := range l.pl.g.nodes[id].args {
			visit(a)
		}
		order = append(order, id)
	}
	for _, id := range l.roots {
		visit(id)
	}
	for _, id := range l.roots {
		uses[id]++ // its own value is wanted
	}
	for _, id := range order { // arguments come first: a longer chain finds the shorter one that it goes on from
		if p, ok := l.polynomialOf(id, uses); ok {
			l.horner[id] = p
		}
	}
}

// polynomialOf recognises one step: scalar + x*scalar, or scalar + x*(a polynomial of x).
func (l *lowerer) polynomialOf(id nodeID, uses map[nodeID]int) (p polynomial, ok bool) {
	n := &l.pl.g.nodes[id]
	if n.op != opAdd || !n.dt.isFloat() || n.scalar {
		return p, false
	}
	product, last := n.args[0], n.args[1]
	if l.pl.g.nodes[product].scalar {
		product, last = last, product
	}
	m := &l.pl.g.nodes[product]
	if m.op != opMul || m.scalar || uses[product] != 1 || !l.pl.g.nodes[last].scalar {
		return p, false
	}
	for i, factor := range m.args[:2] {
		x := m.args[1-i]
		if l.pl.g.nodes[factor].scalar {
			return polynomial{x, []nodeID{factor, last}}, true
		}
		if inner, known := l.horner[factor]; known && inner.x == x && uses[factor] == 1 {
			return polynomial{x, append(append([]nodeID(nil), inner.coefs...), last)}, true
		}
	}
	return p, false
}

// args are the values that the instruction of a node reads.
func (l *lowerer) args(id nodeID) [3]nodeID {
	if p, ok := l.horner[id]; ok {
		return [3]nodeID{p.x, noNode, noNode}
	}
	return l.pl.g.nodes[id].args
}
