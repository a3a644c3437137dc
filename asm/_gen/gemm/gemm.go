package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// precision is an element type with its instructions.
type precision struct {
	name, goType string
	size         int
	move         func(...Op)
	moveMasked   func(m, k, x Op)
	maskMove     func(m, mask, x Op)
	broadcast    func(...Op)
	fma231       func(...Op)
	fma231Bcast  func(...Op)
	fma213       func(...Op)
	mul          func(...Op)
}

var precisions = []precision{
	{"F64", "float64", 8, VMOVUPD, VMOVUPD_Z, VMASKMOVPD, VBROADCASTSD, VFMADD231PD, VFMADD231PD_BCST, VFMADD213PD, VMULPD},
	{"F32", "float32", 4, VMOVUPS, VMOVUPS_Z, VMASKMOVPS, VBROADCASTSS, VFMADD231PS, VFMADD231PS_BCST, VFMADD213PS, VMULPS},
}

// gemmTiles emits the tiles of package kernels' Gemm, and what packs their panels.
func gemmTiles() {
	ends := tailMasks()
	for _, p := range precisions {
		(&tile{precision: p, rows: 8, vector: 64, isa: "AVX512"}).emit()
		(&tile{precision: p, rows: 4, vector: 32, isa: "AVX2", masks: ends}).emit()
	}
	transpose8F64()
	transpose8F32()
}

// tile is the generator of one function: rows×3 vectors of C stay in registers.
type tile struct {
	precision
	rows   int
	vector int // bytes
	isa    string

	depth, step, b, ldb GPVirtual
	a                   []GPVirtual
	masks               Mem       // AVX2: ones, then zeros
	tail                GPVirtual // AVX2: the address of the mask of the last vector
}

func (t *tile) lanes() int { return t.vector / t.size }
func (t *tile) wide() bool { return t.vector == 64 }

// v returns vector register i: the sums first, then three of B, then the rest.
func (t *tile) v(i int) VecPhysical {
	if t.wide() {
		return []VecPhysical{Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z8, Z9, Z10, Z11, Z12, Z13, Z14, Z15, Z16, Z17, Z18, Z19, Z20,
			Z21, Z22, Z23, Z24, Z25, Z26, Z27, Z28, Z29, Z30, Z31}[i]
	}
	return []VecPhysical{Y0, Y1, Y2, Y3, Y4, Y5, Y6, Y7, Y8, Y9, Y10, Y11, Y12, Y13, Y14, Y15}[i]
}

var opmasks = []Register{K1, K2, K3}

func (t *tile) zero(i int) {
	if t.wide() {
		VPXORQ(t.v(i), t.v(i), t.v(i))
	} else {
		VXORPS(t.v(i), t.v(i), t.v(i))
	}
}

func (t *tile) emit() {
	name := "Gemm" + t.name + t.isa
	TEXT(name, NOSPLIT, fmt.Sprintf("func(depth int, alpha %[1]s, a *%[1]s, unit, step int, b *%[1]s, ldb int, beta %[1]s, c *%[1]s, ldc, m, n int)", t.goType))
	Pragma("noescape")
	Doc(fmt.Sprintf("%s computes c = alpha*a*b + beta*c for 0 < m <= %d rows and 0 < n <= %d columns: element (i, p) of a", name, t.rows, 3*t.lanes()),
		"is a[i*unit + p*step], row p of b begins at b[p*ldb], row i of c at c[i*ldc]. The products, depth > 0 of them, are added",
		"from zero in order, each by one fused multiply-add; then c = fma(alpha, sum, beta*c). With beta zero c is not read.")
	if !t.wide() {
		t.emitNarrow()
		return
	}
	t.arguments()
	n := load("n")
	for i, k := range opmasks { // bit j of mask i: is column i*lanes + j one of the n
		bits := GP64()
		MOVQ(I64(-1), bits)
		BZHIQ(n, bits, bits)
		SHRQ(U8(i*t.lanes()), bits)
		KMOVW(bits.As32(), k)
	}
	m := load("m")
	CMPQ(m, U8(4))
	JLE(LabelRef("few"))
	t.choose("many", 8, n)
	Label("few")
	t.choose("few", 4, n)
}

func (t *tile) emitNarrow() {
	t.arguments()
	n := load("n")
	t.choose("whole", t.rows, n)
}

// choose emits the bodies for one, two and three vectors.
func (t *tile) choose(label string, rows int, n GPVirtual) {
	for vectors := 3; vectors >= 1; vectors-- {
		next := fmt.Sprintf("%s%d", label, vectors-1)
		if vectors > 1 {
			CMPQ(n, U8((vectors-1)*t.lanes()))
			JLE(LabelRef(next))
		}
		if t.wide() {
			t.body(fmt.Sprintf("%s%d", label, vectors), rows, vectors, false)
		} else {
			rest := GP64()
			MOVQ(n, rest)
			SUBQ(U8(vectors*t.lanes()), rest)
			JLT(LabelRef(fmt.Sprintf("part%d", vectors)))
			t.body(fmt.Sprintf("%s%d", label, vectors), rows, vectors, false)
			Label(fmt.Sprintf("part%d", vectors))
			t.findTail(rest)
			t.body(fmt.Sprintf("part%d", vectors), rows, vectors, true)
		}
		if vectors > 1 {
			Label(next)
		}
	}
}

