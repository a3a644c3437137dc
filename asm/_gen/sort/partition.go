package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"

	"github.com/shmath/shmath/asm/_gen/vector"
)

// array is a pointer to elements, or two: keys and their numbers.
type array []g

func param(f *f, e elem, name string) array {
	if e.paired {
		return array{f.Param(name).(g), f.Param(name + "Numbers").(g)}
	}
	return array{f.Param(name).(g)}
}

// at are the addresses of element index, and disp bytes behind it.
func (a array) at(e elem, index g, disp int) []operand.Mem {
	var m []operand.Mem
	for _, base := range a {
		m = append(m, operand.Mem{Base: base, Index: index, Scale: uint8(e.Size), Disp: disp})
	}
	return m
}

// signature writes the parameters: arrays, the pivot, and a number.
func signature(e elem, arrays []string, last string) string {
	s := "func("
	for _, name := range arrays {
		s += name + " *" + e.Go + ", "
		if e.paired {
			s += name + "Numbers *int64, "
		}
	}
	return s + "pivot " + e.Go + ", " + last + ")"
}

// mover stores registers: the lanes below the pivot from the left on, the others before the right.
type mover struct {
	*f
	e     elem
	pivot v
	table g
	below g // how many are on the left
}

// load returns the registers at some addresses.
func (m *mover) load(at []operand.Mem) []v {
	var r []v
	for _, a := range at {
		r = append(r, m.Load(a))
	}
	return r
}

// store moves the lanes of one register. All of it is stored on both sides: what does not belong there is overwritten later.
func (m *mover) store(regs []v, left, right []operand.Mem) {
	bits, places := m.bits(17, regs[0], m.pivot), m.New()
	for i, r := range regs {
		p := m.New()
		if i == 0 {
			m.permuteBy(m.table, bits, places, r, p)
		} else {
			m.permute(r, places, p)
		}
		m.Store(p, left[i])
		m.Store(p, right[i])
	}
	m.POPCNTQ(bits, bits)
	m.ADDQ(bits, m.below)
}

// bits returns a bit for each lane for which a compares with b: as VCMPPD numbers comparisons; integers have less alone.
func (m *mover) bits(pred uint8, a, b v) g {
	bits := m.GP64()
	switch {
	case m.Set == vector.AVX512:
		k := m.K()
		if m.e.integer {
			m.VPCMPQ(operand.U8(1), b, a, k)
		} else {
			m.VCMPPD(operand.U8(pred), b, a, k)
		}
		m.KMOVB(k, bits.As32())
	default:
		r := m.New()
		if m.e.integer {
			m.I("VPCMPGT"+map[int]string{8: "Q", 4: "D"}[m.e.Size], a, b, r)
		} else {
			m.P("VCMP", operand.U8(pred), b, a, r)
		}
		m.P("VMOVMSK", r, bits.As32())
	}
	return bits
}

// permuteBy sets p to the lanes of r that bits names and then the others, and order to the permutation.
func (m *mover) permuteBy(table, bits g, order, r, p v) {
	entry := operand.Mem{Base: table, Index: bits, Scale: 8}
	if m.Set == vector.AVX512 {
		m.VPMOVZXBQ(entry, order)
	} else {
		m.VPMOVZXBD(entry, order)
	}
	m.permute(r, order, p)
}

func (m *mover) permute(r, order, p v) {
	if m.Set == vector.AVX512 {
		m.VPERMPD(r, order, p)
	} else {
		m.VPERMPS(r, order, p)
	}
}

// places is the table of permutations by mask: first the lanes that it names, then the others. An entry is eight bytes:
// one for each lane of eight, two for each of four.
func places(f *f) operand.Mem {
	lanes := f.Lanes()
	var words []uint64
	for mask := range 1 << lanes {
		word, at := uint64(0), 0
		for _, want := range []int{1, 0} {
			for b := range 8 {
				if lane := b * lanes / 8; mask>>lane&1 == want {
					word |= uint64(b) << (8 * at)
					at++
				}
			}
		}
		if f.Suffix == "PS" {
			words = append(words, word&(1<<32-1), word>>32)
		} else {
			words = append(words, word)
		}
	}
	return f.Table(fmt.Sprintf("places%d", lanes), words)
}

