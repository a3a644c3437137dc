package kernels

import (
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
	"testing"
)

// intKernel is an elementwise kernel of integers with its meaning for one element.
type intKernel[T Number] struct {
	name string
	args int
	run  func(dst, x, y []T)
	one  func(x, y T) T
}

// intEdges are the integers where arithmetic wraps around, divisions round, and shifts end.
func intEdges[T Integer]() []T {
	size := elementSize([]T{}) * 8
	least := T(1) << (size - 1)
	return []T{0, 1, 2, 3, 7, 8, 63, 64, 31, 32, 33, 100, T(0) - 1, T(0) - 2, T(0) - 3, T(0) - 7, T(0) - 64, least, least + 1, ^least, ^least - 1,
		least / 2, ^least / 2, ^least/2 + 1, ^least / 3, least + least/7}
}

// randomInts are integers of all magnitudes, edges among them.
func randomInts[T Integer](n int, seed uint64) []T {
	r, odd := newRand(seed), intEdges[T]()
	x := make([]T, n)
	for i := range x {
		x[i] = T(r.Uint64())
		switch r.IntN(4) {
		case 0:
			x[i] = odd[r.IntN(len(odd))]
		case 1:
			x[i] >>= r.IntN(elementSize(x) * 8)
		}
	}
	return x
}

// floorQuotient divides the magnitudes, and then looks at the signs.
func floorQuotient[T Integer](x, y T) (q, r T) {
	if y == 0 {
		return 0, 0
	}
	if !isSigned[T]() {
		return x / y, x % y
	}
	a, b := int64(x), int64(y)
	hi, lo := bits.Div64(0, magnitude(a), magnitude(b)) // quotient and remainder of the magnitudes
	q, r = T(hi), T(lo)
	if a < 0 {
		r = -r
	}
	if (a < 0) != (b < 0) {
		q = -q
		if lo != 0 {
			q, r = q-1, r+y
		}
	}
	return q, r
}

func magnitude(a int64) uint64 {
	if a < 0 {
		return -uint64(a)
	}
	return uint64(a)
}

// shifted is x<<y, or x>>y rounded down, by products and quotients of two halves of the power of two.
func shifted[T Integer](x, y T, half func(x, power T) T) T {
	size := uint64(elementSize([]T{}) * 8)
	power := func(n uint64) T {
		p := T(1)
		for range n {
			p += p
		}
		return p
	}
	n := min(uint64(y), 2*size-4) // the rest of the digits, or of the sign
	return half(half(x, power(n/2)), power(n-n/2))
}

