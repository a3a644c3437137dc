package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/shmath/shmath/asm/_gen/vector"
)

// net sorts the lanes of some rows: first each column, then, by twos, fours and so on, groups of columns in row order.
type net struct {
	*f
	e       elem
	keys    []v
	numbers []v // of pairs
	upper   map[int]reg.OpmaskVirtual
	reverse v // the lanes of a register in reverse
}

// rows is the most rows of a network: with its partners it fits the registers.
func (e elem) rows() int {
	if e.Suffix == "PS" || e.paired {
		return 8
	}
	return 16
}

// network writes func(x *T, n int).
func network(file *vector.File, s vector.Set, e elem) {
	var x array
	var n g
	setup := func(f *f) { x, n = param(f, e, "x"), f.Param("n").(g) }
	signature := "func(x *" + e.Go + ", n int)"
	if e.paired {
		signature = "func(x *int64, xNumbers *int64, n int)"
	}
	lanes := s.Bytes / e.Size
	doc := fmt.Sprintf("sorts 0 < n <= %d elements, none of them NaN.", e.rows()*lanes)
	file.Func(s, e.Elem, "Network", signature, doc, setup, func(f *f) {
		t := &net{f: f, e: e, upper: map[int]reg.OpmaskVirtual{}, reverse: f.New()}
		order := make([]uint64, lanes)
		for i := range order {
			order[i] = uint64(lanes - 1 - i)
		}
		f.VMOVUPD(f.Table(fmt.Sprintf("reverse%d", lanes), order), t.reverse)
		for d := 1; d < lanes; d *= 2 {
			bits, k := uint32(0), f.K()
			for i := range lanes {
				if i&d != 0 {
					bits |= 1 << i
				}
			}
			r := f.GP32()
			f.MOVL(operand.U32(bits), r)
			f.KMOVW(r, k)
			t.upper[d] = k
		}
		for rows := 1; rows <= e.rows(); rows *= 2 {
			next := fmt.Sprintf("above%d", rows)
			if rows < e.rows() {
				f.CMPQ(n, operand.U32(rows*lanes))
				f.JGT(operand.LabelRef(next))
			}
			t.sort(x, n, rows)
			if rows < e.rows() {
				f.JMP(operand.LabelRef("end"))
				f.Label(next)
			}
		}
		f.Label("end")
	})
}

// sort loads, sorts and stores n elements, more than half of what the rows hold.
func (t *net) sort(x array, n g, rows int) {
	lanes, whole := t.Bytes/t.e.Size, rows/2
	rest, bits, all := t.GP64(), t.GP64(), t.K()
	t.LEAQ(operand.Mem{Base: n, Disp: -whole * lanes}, rest)
	t.MOVQ(operand.I32(-1), bits)
	t.BZHIQ(rest, bits, bits)
	t.KMOVQ(bits, all)
	part := func(r int) reg.OpmaskVirtual {
		k := t.K()
		t.KSHIFTRQ(operand.U8((r-whole)*lanes), all, k)
		return k
	}
	load := func(base g, missing v) []v {
		var regs []v
		for r := range rows {
			at := operand.Mem{Base: base, Disp: r * t.Bytes}
			if r < whole {
				regs = append(regs, t.Load(at))
				continue
			}
			regs = append(regs, t.Copy(missing))
			t.P("VMOVU", at, part(r), regs[r])
		}
		return regs
	}
	t.keys = load(x[0], t.greatest())
	if t.e.paired {
		t.numbers = load(x[1], t.greatest())
	}
	t.columns(rows)
	for w := 2; w <= lanes; w *= 2 {
		t.merge(rows, w)
	}
	for i, regs := range [][]v{t.keys, t.numbers} {
		for r, reg := range regs {
			at := operand.Mem{Base: x[i], Disp: r * t.Bytes}
			if r < whole {
				t.Store(reg, at)
			} else {
				t.P("VMOVU", reg, part(r), at)
			}
		}
	}
}

// greatest is what stands where no element is: it stays behind all others.
func (t *net) greatest() v {
	r := t.New()
	m := map[string]uint64{"F64": 0x7ff0 << 48, "I64": 1<<63 - 1, "Pairs": 1<<63 - 1, "F32": 0x7f80 << 16, "I32": 1<<31 - 1}[t.e.Name]
	if t.e.Size == 8 {
		t.VBROADCASTSD(t.Table("greatest"+t.e.Name, []uint64{m}), r)
	} else {
		t.VBROADCASTSS(t.Table("greatest"+t.e.Name, []uint64{m}), r)
	}
	return r
}

// columns sorts each column by Batcher's merge exchange (Knuth, volume 3, 5.2.2, algorithm M).
func (t *net) columns(n int) {
	for p := n / 2; p > 0; p /= 2 {
		q, r, d := n/2, 0, p
		for {
			for i := range n - d {
				if i&p == r {
					t.exchange(i, i+d, false)
				}
			}
			if q == p {
				break
			}
			d, q, r = q-p, q/2, p
		}
	}
}

