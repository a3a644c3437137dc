package expr

import "github.com/shmath/shmath/kernels"

// Run evaluates the block [lo, hi) of a stage: it writes the block's part of the arrays that the stage writes, and its
// partial result, of Stage.Words words. It is a pure function of the operands, the scalars and the block (in the passes
// of a Scan also of partial, which must come back as Combine left it): a block may be run again, or by another process,
// and leaves the same bits. Errors are *Error.
func (f *Frame) Run(stage, lo, hi int, partial []uint64) error {
	if !f.ready {
		f.allocate()
	}
	st := &f.plan.stages[stage]
	if lo%st.Block != 0 || hi > st.N || hi <= lo || hi-lo > st.Block {
		panic(panicBlock)
	}
	if len(partial) != st.Words {
		panic(panicPartial)
	}
	p := &st.passes[min(int(f.scalars[st.passSlot]), len(st.passes)-1)]
	if p == &st.passes[len(st.passes)-1] {
		f.checkOutputs(st)
	}
	f.begin(st, p, lo, partial)
	if p.streams {
		defer kernels.StreamEnd()
	}
	for at := lo; at < hi; at += leafLen {
		end := min(at+leafLen, hi)
		for t := at; t < end; t += tileLen {
			n := min(tileLen, end-t)
			f.aim(p, at, t)
			for i := range p.code {
				if p.fetches {
					f.fetch(p, i, t+tileLen, min(t+2*tileLen, hi))
				}
				if err := f.exec(&p.code[i], t, n); err != nil {
					return f.plan.fault(p.code[i].src, err.Error())
				}
			}
		}
		if err := f.leaf(p, at, end-at, partial); err != nil {
			return err
		}
	}
	for i := range p.sinks {
		f.accs[i].store(f.plan, &p.sinks[i], partial)
	}
	for i, t := range p.totals {
		partial[t.word] = f.carryBits(t.dt, i)
	}
	return nil
}

// checkOutputs panics unless there is room for what the stage writes.
func (f *Frame) checkOutputs(st *Stage) {
	for _, o := range st.outputs {
		var n int
		switch f.plan.arrays[o.array].DType {
		case Bool:
			n = len(f.b.arrays[o.array])
		case Int64:
			n = len(f.i64.arrays[o.array])
		case Float32:
			n = len(f.f32.arrays[o.array])
		case Float64:
			n = len(f.f64.arrays[o.array])
		}
		if n < f.Len(o.array) {
			panic(panicOperand)
		}
	}
}

// begin readies the frame for a block.
func (f *Frame) begin(st *Stage, p *program, lo int, partial []uint64) {
	enter(&f.b, p.slots[Bool])
	enter(&f.i64, p.slots[Int64])
	enter(&f.f32, p.slots[Float32])
	enter(&f.f64, p.slots[Float64])
	for _, s := range p.splats {
		f.fillScalar(s.dt, s.slot, s.scalar, tileLen+f.plan.buffers.ext)
	}
	for i := range p.sinks {
		f.accs[i].reset(f.plan, &p.sinks[i], partial)
	}
	for i := range p.writers {
		f.written[i] = int(partial[p.writers[i].word])
	}
	for i, c := range p.carries {
		f.startCarry(c.dt, c.mul, i)
		var before uint64
		if lo > 0 {
			before = partial[c.word]
		}
		f.setPrefix(c.dt, c.mul, i, before, lo > 0)
	}
	for i, t := range p.totals {
		f.startCarry(t.dt, t.mul, i)
	}
}

// enter makes room for the slots of a program and aims its registers, which stay where they are.
func enter[T any](b *bank[T], slots []slot) {
	if cap(b.cur) < len(slots) {
		b.cur = make([][]T, len(slots))
	}
	b.cur = b.cur[:len(slots)]
	for i := range slots {
		if slots[i].kind == slotRegister {
			b.cur[i] = b.registers[slots[i].index]
		}
	}
}

// aim points the other slots at a tile.
func (f *Frame) aim(p *program, leaf, tile int) {
	aimBank(&f.b, p.slots[Bool], leaf, tile)
	aimBank(&f.i64, p.slots[Int64], leaf, tile)
	aimBank(&f.f32, p.slots[Float32], leaf, tile)
	aimBank(&f.f64, p.slots[Float64], leaf, tile)
}

func aimBank[T any](b *bank[T], slots []slot, leaf, tile int) {
	for i := range slots {
		switch s := &slots[i]; s.kind {
		case slotLeaf:
			b.cur[i] = b.leaves[s.index][tile-leaf:]
		case slotInput:
			b.cur[i] = b.arrays[s.index][int(s.offset)+tile:]
		case slotOutput:
			b.cur[i] = b.arrays[s.index][tile:]
		}
	}
}

// elements returns the elements of a leaf that a sink is after.
func elementsOf[T any](b *bank[T], r *leafRef, at, n int) []T {
	switch {
	case r.packed:
		return b.packed[r.index]
	case r.kind == slotLeaf:
		return b.leaves[r.index][:n]
	}
	return b.arrays[r.index][int(r.offset)+at:][:n]
}

// leaf does what is done once per leaf: packs selected elements, feeds reducers, writes selections, adds up totals.
func (f *Frame) leaf(p *program, at, n int, partial []uint64) error {
	for i := range p.packs {
		k := &p.packs[i]
		mask := elementsOf(&f.b, &k.mask, at, n)
		switch k.from.dt {
		case Bool:
			f.b.packed[i] = packBool(f.b.leaves[k.buffer], mask, elementsOf(&f.b, &k.from, at, n))
		case Int64:
			f.i64.packed[i] = packNumber(f.i64.leaves[k.buffer], mask, elementsOf(&f.i64, &k.from, at, n))
		case Float32:
			f.f32.packed[i] = packNumber(f.f32.leaves[k.buffer], mask, elementsOf(&f.f32, &k.from, at, n))
		case Float64:
			f.f64.packed[i] = packNumber(f.f64.leaves[k.buffer], mask, elementsOf(&f.f64, &k.from, at, n))
		}
	}
	for i := range p.sinks {
		if err := f.feed(&f.accs[i], &p.sinks[i], at, n, partial); err != nil {
			return err
		}
	}
	for i := range p.writers {
		w := &p.writers[i]
		switch w.x.dt {
		case Bool:
			f.written[i] += copy(f.b.arrays[w.array][f.written[i]:], elementsOf(&f.b, &w.x, at, n))
		case Int64:
			f.written[i] += copy(f.i64.arrays[w.array][f.written[i]:], elementsOf(&f.i64, &w.x, at, n))
		case Float32:
			f.written[i] += copy(f.f32.arrays[w.array][f.written[i]:], elementsOf(&f.f32, &w.x, at, n))
		case Float64:
			f.written[i] += copy(f.f64.arrays[w.array][f.written[i]:], elementsOf(&f.f64, &w.x, at, n))
		}
	}
	for i := range p.totals {
		f.addTotal(&p.totals[i], i, at, n)
	}
	return nil
}

func packNumber[T kernels.Number](buffer []T, mask []bool, x []T) []T {
	return buffer[:kernels.Compress(buffer, mask, x)]
}

func packBool(buffer, mask, x []bool) []bool {
	n := 0
	for i, m := range mask {
		if m {
			buffer[n] = x[i]
			n++
		}
	}
	return buffer[:n]
}
