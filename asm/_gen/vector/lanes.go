package vector

import "github.com/mmcloughlin/avo/operand"

// Row is the number of lanes of a sum: element j of a block goes to lane j%Row, on every instruction set.
const Row = 64

// At is memory at a constant distance from a loaded argument.
func At(base Op, disp int) operand.Mem { return operand.Mem{Base: base.(Base), Disp: disp} }

// ReturnAddr is where result i goes. Stores must be VEX encoded: the legacy ones of avo's Store cost a transition.
func (f *F) ReturnAddr(i int) operand.Mem {
	c, err := f.ReturnIndex(i).Resolve()
	if err != nil {
		panic(err)
	}
	return c.Addr
}

// Total adds the 64 float64 lanes at base in the tree of kernels.Sum: lane j with j+32, j+16, ... j+1.
func (f *F) Total(base Op) Scalar {
	per := f.Bytes / 8
	regs := make([]V, Row/per/2)
	for i := range regs {
		regs[i] = f.New()
		f.VMOVUPD(At(base, i*f.Bytes), regs[i])
		f.VADDPD(At(base, i*f.Bytes+Row*4), regs[i], regs[i])
	}
	for n := len(regs) / 2; n > 0; n /= 2 {
		for i := range n {
			f.VADDPD(regs[i+n], regs[i], regs[i])
		}
	}
	y := regs[0].AsY()
	if f.Set == AVX512 {
		h := f.YMM()
		f.VEXTRACTF64X4(operand.U8(1), regs[0], h)
		f.VADDPD(h, y, y)
	}
	x, h := regs[0].AsX(), f.XMM()
	f.VEXTRACTF128(operand.U8(1), y, h)
	f.VADDPD(h, x, x)
	f.VUNPCKHPD(x, x, h)
	f.VADDSD(h, x, x)
	return x
}

// Rows runs step for each of n > 0 rows of elements; x's pointers advance behind it.
func (f *F) Rows(label string, n Base, pointers []Base, step func()) {
	f.Label(label)
	step()
	for _, p := range pointers {
		f.ADDQ(operand.U32(Row*f.Size), p)
	}
	f.DECQ(n)
	f.JNZ(operand.LabelRef(label))
}
