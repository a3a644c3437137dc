// Command limits writes the loops that a processor's limits are measured with: streams (STREAM of McCalpin), and fused
// multiply-adds, divisions and square roots in registers.
package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// set is an instruction set, as far as it matters here.
type set struct {
	name  string
	bytes int // of a register
	sums  int // fused multiply-adds under way at once: more than latency times throughput of any processor
	reg   func(i int) reg.VecPhysical
}

var (
	zmm  = []reg.VecPhysical{reg.Z0, reg.Z1, reg.Z2, reg.Z3, reg.Z4, reg.Z5, reg.Z6, reg.Z7, reg.Z8, reg.Z9, reg.Z10, reg.Z11, reg.Z12, reg.Z13, reg.Z14, reg.Z15, reg.Z16, reg.Z17}
	ymm  = []reg.VecPhysical{reg.Y0, reg.Y1, reg.Y2, reg.Y3, reg.Y4, reg.Y5, reg.Y6, reg.Y7, reg.Y8, reg.Y9, reg.Y10, reg.Y11, reg.Y12, reg.Y13, reg.Y14, reg.Y15}
	sets = []set{
		{"AVX512", 64, 16, func(i int) reg.VecPhysical { return zmm[i] }},
		{"AVX2", 32, 12, func(i int) reg.VecPhysical { return ymm[i] }},
	}
)

// round is how many bytes of each array one turn of a loop moves: 32 float64.
const round = 256

// ahead is how far the loops for memory prefetch what they read.
const ahead = 1024

// stream is one of the loops. Register 12 has k.
type stream struct {
	name, does string
	sources    int
	from       func(v, x, y reg.VecPhysical, k reg.VecPhysical) // v = ..., nil for v = x, or for v = k without sources
}

var streams = []stream{
	{"Write", "sets d = k", 0, nil},
	{"Copy", "sets d = x", 1, nil},
	{"Scale", "sets d = k*x", 1, func(v, x, _, k reg.VecPhysical) { VMULPD(x, k, v) }},
	{"Add", "sets d = x + y", 2, func(v, x, y, _ reg.VecPhysical) { VADDPD(x, y, v) }},
	{"Triad", "sets d = x + k*y", 2, func(v, x, y, k reg.VecPhysical) { VFMADD231PD(y, k, x) }},
}

func main() {
	ConstraintExpr("!noasm")
	operands = [2]Mem{ConstData("divisor", F64(0.3)), ConstData("dividend", F64(1.7))}
	for _, s := range sets {
		for _, memory := range []bool{false, true} {
			s.read(memory)
			for _, t := range streams {
				s.stream(t, memory)
			}
		}
		fused := "independent fused multiply-adds"
		s.peak("FMAF64", fused, VFMADD231PD)
		s.peak("FMAF32", fused, VFMADD231PS)
		s.peak("DivideF64", "independent divisions", VDIVPD)
		s.peak("SqrtF64", "independent square roots", func(ops ...Op) { VSQRTPD(ops[0], ops[2]) })
	}
	Generate()
}

// begin begins a function over arrays, whose registers it returns.
func begin(name, signature, doc string, arrays ...string) (at map[string]reg.GPVirtual) {
	TEXT(name, NOSPLIT, signature)
	Pragma("noescape")
	Doc(name + " " + doc)
	at = map[string]reg.GPVirtual{}
	for _, a := range append(arrays, "n") {
		at[a] = GP64()
		Load(Param(a), at[a])
	}
	return at
}

// end ends the loop, having moved the arrays on.
func end(at map[string]reg.GPVirtual, arrays ...string) {
	for _, a := range arrays {
		ADDQ(I32(round), at[a])
	}
	SUBQ(Imm(round/8), at["n"])
	JNZ(LabelRef("loop"))
}

func prefetch(at reg.GPVirtual) {
	for line := 0; line < round; line += 64 {
		PREFETCHT0(Mem{Base: at, Disp: ahead + line})
	}
}

func (s set) read(memory bool) {
	name, doc := "StreamRead"+s.name, "loads n > 0 float64, a multiple of 32."
	if memory {
		name, doc = "StreamReadMemory"+s.name, "loads n > 0 float64, a multiple of 32, and prefetches."
	}
	at := begin(name, "func(x *float64, n int)", doc, "x")
	Label("loop")
	if memory {
		prefetch(at["x"])
	}
	for i := range round / s.bytes {
		VMOVUPD(Mem{Base: at["x"], Disp: i * s.bytes}, s.reg(i))
	}
	end(at, "x")
	VZEROUPPER()
	RET()
}

func (s set) stream(t stream, memory bool) {
	name, doc := "Stream"+t.name+s.name, fmt.Sprintf("%s for n > 0 elements, a multiple of 32.", t.does)
	if memory {
		name, doc = "Stream"+t.name+"Memory"+s.name, fmt.Sprintf("%s for n > 0 elements, a multiple of 32, by stores around the caches; d is aligned to %d bytes.", t.does, s.bytes)
	}
	at := begin(name, "func(d, x, y *float64, k float64, n int)", doc, "d", "x", "y")
	k := s.reg(12)
	if t.name != "Copy" && t.name != "Add" {
		VBROADCASTSD(NewParamAddr("k", 24), k)
	}
	Label("loop")
	if memory && t.sources > 0 {
		prefetch(at["x"])
		if t.sources == 2 {
			prefetch(at["y"])
		}
	}
	for first := 0; first < round; first += 4 * s.bytes {
		for i := range 4 {
			x, y, disp := s.reg(i), s.reg(4+i), first+i*s.bytes
			if t.sources == 0 {
				x = k
			} else {
				VMOVUPD(Mem{Base: at["x"], Disp: disp}, x)
			}
			if t.sources == 2 {
				VMOVUPD(Mem{Base: at["y"], Disp: disp}, y)
			}
			if t.from != nil {
				t.from(x, x, y, k)
			}
			if memory {
				VMOVNTPD(x, Mem{Base: at["d"], Disp: disp})
			} else {
				VMOVUPD(x, Mem{Base: at["d"], Disp: disp})
			}
		}
	}
	end(at, "d", "x", "y")
	if memory {
		SFENCE()
	}
	VZEROUPPER()
	RET()
}

// operands are ordinary numbers: some processors know quotients of 0, of 1 and of NaN at once.
var operands [2]Mem

// peak emits a loop of operations that wait for nothing but themselves.
func (s set) peak(what, does string, one func(ops ...Op)) {
	name := "Peak" + what + s.name
	TEXT(name, NOSPLIT, "func(n int)")
	Doc(fmt.Sprintf("%s runs n > 0 rounds of %d %s of %d bytes each, in registers.", name, s.sums, does, s.bytes))
	n := GP64()
	Load(Param("n"), n)
	for i := range s.sums {
		VXORPS(s.reg(i).AsX(), s.reg(i).AsX(), s.reg(i).AsX())
	}
	for i, from := range operands {
		VBROADCASTSD(from, s.reg(s.sums+i))
	}
	Label("loop")
	for i := range s.sums {
		one(s.reg(s.sums), s.reg(s.sums+1), s.reg(i))
	}
	DECQ(n)
	JNZ(LabelRef("loop"))
	VZEROUPPER()
	RET()
}
