// Command rows writes the loops of level 2: a few rows of a matrix against a vector.
package main

import (
	"fmt"
	"strings"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/shmath/shmath/asm/_gen/vector"
)

// rows is one function in the making.
type rows struct {
	*vector.F
	x, y, coefs, a, ld, rows, n reg.GPVirtual
	bits                        operand.Mem // AVX2: lanes of ones, then of zeros
}

func main() {
	vector.Generate(func(file *vector.File) {
		for _, e := range []vector.Elem{vector.F64, vector.F32} {
			for _, s := range vector.Sets {
				types := strings.NewReplacer("T", e.Go)
				r := &rows{}
				file.Func(s, e, "DotRows", types.Replace("func(alpha T, y, x, a *T, ld, rows, n int)"),
					fmt.Sprintf("sets y[r] = fma(alpha, row r of a times x, y[r]) for rows > 0 rows ld apart and n > 0, in %d lanes.", lanes(e)),
					func(f *vector.F) { r.load(f, "x") }, func(*vector.F) { r.dot() })
				file.Func(s, e, "AddRows", types.Replace("func(y, coefs, a *T, ld, rows, n int)"),
					"sets y[j] = fma(coefs[r], a[r*ld + j], y[j]) for each of rows > 0 rows in turn and j < n.",
					func(f *vector.F) { r.load(f, "coefs") }, func(*vector.F) { r.add() })
				file.Func(s, e, "RankRows", types.Replace("func(alpha T, a, coefs, y *T, ld, rows, n int)"),
					"sets a[r*ld + j] = fma(alpha*coefs[r], y[j], a[r*ld + j]) for each of rows > 0 rows and j < n, n > 0.",
					func(f *vector.F) { r.load(f, "rank") }, func(*vector.F) { r.rank() })
			}
		}
	})
}

// lanes of a dot product: two registers of AVX-512.
func lanes(e vector.Elem) int { return 128 / e.Size }

func (r *rows) load(f *vector.F, second string) {
	*r = rows{F: f}
	get := func(name string) reg.GPVirtual { g := f.GP64(); f.Context.Load(f.Context.Param(name), g); return g }
	r.y, r.a, r.ld, r.rows, r.n = get("y"), get("a"), get("ld"), get("rows"), get("n")
	if second == "x" {
		r.x = get("x")
	} else {
		r.coefs = get("coefs")
	}
	f.IMUL3Q(operand.U8(f.Size), r.ld, r.ld)
	if f.Set == vector.AVX2 {
		r.bits = f.StaticGlobal(fmt.Sprintf("rowBits%s%s", second, f.Elem.Name))
		f.DataAttributes(attr.RODATA | attr.NOPTR)
		for i := range 32 {
			ones := uint64(1<<64 - 1)
			if i >= 16 {
				ones = 0
			}
			f.AddDatum(8*i, operand.U64(ones))
		}
	}
}

// mask returns a load and a store of the first of count elements at several registers in a row, count < lanes(e).
func (r *rows) mask(count reg.GPVirtual, registers int) (load, store func(i int, at operand.Mem, v vector.V)) {
	if r.Set == vector.AVX512 {
		bits, k := r.GP64(), make([]reg.OpmaskVirtual, registers)
		r.MOVQ(operand.I32(-1), bits)
		r.BZHIQ(count, bits, bits)
		for i := range k {
			k[i] = r.K()
			r.KMOVW(bits.As32(), k[i])
			r.SHRQ(operand.U8(r.Lanes()), bits)
		}
		load = func(i int, at operand.Mem, v vector.V) { r.I("VMOVU"+r.Suffix+"_Z", at, k[i], v) }
		store = func(i int, at operand.Mem, v vector.V) { r.P("VMOVU", v, k[i], at) }
		return load, store
	}
	table, skip := r.GP64(), r.GP64()
	r.LEAQ(r.bits, table)
	r.MOVQ(count, skip)
	r.IMUL3Q(operand.I8(int8(-r.Size)), skip, skip)
	r.ADDQ(skip, table)
	at := func(i int) vector.V {
		v := r.New()
		r.P("VMOVU", operand.Mem{Base: table, Disp: 128 + 32*i}, v)
		return v
	}
	load = func(i int, m operand.Mem, v vector.V) { r.P("VMASKMOV", m, at(i), v) }
	store = func(i int, m operand.Mem, v vector.V) { r.P("VMASKMOV", v, at(i), m) }
	return load, store
}