// split writes func(x, room *T, pivot T, n int) int: n is a multiple of the lanes.
func split(file *vector.File, s vector.Set, e elem) {
	var x, room array
	var n g
	m := &mover{e: e}
	setup := func(f *f) {
		m.f, m.pivot = f, f.Broadcast("pivot")
		x, room, n = param(f, e, "x"), param(f, e, "room"), f.Param("n").(g)
	}
	const doc = "moves the elements of x below pivot to its front, in their order, and the others to the end of the n elements of room. " +
		"It returns how many are below. n is a multiple of 8."
	file.Func(s, e.Elem, "Split", signature(e, []string{"x", "room"}, "n int")+" int", doc, setup, func(f *f) {
		m.table, m.below = f.GP64(), f.GP64()
		f.LEAQ(places(f), m.table)
		f.XORQ(m.below, m.below)
		// left is below x by what has been read: from is where the next register is, less what is below.
		lanes := f.Lanes()
		from := f.GP64()
		f.XORQ(from, from)
		right := make(array, len(room))
		for i := range room {
			right[i] = f.GP64()
			f.LEAQ(operand.Mem{Base: room[i], Index: n, Scale: uint8(e.Size), Disp: -f.Bytes}, right[i])
		}
		for _, u := range []int{4, 1} {
			label := fmt.Sprintf("by%d", u)
			end := f.GP64()
			f.MOVQ(n, end)
			f.SUBQ(operand.U32(u*lanes), end)
			f.Label(label)
			f.CMPQ(from, end)
			f.JGT(operand.LabelRef(label + "done"))
			for i := range u {
				m.store(m.load(x.at(e, from, i*f.Bytes)), x.at(e, m.below, 0), right.at(e, m.below, -i*f.Bytes))
			}
			f.ADDQ(operand.U32(u*lanes), from)
			for _, r := range right {
				f.SUBQ(operand.U32(u*f.Bytes), r)
			}
			f.JMP(operand.LabelRef(label))
			f.Label(label + "done")
		}
		f.Context.Store(m.below, f.ReturnIndex(0))
	})
}

// group is how many registers partition reads at once from one side.
const group = 8

// partition writes func(x *T, pivot T, state *int, groups int).
func partition(file *vector.File, s vector.Set, e elem) {
	var x array
	var state, groups g
	m := &mover{e: e}
	setup := func(f *f) {
		m.f, m.pivot = f, f.Broadcast("pivot")
		x, state, groups = param(f, e, "x"), f.Param("state").(g), f.Param("groups").(g)
	}
	doc := fmt.Sprintf("reads groups > 0 times %d registers from that side of the rest of x where less room is, and stores its elements "+
		"below pivot behind those on the left, the others before those on the right. state is where the rest begins and ends, "+
		"how many are on the left, and where the right begins; there must be room for %d registers on both sides together.", group, 2*group)
	file.Func(s, e.Elem, "Partition", signature(e, []string{"x"}, "state *int, groups int"), doc, setup, func(f *f) {
		m.table, m.below = f.GP64(), f.GP64()
		f.LEAQ(places(f), m.table)
		lo, hi, above := f.GP64(), f.GP64(), f.GP64()
		f.MOVQ(operand.Mem{Base: state}, lo)
		f.MOVQ(operand.Mem{Base: state, Disp: 8}, hi)
		f.MOVQ(operand.Mem{Base: state, Disp: 16}, m.below)
		f.MOVQ(operand.Mem{Base: state, Disp: 24}, above)
		step := group * f.Lanes()
		f.Label("loop")
		// right + below is where a whole register ends before the right.
		base := f.GP64()
		f.MOVQ(above, base)
		f.SUBQ(m.below, base)
		from := f.GP64()
		f.LEAQ(operand.Mem{Base: lo, Index: hi, Scale: 1}, from)
		f.SUBQ(m.below, from)
		f.CMPQ(from, above)
		f.JGT(operand.LabelRef("fromRight"))
		f.MOVQ(lo, from)
		f.ADDQ(operand.U32(step), lo)
		for line := range group * f.Bytes / 64 {
			f.PREFETCHT0(x.at(e, from, ahead+64*line)[0])
		}
		f.JMP(operand.LabelRef("move"))
		f.Label("fromRight")
		f.SUBQ(operand.U32(step), hi)
		f.MOVQ(hi, from)
		for line := range group * f.Bytes / 64 {
			f.PREFETCHT0(x.at(e, from, -ahead+64*line)[0])
		}
		f.Label("move")
		var regs [][]v
		for i := range group {
			regs = append(regs, m.load(x.at(e, from, i*f.Bytes)))
		}
		right := make(array, len(x))
		for i := range x {
			right[i] = f.GP64()
			f.LEAQ(operand.Mem{Base: x[i], Index: base, Scale: uint8(e.Size)}, right[i])
		}
		for i, r := range regs {
			m.store(r, x.at(e, m.below, 0), right.at(e, m.below, -(i+1)*f.Bytes))
		}
		f.LEAQ(operand.Mem{Base: base, Index: m.below, Scale: 1, Disp: -step}, above)
		f.DECQ(groups)
		f.JNZ(operand.LabelRef("loop"))
		f.MOVQ(lo, operand.Mem{Base: state})
		f.MOVQ(hi, operand.Mem{Base: state, Disp: 8})
		f.MOVQ(m.below, operand.Mem{Base: state, Disp: 16})
		f.MOVQ(above, operand.Mem{Base: state, Disp: 24})
	})
}

// ahead is how far ahead partition asks for memory, in bytes.
const ahead = 1024