// merge makes sorted groups of w columns of two of w/2. The groups are in row order: the element with which one of the
// left half is compared first lies point by point opposite, and so do all that follow until only rows are left.
func (t *net) merge(rows, w int) {
	for h := rows; h > 1; h /= 2 {
		for base := 0; base < rows; base += h {
			for i := range h / 2 {
				t.exchange(base+i, base+h-1-i, true, w)
			}
		}
	}
	for r := range rows {
		t.within(r, w-1, w/2)
		for d := w / 4; d > 0; d /= 2 {
			t.within(r, d, d)
		}
	}
}

// exchange leaves the lesser elements in row a, the greater in row b, which is turned round in groups of w first.
// MINPD and MAXPD return the second source for zeros of both signs, so each gets the other order.
func (t *net) exchange(a, b int, turned bool, w ...int) {
	x, y := t.keys[a], t.keys[b]
	if turned {
		y = t.permute(y, w[0]-1)
	}
	if t.e.paired {
		nx, ny := t.numbers[a], t.numbers[b]
		if turned {
			ny = t.permute(ny, w[0]-1)
		}
		k := t.before(y, ny, x, nx)
		t.keys[a], t.keys[b] = t.Copy(x), t.Copy(y)
		t.VMOVDQA64(y, k, t.keys[a])
		t.VMOVDQA64(x, k, t.keys[b])
		t.numbers[a], t.numbers[b] = t.Copy(nx), t.Copy(ny)
		t.VMOVDQA64(ny, k, t.numbers[a])
		t.VMOVDQA64(nx, k, t.numbers[b])
		return
	}
	t.keys[a], t.keys[b] = t.least(x, y), t.greater(y, x)
}

// within compares lane i of a row with lane i^flip: where i&d is zero the lesser stays.
func (t *net) within(row, flip, d int) {
	x := t.keys[row]
	y := t.permute(x, flip)
	if t.e.paired {
		n := t.numbers[row]
		ny := t.permute(n, flip)
		k := t.before(y, ny, x, n)
		t.KXORB(t.upper[d], k, k)
		t.VMOVDQA64(y, k, x)
		t.VMOVDQA64(ny, k, n)
		return
	}
	t.keys[row] = t.least(x, y)
	switch {
	case t.e.integer && t.e.Size == 8:
		t.VPMAXSQ(y, x, t.upper[d], t.keys[row])
	case t.e.integer:
		t.VPMAXSD(y, x, t.upper[d], t.keys[row])
	default:
		t.P("VMAX", y, x, t.upper[d], t.keys[row])
	}
}

// before tells which pairs of a come before those of b: by key, then by number, so that the order is stable.
func (t *net) before(a, na, b, nb v) reg.OpmaskVirtual {
	less, equal := t.K(), t.K()
	t.VPCMPQ(operand.U8(0), b, a, equal)
	t.VPCMPQ(operand.U8(1), nb, na, equal, equal)
	t.VPCMPQ(operand.U8(1), b, a, less)
	t.KORB(equal, less, less)
	return less
}

func (t *net) least(a, b v) v   { return t.choose("MIN", a, b) }
func (t *net) greater(a, b v) v { return t.choose("MAX", a, b) }

func (t *net) choose(name string, a, b v) v {
	r := t.New()
	if t.e.integer {
		t.I("VP"+name+map[int]string{8: "SQ", 4: "SD"}[t.e.Size], b, a, r)
	} else {
		t.P("V"+name, b, a, r)
	}
	return r
}

// permute returns the lanes i^flip of x.
func (t *net) permute(x v, flip int) v {
	r := t.New()
	if t.e.Size == 8 {
		switch flip {
		case 1:
			t.VPERMILPD(operand.U8(0x55), x, r)
		case 2:
			t.VPERMPD(operand.U8(0x4e), x, r)
		case 3:
			t.VPERMPD(operand.U8(0x1b), x, r)
		case 4:
			t.VSHUFF64X2(operand.U8(0x4e), x, x, r)
		case 7:
			t.VPERMPD(x, t.reverse, r)
		}
		return r
	}
	switch flip {
	case 1:
		t.VPERMILPS(operand.U8(0xb1), x, r)
	case 2:
		t.VPERMILPS(operand.U8(0x4e), x, r)
	case 3:
		t.VPERMILPS(operand.U8(0x1b), x, r)
	case 4:
		t.VPERMPD(operand.U8(0x4e), x, r)
	case 7:
		h := t.New()
		t.VPERMILPS(operand.U8(0x1b), x, h)
		t.VPERMPD(operand.U8(0x4e), h, r)
	case 8:
		t.VSHUFF64X2(operand.U8(0x4e), x, x, r)
	case 15:
		t.VPERMPS(x, t.reverse, r)
	}
	return r
}
