package kernels

import (
	"fmt"
	"math"
	"math/big"
	"testing"
)

// treeByDefinition is the sum of the package comment, written down without a thought for speed.
func treeByDefinition(terms []float64) float64 {
	var leaf func(x []float64) float64
	leaf = func(x []float64) float64 {
		var l [64]float64
		for i, v := range x {
			l[i%64] += v
		}
		for h := 32; h > 0; h /= 2 {
			for j := range h {
				l[j] += l[j+h]
			}
		}
		return l[0]
	}
	// The left subtree is the greatest complete one that leaves something for the right.
	var tree func(x []float64) float64
	tree = func(x []float64) float64 {
		if len(x) <= SumBlock {
			return leaf(x)
		}
		n := SumBlock
		for 2*n < len(x) {
			n *= 2
		}
		return tree(x[:n]) + tree(x[n:])
	}
	return tree(terms)
}

// noise is data of mixed sign and size.
func noise(seed uint64, n int) []float64 {
	r := newRand(seed)
	x := make([]float64, n)
	for i := range x {
		x[i] = math.Ldexp(r.NormFloat64(), r.IntN(40)-20)
	}
	return x
}

var sumLengths = []int{0, 1, 2, 7, 31, 32, 33, 63, 64, 65, 127, 128, 1000, SumBlock - 1, SumBlock, SumBlock + 1,
	2 * SumBlock, 3*SumBlock + 17, 7 * SumBlock, 9*SumBlock + 4000}

// TestSum_FixedOrder compares with the definition, bit for bit, at any address.
func TestSum_FixedOrder(t *testing.T) { eachISA(t, testSumFixedOrder) }

func testSumFixedOrder(t *testing.T) {
	for _, n := range sumLengths {
		for off := range 4 {
			x := noise(uint64(n), n+off)[off:]
			if got, want := Sum(x), treeByDefinition(x); got != want {
				t.Errorf("n=%d off=%d: Sum = %x, want %x", n, off, got, want)
			}
			x32, wide, abs, sq := make([]float32, n), make([]float64, n), make([]float64, n), make([]float64, n)
			Convert(x32, x)
			Convert(wide, x32)
			if got, want := Sum(x32), float32(treeByDefinition(wide)); got != want {
				t.Errorf("n=%d: float32 Sum = %x, want %x", n, got, want)
			}
			Abs(abs, x)
			if got, want := Norm1(x), treeByDefinition(abs); got != want {
				t.Errorf("n=%d: Norm1 = %x, want %x", n, got, want)
			}
			Mul(sq, wide, wide) // exact: products of float32
			if got, want := Dot(x32, x32), float32(treeByDefinition(sq)); got != want {
				t.Errorf("n=%d: float32 Dot = %x, want %x", n, got, want)
			}
			if got, want := Mean(x), treeByDefinition(x)/float64(n); got != want && n > 0 {
				t.Errorf("n=%d: Mean = %x, want %x", n, got, want)
			}
		}
	}
}

// TestSumTree_AnySplit cuts a slice into ranges at legal borders, of every level, and pushes their totals.
func TestSumTree_AnySplit(t *testing.T) {
	n := 13*SumBlock + 100
	x := noise(11, n)
	want, dot := TreeSum(x), TreeDot(x, x)
	moments := MomentsOf(x)
	for level := range 5 {
		var s, d SumTree
		var m MomentsTree
		for i := 0; i < n; i += SumBlock << level {
			r := x[i:min(n, i+SumBlock<<level)]
			s.PushAt(level, TreeSum(r))
			d.PushAt(level, TreeDot(r, r))
			m.PushAt(level, MomentsOf(r))
		}
		if s.Total() != want || d.Total() != dot || m.Total() != moments {
			t.Errorf("level %d: %x %x %v, want %x %x %v", level, s.Total(), d.Total(), m.Total(), want, dot, moments)
		}
	}
	// Mixed levels: the rest at its own, smaller levels.
	var s SumTree
	for i := 0; i < n; {
		level := 3
		for i%(SumBlock<<level) != 0 || i+SumBlock<<level > n && level > 0 {
			level--
		}
		s.PushAt(level, TreeSum(x[i:min(n, i+SumBlock<<level)]))
		i += SumBlock << level
	}
	if s.Total() != want {
		t.Errorf("mixed levels: %x, want %x", s.Total(), want)
	}
	s.Reset()
	if s.Total() != 0 {
		t.Error("Reset leaves a total")
	}
	s.Push(1)
	wantPanic(t, "PushAt", panicLevel, func() { s.PushAt(1, 1) })
	wantPanic(t, "PushAt", panicLevel, func() { s.PushAt(64, 1) })
	wantPanic(t, "BlockSum", panicBlock, func() { BlockSum(make([]float64, SumBlock+1)) })
	wantPanic(t, "BlockDot", panicBlock, func() { BlockDot(x, x) })
}