// intKernels lists every elementwise kernel of integers. Kernels with a scalar take a, which the caller may choose.
func intKernels[T Integer](a T) []intKernel[T] {
	k := []intKernel[T]{
		{"Add", 2, Add[T], func(x, y T) T { return x + y }},
		{"Sub", 2, Sub[T], func(x, y T) T { return x - y }},
		{"Mul", 2, Mul[T], func(x, y T) T { return T(uint64(x) * uint64(y)) }},
		{"Minimum", 2, Minimum[T], func(x, y T) T {
			if x < y {
				return x
			}
			return y
		}},
		{"Maximum", 2, Maximum[T], func(x, y T) T {
			if x < y {
				return y
			}
			return x
		}},
		{"FloorDiv", 2, FloorDiv[T], func(x, y T) T { q, _ := floorQuotient(x, y); return q }},
		{"Mod", 2, Mod[T], func(x, y T) T { _, r := floorQuotient(x, y); return r }},
		{"BitAnd", 2, BitAnd[T], func(x, y T) T { return ^(^x | ^y) }},
		{"BitOr", 2, BitOr[T], func(x, y T) T { return ^(^x & ^y) }},
		{"BitXor", 2, BitXor[T], func(x, y T) T { return (x | y) - (x & y) }},
		{"ShiftLeft", 2, ShiftLeft[T], func(x, y T) T { return shifted(x, y, func(x, p T) T { return T(uint64(x) * uint64(p)) }) }},
		{"ShiftRight", 2, ShiftRight[T], func(x, y T) T {
			return shifted(x, y, func(x, p T) T { q, _ := floorQuotient(x, p); return q })
		}},
	}
	for _, s := range []struct {
		name string
		run  func(dst, x []T, a T)
	}{
		{"Add", AddScalar[T]}, {"Sub", SubScalar[T]}, {"Mul", MulScalar[T]}, {"Mul", Scale[T]}, {"FloorDiv", FloorDivScalar[T]},
		{"Mod", ModScalar[T]}, {"BitAnd", BitAndScalar[T]}, {"BitOr", BitOrScalar[T]}, {"BitXor", BitXorScalar[T]},
		{"ShiftLeft", ShiftLeftScalar[T]}, {"ShiftRight", ShiftRightScalar[T]},
	} {
		one := k[slices.IndexFunc(k, func(k intKernel[T]) bool { return k.name == s.name })].one
		k = append(k, intKernel[T]{s.name + "Scalar", 1, func(dst, x, _ []T) { s.run(dst, x, a) }, func(x, _ T) T { return one(x, a) }})
	}
	return append(k,
		intKernel[T]{"RSubScalar", 1, func(dst, x, _ []T) { RSubScalar(dst, x, a) }, func(x, _ T) T { return a - x }},
		intKernel[T]{"Clamp", 1, func(dst, x, _ []T) { Clamp(dst, x, a/2, a) }, func(x, _ T) T { return min(max(x, a/2), a) }},
		intKernel[T]{"Neg", 1, func(dst, x, _ []T) { Neg(dst, x) }, func(x, _ T) T { return ^x + 1 }},
		intKernel[T]{"BitNot", 1, func(dst, x, _ []T) { BitNot(dst, x) }, func(x, _ T) T { return 0 - x - 1 }},
		intKernel[T]{"Square", 1, func(dst, x, _ []T) { Square(dst, x) }, func(x, _ T) T { return T(uint64(x) * uint64(x)) }},
		intKernel[T]{"Abs", 1, func(dst, x, _ []T) { Abs(dst, x) }, func(x, _ T) T {
			if isSigned[T]() {
				return T(magnitude(int64(x)))
			}
			return x
		}},
		intKernel[T]{"Sign", 1, func(dst, x, _ []T) { Sign(dst, x) }, func(x, _ T) T {
			return T(asBit(x > 0)) - T(asBit(x < 0))
		}},
	)
}

// eachInteger runs a test for every kind of integer: those with assembly, and those that Go alone does.
func eachInteger(t *testing.T, i64, i32, word, i8, u16, u64 func(t *testing.T)) {
	for name, test := range map[string]func(t *testing.T){"int64": i64, "int32": i32, "int": word, "int8": i8, "uint16": u16, "uint64": u64} {
		t.Run("type="+name, test)
	}
}

// TestIntegers_LengthsOffsetsAliases runs every kernel at every length and at several offsets, out of place and in place,
// between guards.
func TestIntegers_LengthsOffsetsAliases(t *testing.T) {
	eachISA(t, func(t *testing.T) {
		eachInteger(t, testIntegers[int64], testIntegers[int32], testIntegers[int], testIntegers[int8], testIntegers[uint16], testIntegers[uint64])
	})
}

func testIntegers[T Integer](t *testing.T) {
	odd := intEdges[T]()
	for n := 0; n <= 130; n++ {
		x, y := randomInts[T](n, uint64(n)), randomInts[T](n, uint64(n+1000))
		for _, k := range intKernels(odd[n%len(odd)]) {
			checkInts(t, k, n, n%17, x, y)
		}
	}
	for c, n := range oddLengths {
		if elementSize(odd) < 4 || n > chunk+100 && elementSize(odd) > 4 {
			continue
		}
		x, y := randomInts[T](n, uint64(n)), randomInts[T](n, uint64(n+1000))
		for _, k := range intKernels(odd[c%len(odd)]) {
			checkInts(t, k, n, c%17, x, y)
		}
	}
}

// checkInts compares one kernel with its meaning.
func checkInts[T Integer](t *testing.T, k intKernel[T], n, off int, x, y []T) {
	t.Helper()
	want := make([]T, n)
	for i := range want {
		want[i] = k.one(x[i], y[i])
	}
	same := func(what string, got []T, intact func() bool) {
		t.Helper()
		for i := range got {
			if got[i] != want[i] {
				t.Fatalf("%s n=%d %s: element %d of %d and %d = %d, want %d", k.name, n, what, i, x[i], y[i], got[i], want[i])
			}
		}
		if !intact() {
			t.Fatalf("%s n=%d %s: wrote outside", k.name, n, what)
		}
	}
	dst, intact := guarded(y, (off+3)%17)
	k.run(dst, x, y)
	same("apart", dst, intact)
	dst, intact = guarded(x, off)
	k.run(dst, dst, y)
	same("in place of x", dst, intact)
	if k.args > 1 {
		dst, intact = guarded(y, off)
		k.run(dst, x, dst)
		same("in place of y", dst, intact)
	}
}