// dot takes four rows at once with 32 registers, two with 16.
func (r *rows) dot() {
	group, regs := 4, lanes(r.Elem)/r.Lanes()
	if r.Set == vector.AVX2 {
		group = 2
	}
	r.Label("group")
	at := []reg.GPVirtual{r.a}
	for i := 1; i < group; i++ { // a row that is not there is the last one again
		next := r.GP64()
		r.LEAQ(operand.Mem{Base: at[i-1], Index: r.ld, Scale: 1}, next)
		r.CMPQ(r.rows, operand.U8(i))
		r.CMOVQLE(at[i-1], next)
		at = append(at, next)
	}
	sums := make([][]vector.V, group)
	for i := range sums {
		for range regs {
			v := r.New()
			r.zero(v)
			sums[i] = append(sums[i], v)
		}
	}
	index, left, x := r.GP64(), r.GP64(), make([]vector.V, regs)
	for v := range x {
		x[v] = r.New()
	}
	r.XORQ(index, index)
	r.MOVQ(r.n, left)
	r.SUBQ(operand.U8(lanes(r.Elem)), left)
	r.JLT(operand.LabelRef("tail"))
	r.Label("loop")
	for v := range x {
		r.P("VMOVU", operand.Mem{Base: r.x, Index: index, Scale: 1, Disp: v * r.Bytes}, x[v])
	}
	for i := range sums {
		for v := range x {
			r.P("VFMADD231", operand.Mem{Base: at[i], Index: index, Scale: 1, Disp: v * r.Bytes}, x[v], sums[i][v])
		}
	}
	r.ADDQ(operand.I32(128), index)
	r.SUBQ(operand.U8(lanes(r.Elem)), left)
	r.JGE(operand.LabelRef("loop"))
	r.Label("tail")
	r.ADDQ(operand.U8(lanes(r.Elem)), left)
	r.JZ(operand.LabelRef("reduce"))
	load, _ := r.mask(left, regs)
	for v := range x {
		load(v, operand.Mem{Base: r.x, Index: index, Scale: 1, Disp: v * r.Bytes}, x[v])
		for i := range sums {
			t := r.New()
			load(v, operand.Mem{Base: at[i], Index: index, Scale: 1, Disp: v * r.Bytes}, t)
			r.P("VFMADD231", t, x[v], sums[i][v])
		}
	}
	r.Label("reduce")
	for i := range sums {
		r.reduce(sums[i], operand.Mem{Base: r.y})
		r.ADDQ(operand.U8(r.Size), r.y)
		r.LEAQ(operand.Mem{Base: at[i], Index: r.ld, Scale: 1}, r.a)
		r.DECQ(r.rows)
		r.JZ(operand.LabelRef("done"))
	}
	r.JMP(operand.LabelRef("group"))
	r.Label("done")
}

func (r *rows) zero(v vector.V) {
	if r.Set == vector.AVX512 {
		r.VPXORQ(v, v, v)
	} else {
		r.VXORPS(v, v, v)
	}
}

// reduce adds lanes l and l+half until one is left.
func (r *rows) reduce(v []vector.V, at operand.Mem) {
	for h := len(v) / 2; h > 0; h /= 2 {
		for i := range h {
			r.P("VADD", v[i+h], v[i], v[i])
		}
	}
	s := v[0]
	t := r.YMM()
	if r.Set == vector.AVX512 {
		r.VEXTRACTF64X4(operand.U8(1), s, t)
		r.P("VADD", t, s.AsY(), s.AsY())
	}
	r.VEXTRACTF128(operand.U8(1), s.AsY(), t.AsX())
	r.P("VADD", t.AsX(), s.AsX(), s.AsX())
	r.VPERMILPD(operand.U8(1), s.AsX(), t.AsX())
	r.P("VADD", t.AsX(), s.AsX(), s.AsX())
	alpha, err := r.Context.Param("alpha").Resolve()
	if err != nil {
		panic(err)
	}
	if r.Size == 4 {
		r.VMOVSHDUP(s.AsX(), t.AsX())
		r.VADDSS(t.AsX(), s.AsX(), s.AsX())
		r.VMOVSS(alpha.Addr, t.AsX())
		r.VFMADD213SS(at, t.AsX(), s.AsX())
		r.VMOVSS(s.AsX(), at)
		return
	}
	r.VMOVSD(alpha.Addr, t.AsX())
	r.VFMADD213SD(at, t.AsX(), s.AsX())
	r.VMOVSD(s.AsX(), at)
}