// TestSum_ErrorBound compares with the exact sum: the bound of Sum's comment, and of Dot's.
func TestSum_ErrorBound(t *testing.T) {
	for _, n := range []int{100, 5000, 40000} {
		x, y := noise(21, n), noise(22, n)
		sum, dot := new(big.Float).SetPrec(2000), new(big.Float).SetPrec(2000)
		sumAbs, dotAbs := 0.0, 0.0
		for i := range x {
			sum.Add(sum, bf(x[i]))
			dot.Add(dot, bmul(bf(x[i]), bf(y[i])))
			sumAbs += math.Abs(x[i])
			dotAbs += math.Abs(x[i] * y[i])
		}
		terms := 64 + 6 + math.Ceil(math.Log2(float64(n)/SumBlock+1))
		for what, c := range map[string][3]float64{"Sum": {Sum(x), sumAbs}, "Dot": {Dot(x, y), dotAbs}} {
			exact := sum
			if what == "Dot" {
				exact = dot
			}
			e, _ := bsub(bf(c[0]), exact).Float64()
			if bound := terms * 0x1p-53 * c[1]; math.Abs(e) > bound {
				t.Errorf("%s n=%d: error %g, bound %g", what, n, e, bound)
			}
		}
	}
}

// TestReductions_Specials holds zeros, infinities and NaNs of the reductions.
func TestReductions_Specials(t *testing.T) { eachISA(t, testReductionsSpecials) }

func testReductionsSpecials(t *testing.T) {
	for i, c := range []struct{ got, want float64 }{
		{Sum([]float64{}), 0}, {Sum([]float64{negZero}), 0}, {Sum([]float64{negZero, negZero}), 0}, {Sum([]float64{inf, 1}), inf},
		{Sum([]float64{inf, -inf}), nan}, {Sum([]float64{1, nan}), nan}, {Dot([]float64{}, []float64{}), 0},
		{Prod([]float64{}), 1}, {Prod([]float64{2, -3, 4}), -24}, {Mean([]float64{}), nan}, {Mean([]float64{1, 2}), 1.5},
		{Min([]float64{3, 1, 2}), 1}, {Min([]float64{0, negZero}), negZero}, {Min([]float64{1, 2, 3, 4, nan}), nan},
		{Max([]float64{negZero, 0}), 0}, {Max([]float64{nan, 1}), nan}, {Max([]float64{-inf, inf}), inf},
		{Norm2([]float64{3, 4}), 5}, {Norm2([]float64{3e300, 4e300}), 5e300}, {Norm2([]float64{3e-320, 4e-320}), 5e-320},
		{Norm2([]float64{}), 0}, {Norm2([]float64{inf, 1}), inf}, {Norm2([]float64{nan, 1}), nan}, {Norm2([]float64{math.MaxFloat64}), math.MaxFloat64},
		{NormInf([]float64{}), 0}, {NormInf([]float64{-3, 2}), 3}, {NormInf([]float64{1, nan, 2}), nan},
		{Norm1([]float64{-1, 2, -3}), 6}, {Var([]float64{1, 2, 3, 4}, 0), 1.25}, {Var([]float64{1, 2, 3, 4}, 1), 5.0 / 3},
		{Var([]float64{1}, 1), nan}, {Var([]float64{}, 0), nan}, {Std([]float64{1, 3}, 0), 1},
	} {
		if !sameFloat(c.got, c.want) {
			t.Errorf("case %d: %g, want %g", i, c.got, c.want)
		}
	}
	for i, c := range []struct{ got, want int }{
		{ArgMin([]float64{2, 1, 1}), 1}, {ArgMax([]float64{1, 3, 3}), 1}, {ArgMin([]float64{1, nan, 0, nan}), 1},
		{ArgMax([]float64{nan, 5}), 0}, {ArgMax([]float64{1, 2, nan}), 2}, {ArgMin([]float64{0, negZero}), 0},
		{int(SumInt([]int8{127, 127, -1, 3, 5})), 261}, {int(SumInt([]uint64{math.MaxUint64, 2})), 1},
	} {
		if c.got != c.want {
			t.Errorf("index case %d: %d, want %d", i, c.got, c.want)
		}
	}
	for what, f := range map[string]func(){
		"Min": func() { Min([]float64{}) }, "Max": func() { Max([]float64{}) }, "ArgMin": func() { ArgMin([]float64{}) },
		"ArgMax": func() { ArgMax([]float64{}) }, "Quantile": func() { Quantile([]float64{}, 0.5) }, "Median": func() { Median([]float64{}) },
	} {
		wantPanic(t, what, panicEmpty, f)
	}
}

