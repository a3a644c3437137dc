package vector

import (
	"fmt"
	"math"

	"github.com/mmcloughlin/avo/operand"
)

// The operations on lanes as integers, of the lanes' size.

// letter ends the names of instructions on integers.
func (f *F) letter() string {
	if f.Suffix == "PS" {
		return "D"
	}
	return "Q"
}

// three writes an instruction of two operands and a result.
func (f *F) three(name string, a V, b Op) V {
	r := f.New()
	f.I(name, b, a, r)
	return r
}

// AddInt returns a+b.
func (f *F) AddInt(a V, b Op) V { return f.three("VPADD"+f.letter(), a, b) }

// SubInt returns a-b.
func (f *F) SubInt(a V, b Op) V { return f.three("VPSUB"+f.letter(), a, b) }

// ShiftLeft returns a<<n.
func (f *F) ShiftLeft(a V, n uint8) V { return f.three("VPSLL"+f.letter(), a, operand.U8(n)) }

// ShiftRight returns a>>n of unsigned lanes.
func (f *F) ShiftRight(a V, n uint8) V { return f.three("VPSRL"+f.letter(), a, operand.U8(n)) }

// FromInt returns the float64 of small non-negative lanes, less bias: the bits of 2^52 make room for the integer.
func (f *F) FromInt(a V, bias float64) V {
	return f.Sub(f.Or(a, f.Const(0x1p52)), f.Const(0x1p52+bias))
}

// Lookup returns table[i%16] for each lane i. The table stays in two registers of AVX-512; AVX2 gathers.
func (f *F) Lookup(name string, table [16]float64, i V) V {
	if f.Set == AVX512 {
		lo, hi := f.halves(name, table)
		r := f.Copy(i)
		f.VPERMI2PD(hi, lo, r)
		return r
	}
	words := make([]uint64, 16)
	for j, v := range table {
		words[j] = math.Float64bits(v)
	}
	base := f.GP64()
	f.LEAQ(f.Table(name, words), base)
	at, mask, r := f.And(i, f.Bits(15)), f.New(), f.New()
	f.VPCMPEQD(at, at, mask)
	f.VXORPD(r, r, r)
	f.VGATHERQPD(mask, operand.Mem{Base: base, Index: at, Scale: 8}, r)
	return r
}

// Choose returns a where first holds, else c where second holds, else b; i is 0, 2 or 1 accordingly. AVX-512 looks the
// number up in memory, AVX2 blends.
func (f *F) Choose(i V, first, second Mask, a, b, c float64) V {
	if f.Set == AVX2 {
		return f.Blend(first, f.Const(a), f.Blend(second, f.Const(c), f.Const(b)))
	}
	words := []uint64{math.Float64bits(a), math.Float64bits(b), math.Float64bits(c), 0, 0, 0, 0, 0}
	r := f.New()
	f.VPERMPD(f.Table(fmt.Sprintf("choose%x_%x_%x", words[0], words[1], words[2]), words), i, r)
	return r
}

// halves loads a table before the loop, as constants are loaded.
func (f *F) halves(name string, table [16]float64) (lo, hi V) {
	if h, ok := f.tables[name]; ok {
		return h[0], h[1]
	}
	if !f.probe {
		panic("table " + name + " was not seen before")
	}
	h := [2]V{f.New(), f.New()}
	f.tables[name], f.tableOrder = h, append(f.tableOrder, namedTable{name, table})
	return h[0], h[1]
}

// loadTables loads what the probe has seen.
func (f *F) loadTables(seen []namedTable) {
	for _, t := range seen {
		words := make([]uint64, 16)
		for j, v := range t.values {
			words[j] = math.Float64bits(v)
		}
		m := f.Table(t.name, words)
		lo, hi := f.New(), f.New()
		f.VMOVUPD(m, lo)
		f.VMOVUPD(m.Offset(64), hi)
		f.tables[t.name] = [2]V{lo, hi}
	}
}

type namedTable struct {
	name   string
	values [16]float64
}