// add keeps four registers of y while the rows pass, then one, then a part of one.
func (r *rows) add() {
	index := r.GP64()
	r.XORQ(index, index)
	r.span("four", index, 4)
	r.span("one", index, 1)
	r.TESTQ(r.n, r.n)
	r.JZ(operand.LabelRef("done"))
	load, store := r.mask(r.n, 1)
	y, at := r.New(), operand.Mem{Base: r.y, Index: index, Scale: 1}
	load(0, at, y)
	r.each("rest", index, func(c vector.V, row reg.GPVirtual) {
		t := r.New()
		load(0, operand.Mem{Base: row}, t)
		r.P("VFMADD231", t, c, y)
	})
	store(0, at, y)
	r.Label("done")
}

// span takes count registers at once while there are as many.
func (r *rows) span(label string, index reg.GPVirtual, count int) {
	step := count * r.Lanes()
	r.SUBQ(operand.I32(step), r.n)
	r.JLT(operand.LabelRef(label + "end"))
	r.Label(label)
	y := make([]vector.V, count)
	for v := range y {
		y[v] = r.New()
		r.P("VMOVU", operand.Mem{Base: r.y, Index: index, Scale: 1, Disp: v * r.Bytes}, y[v])
	}
	r.each(label+"row", index, func(c vector.V, row reg.GPVirtual) {
		for v := range y {
			r.P("VFMADD231", operand.Mem{Base: row, Disp: v * r.Bytes}, c, y[v])
		}
	})
	for v := range y {
		r.P("VMOVU", y[v], operand.Mem{Base: r.y, Index: index, Scale: 1, Disp: v * r.Bytes})
	}
	r.ADDQ(operand.I32(count*r.Bytes), index)
	r.SUBQ(operand.I32(step), r.n)
	r.JGE(operand.LabelRef(label))
	r.Label(label + "end")
	r.ADDQ(operand.I32(step), r.n)
}

// each runs body for each row, with its coefficient in all lanes.
func (r *rows) each(label string, index reg.GPVirtual, body func(c vector.V, row reg.GPVirtual)) {
	row, coef, left, c := r.GP64(), r.GP64(), r.GP64(), r.New()
	r.LEAQ(operand.Mem{Base: r.a, Index: index, Scale: 1}, row)
	r.MOVQ(r.coefs, coef)
	r.MOVQ(r.rows, left)
	r.Label(label)
	r.I("VBROADCASTS"+r.Suffix[1:], operand.Mem{Base: coef}, c)
	body(c, row)
	r.ADDQ(r.ld, row)
	r.ADDQ(operand.U8(r.Size), coef)
	r.DECQ(left)
	r.JNZ(operand.LabelRef(label))
}

// rank passes over each row; what is left of all of them has one mask.
func (r *rows) rank() {
	rest := r.GP64()
	r.MOVQ(r.n, rest)
	r.ANDQ(operand.U8(r.Lanes()-1), rest)
	load, store := r.mask(rest, 1)
	alpha := r.Broadcast("alpha")
	index, left, c := r.GP64(), r.GP64(), r.New()
	y, a := operand.Mem{Base: r.y, Index: index, Scale: 1}, operand.Mem{Base: r.a, Index: index, Scale: 1}
	r.Label("row")
	r.I("VBROADCASTS"+r.Suffix[1:], operand.Mem{Base: r.coefs}, c)
	r.P("VMUL", alpha, c, c)
	r.XORQ(index, index)
	r.MOVQ(r.n, left)
	r.SUBQ(operand.U8(r.Lanes()), left)
	r.JLT(operand.LabelRef("rest"))
	r.Label("whole")
	v := r.New()
	r.P("VMOVU", a, v)
	r.P("VFMADD231", y, c, v)
	r.P("VMOVU", v, a)
	r.ADDQ(operand.U8(r.Bytes), index)
	r.SUBQ(operand.U8(r.Lanes()), left)
	r.JGE(operand.LabelRef("whole"))
	r.Label("rest")
	r.TESTQ(rest, rest)
	r.JZ(operand.LabelRef("next"))
	t, u := r.New(), r.New()
	load(0, y, t)
	load(0, a, u)
	r.P("VFMADD231", t, c, u)
	store(0, a, u)
	r.Label("next")
	r.ADDQ(r.ld, r.a)
	r.ADDQ(operand.U8(r.Size), r.coefs)
	r.DECQ(r.rows)
	r.JNZ(operand.LabelRef("row"))
}