// TestIntegers_EveryPairOfEdges divides, shifts and wraps around at each pair of edges, as arrays and by a scalar.
func TestIntegers_EveryPairOfEdges(t *testing.T) {
	eachISA(t, func(t *testing.T) {
		eachInteger(t, testEdges[int64], testEdges[int32], testEdges[int], testEdges[int8], testEdges[uint16], testEdges[uint64])
	})
}

func testEdges[T Integer](t *testing.T) {
	odd := intEdges[T]()
	var x, y []T
	for _, a := range odd {
		for _, b := range odd {
			x, y = append(x, a), append(y, b)
		}
	}
	for _, a := range odd {
		for _, k := range intKernels(a) {
			checkInts(t, k, len(x), 0, x, y)
		}
	}
}

// TestFloorDiv_NearMultiples divides what lies next to multiples of the divisor, where rounding decides.
func TestFloorDiv_NearMultiples(t *testing.T) {
	eachISA(t, func(t *testing.T) {
		r := newRand(8)
		const n = 4096
		x, y, q, m := make([]int64, n), make([]int64, n), make([]int64, n), make([]int64, n)
		for range 20 * min(stress(), 50) {
			for i := range x {
				y[i] = int64(r.Uint64()) >> r.IntN(64)
				x[i] = y[i]*(int64(r.Uint64())>>r.IntN(64)) + int64(r.IntN(5)-2)
			}
			FloorDiv(q, x, y)
			Mod(m, x, y)
			for i := range x {
				if wantQ, wantM := floorQuotient(x[i], y[i]); q[i] != wantQ || m[i] != wantM {
					t.Fatalf("%d by %d = %d, %d left, want %d, %d", x[i], y[i], q[i], m[i], wantQ, wantM)
				}
			}
		}
	})
}

// TestIntegers_MasksAndReductions compares comparisons, choices and reductions with plain loops.
func TestIntegers_MasksAndReductions(t *testing.T) {
	eachISA(t, func(t *testing.T) {
		eachInteger(t, testIntReductions[int64], testIntReductions[int32], testIntReductions[int], testIntReductions[int8],
			testIntReductions[uint16], testIntReductions[uint64])
	})
}

func testIntReductions[T Integer](t *testing.T) {
	var lengths []int
	for n := range 131 {
		lengths = append(lengths, n)
	}
	if elementSize([]T{}) == 4 || elementSize([]T{}) == 8 && isSigned[T]() {
		lengths = append(lengths, oddLengths...)
	}
	for _, n := range lengths {
		x, _ := guarded(randomInts[T](n, uint64(n)), n%17)
		y, _ := guarded(randomInts[T](n, uint64(n+1000)), n%5)
		checkMasks(t, x, y)
		checkReductions(t, x, y)
		sums, intact := guarded(x, n%7)
		last, start := T(0), T(3)
		if n > 0 {
			last = CumSum(sums, sums, start)
		}
		acc := start
		for i, v := range x {
			if acc += v; sums[i] != acc {
				t.Fatalf("CumSum n=%d: element %d = %d, want %d", n, i, sums[i], acc)
			}
		}
		if n > 0 && last != acc || !intact() {
			t.Fatalf("CumSum n=%d returns %d, want %d", n, last, acc)
		}
	}
}

