package expr

// operands fills in an instruction but for its destination.
func (l *lowerer) operands(id nodeID) instr {
	n := &l.pl.g.nodes[id]
	in := instr{op: n.op, in: n.dt, out: n.dt, ext: l.ext[id], imm: n.imm, src: l.pl.faults[id]}
	scalar := func(i int) int32 {
		if n.args[i] == noNode {
			return 0
		}
		return l.pl.slots[n.args[i]]
	}
	if p, ok := l.horner[id]; ok {
		in.op, in.a = opHorner, l.operand(p.x)
		for _, c := range p.coefs {
			in.coefs = append(in.coefs, l.pl.slots[c])
		}
		return in
	}
	switch n.op {
	case opLoad, opRepeat, opUniform, opBootstrap:
		return in
	case opNormal, opArange, opLinspace:
		in.s, in.s2 = scalar(0), scalar(1)
		return in
	case opSplat:
		in.s = scalar(0)
		return in
	case opClamp:
		in.a, in.s, in.s2 = l.operand(n.args[0]), scalar(1), scalar(2)
		return in
	case opSelect:
		in.a, in.b, in.c = l.operand(n.args[0]), l.operand(n.args[1]), l.operand(n.args[2])
		return in
	}
	if n.op.isScan() {
		in.carry = int32(len(l.out.carries))
		for _, s := range l.st.scans {
			if s.node == id {
				l.out.carries = append(l.out.carries, carry{dt: s.dt, mul: s.mul, word: s.word})
			}
		}
	}
	in.in = l.pl.g.nodes[n.args[0]].dt
	if n.args[1] == noNode {
		in.a = l.operand(n.args[0])
		return in
	}
	left, right := l.pl.g.nodes[n.args[0]].scalar, l.pl.g.nodes[n.args[1]].scalar
	direct := in.in.isFloat() && hasScalarForm(n.op, left) || n.op.isCompare()
	switch {
	case right && direct:
		in.form, in.a, in.s = formRight, l.operand(n.args[0]), scalar(1)
	case left && direct:
		in.form, in.b, in.s = formLeft, l.operand(n.args[1]), scalar(0)
	default:
		in.a, in.b = l.operand(n.args[0]), l.operand(n.args[1])
	}
	return in
}

// operand is the slot of an argument; a scalar is spread over a register of its own.
func (l *lowerer) operand(id nodeID) int32 {
	n := &l.pl.g.nodes[id]
	if !n.scalar {
		return l.place[id]
	}
	if s, ok := l.splats[id]; ok {
		return s
	}
	l.used[n.dt]++
	s := l.newSlot(n.dt, slot{kind: slotRegister, index: l.used[n.dt] - 1})
	l.splats[id] = s
	l.out.splats = append(l.out.splats, splat{dt: n.dt, slot: s, scalar: l.pl.slots[id]})
	return s
}

// leafOf names the leaf of a value that was placed for sinks.
func (l *lowerer) leafOf(id nodeID) leafRef {
	n := &l.pl.g.nodes[id]
	s := l.out.slots[n.dt][l.place[id]]
	return leafRef{kind: s.kind, dt: n.dt, index: s.index, offset: s.offset}
}

// packed names the elements of a value that a mask selects; without a mask it is the leaf itself.
func (l *lowerer) packed(id, mask nodeID) leafRef {
	from := l.leafOf(id)
	if mask == noNode {
		return from
	}
	p := pack{from: from, mask: l.leafOf(mask)}
	for i := range l.out.packs {
		if q := l.out.packs[i]; q.from == p.from && q.mask == p.mask {
			return leafRef{packed: true, dt: from.dt, index: int32(i)}
		}
	}
	l.leaves[from.dt]++
	p.buffer = l.leaves[from.dt] - 1
	l.out.packs = append(l.out.packs, p)
	return leafRef{packed: true, dt: from.dt, index: int32(len(l.out.packs) - 1)}
}

// attach adds what is done once per leaf.
func (l *lowerer) attach(pass int, last bool) {
	for _, s := range l.st.scans {
		if s.pass == pass {
			l.out.totals = append(l.out.totals, total{dt: s.dt, mul: s.mul, word: s.word, x: l.leafOf(l.pl.g.nodes[s.node].args[0])})
		}
	}
	for _, p := range l.st.places {
		if p.pass == pass {
			l.out.sinks = append(l.out.sinks, sink{reducer: -1, word: p.word, x: l.leafOf(p.mask)})
		}
	}
	if !last {
		return
	}
	for i, at := range l.st.reducers {
		r := &l.pl.reducers[at]
		s := sink{reducer: at, word: l.st.offsets[i], x: l.packed(r.x, r.mask)}
		if r.y != noNode {
			s.y = l.packed(r.y, r.mask)
		}
		if r.mask != noNode && (r.kind == kindArgMin || r.kind == kindArgMax) { // the mask tells where the elements were
			s.y = l.leafOf(r.mask)
		}
		l.out.sinks = append(l.out.sinks, s)
	}
	for _, o := range l.st.outputs {
		if o.mask == noNode {
			continue
		}
		for _, p := range l.st.places {
			if p.mask == o.mask {
				l.out.writers = append(l.out.writers, writer{array: o.array, word: p.word, x: l.packed(o.node, o.mask)})
			}
		}
	}
}