// TestReductions_AllLengths compares the others with plain loops at every short length.
func TestReductions_AllLengths(t *testing.T) { eachISA(t, testReductionsAllLengths) }

func testReductionsAllLengths(t *testing.T) {
	for n := 1; n <= 130; n++ {
		x := noise(uint64(n), n)
		lo, hi, abs, prod := x[0], x[0], 0.0, 1.0
		argLo, argHi := 0, 0
		for i, v := range x {
			x[i] = math.Copysign(math.Ldexp(1, int(v)%3), v) // powers of two: the product is exact
			v = x[i]
			prod *= v
			if i == 0 || v < lo {
				lo, argLo = v, i
			}
			if i == 0 || v > hi {
				hi, argHi = v, i
			}
			abs = math.Max(abs, math.Abs(v))
		}
		if Min(x) != lo || Max(x) != hi || ArgMin(x) != argLo || ArgMax(x) != argHi || NormInf(x) != abs || Prod(x) != prod {
			t.Errorf("n=%d: %g %g %d %d %g %g, want %g %g %d %d %g %g", n, Min(x), Max(x), ArgMin(x), ArgMax(x), NormInf(x),
				Prod(x), lo, hi, argLo, argHi, abs, prod)
		}
	}
	x := make([]float64, 3*SumBlock+5)
	Fill(x, 1)
	x[5000], x[12000] = 3, 0.5
	if Prod(x) != 1.5 {
		t.Errorf("Prod over blocks = %g, want 1.5", Prod(x))
	}
}

// TestVar_LargeMean is the case in which sum(x^2)-n*mean^2 loses everything.
func TestVar_LargeMean(t *testing.T) { eachISA(t, testVarLargeMean) }

func testVarLargeMean(t *testing.T) {
	x := make([]float64, 3*SumBlock+100)
	for i := range x {
		x[i] = 1e9 + float64(i%3) // 0, 1, 2: variance 2/3
	}
	n := len(x)
	exact := 0.0
	mean := float64(n/3*3+(n%3)*(n%3-1)/2) / float64(n)
	for i := range x {
		d := float64(i%3) - mean
		exact += d * d
	}
	exact /= float64(n)
	if got := Var(x, 0); math.Abs(got-exact) > 1e-10 {
		t.Errorf("Var = %.17g, want %.17g", got, exact)
	}
	m := MomentsOf(x)
	if m.N != int64(n) || math.Abs(m.Mean-1e9-mean) > 1e-6 {
		t.Errorf("moments %v", m)
	}
	if got := Merge(Moments{}, m); got != m {
		t.Errorf("merge with nothing gives %v", got)
	}
}

// FuzzSumTree checks that a split at any border of blocks, pushed as leaves, gives the bits of Sum.
func FuzzSumTree(f *testing.F) {
	f.Add(uint64(1), uint16(3), uint16(77))
	f.Fuzz(func(t *testing.T, seed uint64, blocks, rest uint16) {
		n := int(blocks%12)*SumBlock + int(rest%SumBlock)
		x := noise(seed, n)
		var s SumTree
		for i := 0; i < n; i += SumBlock {
			s.Push(BlockSum(x[i:min(n, i+SumBlock)]))
		}
		if got, want := s.Total(), treeByDefinition(x); got != want || Sum(x) != want {
			t.Errorf("n=%d: tree %x, Sum %x, want %x", n, got, Sum(x), want)
		}
	})
}

// ExampleSumTree shows two workers that sum halves of a slice and get the bits of one.
func ExampleSumTree() {
	x := make([]float64, 4*SumBlock)
	for i := range x {
		x[i] = 1 / float64(i+1)
	}
	var t SumTree
	t.PushAt(1, TreeSum(x[:2*SumBlock])) // one worker
	t.PushAt(1, TreeSum(x[2*SumBlock:])) // the other
	fmt.Println(t.Total() == Sum(x))
	// Output: true
}