func checkMasks[T Integer](t *testing.T, x, y []T) {
	t.Helper()
	n := len(x)
	mask := make([]bool, n+2)
	for name, c := range map[string]struct {
		run    func(dst []bool, x, y []T)
		scalar func(dst []bool, x []T, a T)
		one    func(x, y T) bool
	}{
		"Less":         {Less[T], LessScalar[T], func(x, y T) bool { return x < y }},
		"LessEqual":    {LessEqual[T], LessEqualScalar[T], func(x, y T) bool { return x <= y }},
		"Equal":        {Equal[T], EqualScalar[T], func(x, y T) bool { return x == y }},
		"NotEqual":     {NotEqual[T], NotEqualScalar[T], func(x, y T) bool { return x != y }},
		"Greater":      {Greater[T], GreaterScalar[T], func(x, y T) bool { return x > y }},
		"GreaterEqual": {GreaterEqual[T], GreaterEqualScalar[T], func(x, y T) bool { return x >= y }},
	} {
		same := slices.Clone(y)
		for i := range same {
			if i%3 == 0 {
				same[i] = x[i]
			}
		}
		mask[n], mask[n+1] = true, false
		c.run(mask[:n], x, same)
		for i := range x {
			if mask[i] != c.one(x[i], same[i]) {
				t.Fatalf("%s n=%d of %d and %d is %v", name, n, x[i], same[i], mask[i])
			}
		}
		picked, intact := guarded(y, n%9)
		Select(picked, mask[:n], x, picked)
		for i := range x {
			if want := map[bool]T{true: x[i], false: y[i]}[mask[i]]; picked[i] != want {
				t.Fatalf("Select n=%d: element %d = %d, want %d", n, i, picked[i], want)
			}
		}
		if n > 0 {
			a := x[n/2]
			c.scalar(mask[:n], x, a)
			for i := range x {
				if mask[i] != c.one(x[i], a) {
					t.Fatalf("%sScalar n=%d of %d and %d is %v", name, n, x[i], a, mask[i])
				}
			}
		}
		if !mask[n] || mask[n+1] || !intact() {
			t.Fatalf("%s n=%d wrote outside", name, n)
		}
	}
}

func checkReductions[T Integer](t *testing.T, x, y []T) {
	t.Helper()
	n := len(x)
	var sum, dot, nonzero int64
	prod := int64(1)
	least, greatest := 0, 0
	for i, v := range x {
		sum, dot, prod = sum+int64(v), dot+int64(v)*int64(y[i]), prod*int64(v)
		nonzero += int64(asBit(v != 0))
		if v < x[least] {
			least = i
		}
		if v > x[greatest] {
			greatest = i
		}
	}
	got := []int64{SumInt(x), DotInt(x, y), ProdInt(x), int64(CountNonzero(x))}
	if want := []int64{sum, dot, prod, nonzero}; !slices.Equal(got, want) {
		t.Fatalf("n=%d of %T: sum, dot, product, count %d, want %d", n, x, got, want)
	}
	if n > 0 && (Min(x) != x[least] || Max(x) != x[greatest] || ArgMin(x) != least || ArgMax(x) != greatest) {
		t.Fatalf("n=%d of %T: least %d at %d, greatest %d at %d, want %d, %d, %d, %d", n, x, Min(x), ArgMin(x), Max(x), ArgMax(x), x[least], least, x[greatest], greatest)
	}
}

// TestIntegers_Allocate nothing.
func TestIntegers_Allocate(t *testing.T) {
	x, y, m := randomInts[int64](1000, 1), randomInts[int64](1000, 2), make([]bool, 1000)
	var kept int64
	if n := testing.AllocsPerRun(5, func() {
		Add(y, x, y)
		FloorDiv(y, x, y)
		ModScalar(y, x, 7)
		Less(m, x, y)
		Select(y, m, x, y)
		kept += SumInt(x) + DotInt(x, y) + CumSum(y, x, 1) + Max(x)
	}); n != 0 {
		t.Errorf("%g allocations", n)
	}
	_ = kept
}

// FuzzIntegers compares each kernel with its meaning at bits of the fuzzer's choice.
func FuzzIntegers(f *testing.F) {
	f.Add([]byte("12345678abcdefgh"), int64(3))
	f.Add(make([]byte, 8*65), int64(math.MinInt64))
	f.Fuzz(func(t *testing.T, data []byte, a int64) {
		x := make([]int64, len(data)/8)
		short := make([]int32, len(x))
		for i := range x {
			x[i] = int64(binary.LittleEndian.Uint64(data[8*i:]))
			short[i] = int32(x[i] >> 16)
		}
		y, shortY := slices.Clone(x), slices.Clone(short)
		slices.Reverse(y)
		slices.Reverse(shortY)
		defer func(s isa) { active = s }(active)
		for s := portable; s <= bestISA(); s++ {
			active = s
			for _, k := range intKernels(a) {
				checkInts(t, k, len(x), 1, x, y)
			}
			for _, k := range intKernels(int32(a)) {
				checkInts(t, k, len(x), 1, short, shortY)
			}
			checkReductions(t, x, y)
			checkReductions(t, short, shortY)
		}
	})
}