// tailMasks is a row of ones and then of zeros; where one begins to read it makes the mask.
func tailMasks() Mem {
	m := GLOBL("gemmTailMasks", RODATA|NOPTR)
	for i := range 8 {
		v := uint64(1<<64 - 1)
		if i >= 4 {
			v = 0
		}
		DATA(8*i, U64(v))
	}
	return m
}

// findTail turns the number of columns that the last vector lacks, negative, into the address of its mask.
func (t *tile) findTail(rest GPVirtual) {
	t.tail = GP64()
	LEAQ(t.masks, t.tail)
	IMUL3Q(I8(-t.size), rest, rest)
	ADDQ(rest, t.tail)
}

func load(name string) GPVirtual {
	r := GP64()
	Load(Param(name), r)
	return r
}

// bytes loads a stride and turns elements into bytes.
func (t *tile) bytes(name string) GPVirtual {
	r := load(name)
	SHLQ(U8(map[int]int{8: 3, 4: 2}[t.size]), r)
	return r
}

func address(name string) Mem {
	b, err := Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	return b.Addr
}

// arguments loads them, strides in bytes. Rows of A beyond m are the last one again.
func (t *tile) arguments() {
	t.depth, t.step, t.b, t.ldb = load("depth"), t.bytes("step"), load("b"), t.bytes("ldb")
	unit, m := t.bytes("unit"), load("m")
	t.a = []GPVirtual{load("a")}
	for r := 1; r < t.rows; r++ {
		next := GP64()
		LEAQ(Mem{Base: t.a[r-1], Index: unit, Scale: 1}, next)
		CMPQ(m, U8(r))
		CMOVQLE(t.a[r-1], next)
		t.a = append(t.a, next)
	}
}

// body emits one loop over depth, and what stores its sums.
func (t *tile) body(label string, rows, vectors int, part bool) {
	for i := range rows * vectors {
		t.zero(i)
	}
	t.prefetch(rows, vectors)
	index := GP64()
	XORQ(index, index)
	Label(label + "loop")
	first, free := t.rows*3, t.rows*3+3 // vectors of B; temporaries
	for v := range vectors {
		at := Mem{Base: t.b, Disp: v * t.vector}
		switch {
		case t.wide():
			t.moveMasked(at, opmasks[v], t.v(first+v))
		case part && v == vectors-1:
			t.move(Mem{Base: t.tail}, t.v(free))
			t.maskMove(at, t.v(free), t.v(first+v))
		default:
			t.move(at, t.v(first+v))
		}
	}
	for r := range rows {
		at := Mem{Base: t.a[r], Index: index, Scale: 1}
		if t.wide() && vectors == 1 {
			t.fma231Bcast(at, t.v(first), t.v(r))
			continue
		}
		x := t.v(free)
		if t.wide() {
			x = t.v(free + r%5)
		}
		t.broadcast(at, x)
		for v := range vectors {
			t.fma231(t.v(first+v), x, t.v(r*vectors+v))
		}
	}
	ADDQ(t.ldb, t.b)
	ADDQ(t.step, index)
	DECQ(t.depth)
	JNZ(LabelRef(label + "loop"))
	t.store(label, rows, vectors, part)
}

// prefetch brings the rows of C near while the loop runs.
func (t *tile) prefetch(rows, vectors int) {
	c, ldc := load("c"), t.bytes("ldc")
	for r := range rows {
		for v := 0; v < vectors*t.vector; v += 64 {
			PREFETCHT0(Mem{Base: c, Disp: v})
		}
		if r+1 < rows {
			ADDQ(ldc, c)
		}
	}
}

// store writes rows of C until m of them are done.
func (t *tile) store(label string, rows, vectors int, part bool) {
	c, ldc, m := load("c"), t.bytes("ldc"), load("m")
	alpha, beta, old := t.v(t.rows*3), t.v(t.rows*3+1), t.v(t.rows*3+2)
	t.broadcast(address("alpha"), alpha)
	t.broadcast(address("beta"), beta)
	mask := t.v(t.rows*3 + 3)
	if part {
		t.move(Mem{Base: t.tail}, mask)
	}
	bits := GP64()
	if t.size == 8 {
		MOVQ(address("beta"), bits)
		ADDQ(bits, bits) // the sign goes: zero of either kind is zero
	} else {
		MOVL(address("beta"), bits.As32())
		ADDL(bits.As32(), bits.As32())
	}
	JZ(LabelRef(label + "fresh"))
	for _, fresh := range []bool{false, true} {
		suffix := "old"
		if fresh {
			suffix = "fresh"
			Label(label + suffix)
			t.zero(t.rows*3 + 2)
		}
		for r := range rows {
			for v := range vectors {
				sum, at, last := t.v(r*vectors+v), Mem{Base: c, Disp: v * t.vector}, part && v == vectors-1
				if !fresh {
					switch {
					case t.wide():
						t.moveMasked(at, opmasks[v], old)
					case last:
						t.maskMove(at, mask, old)
					default:
						t.move(at, old)
					}
					t.mul(beta, old, old)
				}
				t.fma213(old, alpha, sum)
				switch {
				case t.wide():
					t.move(sum, opmasks[v], at)
				case last:
					t.maskMove(sum, mask, at)
				default:
					t.move(sum, at)
				}
			}
			if r+1 < rows {
				CMPQ(m, U8(r+1))
				JLE(LabelRef(label + "done"))
				ADDQ(ldc, c)
			}
		}
		if !fresh {
			JMP(LabelRef(label + "done"))
		}
	}
	Label(label + "done")
	VZEROUPPER()
	RET()
}
