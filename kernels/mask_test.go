package kernels

import (
	"math"
	"slices"
	"testing"
)

// randomMask is n random booleans.
func randomMask(seed uint64, n int) []bool {
	r := newRand(seed)
	b := make([]bool, n)
	for i := range b {
		b[i] = r.IntN(2) == 1
	}
	return b
}

// TestMasks_AllLengths compares the kernels of masks with Go's operators.
func TestMasks_AllLengths(t *testing.T) { eachISA(t, testMasksAllLengths) }

func testMasksAllLengths(t *testing.T) {
	for n := 0; n <= 130; n++ {
		a, b := randomMask(uint64(n), n), randomMask(uint64(n)+1000, n)
		got, count := make([]bool, n), 0
		for name, c := range map[string]struct {
			run  func()
			want func(a, b bool) bool
		}{
			"And": {func() { And(got, a, b) }, func(a, b bool) bool { return a && b }},
			"Or":  {func() { Or(got, a, b) }, func(a, b bool) bool { return a || b }},
			"Xor": {func() { Xor(got, a, b) }, func(a, b bool) bool { return a != b }},
			"Not": {func() { Not(got, a) }, func(a, _ bool) bool { return !a }},
		} {
			c.run()
			for i := range got {
				if got[i] != c.want(a[i], b[i]) {
					t.Fatalf("%s n=%d element %d", name, n, i)
				}
			}
		}
		x, y := noise(uint64(n), n), noise(uint64(n)+7, n)
		var kept []float64
		picked, number := make([]float64, n), make([]int16, n)
		for i, m := range a {
			picked[i] = y[i]
			if m {
				count++
				kept = append(kept, x[i])
				picked[i] = x[i]
				number[i] = 1
			}
		}
		if Count(a) != count || Any(a) != (count > 0) || All(a) != (count == n) {
			t.Errorf("n=%d: Count %d Any %t All %t for %d", n, Count(a), Any(a), All(a), count)
		}
		d, ok := guarded(x, n%6)
		Select(d, a, x, y)
		wantSame(t, "Select", d, picked)
		in := slices.Clone(y)
		Select(in, a, x, in)
		wantSame(t, "Select in place", in, picked)
		c, okC := guarded(x, n%5)
		if k := Compress(c, a, c); k != count {
			t.Fatalf("Compress n=%d returns %d, want %d", n, k, count)
		}
		wantSame(t, "Compress", c[:count], kept)
		e, okE := guarded(make([]float64, count), n%3)
		Compress(e, a, x)
		wantSame(t, "Compress to fit", e, kept)
		if !ok() || !okC() || !okE() {
			t.Fatalf("guards broken at n=%d", n)
		}
		if count > 0 {
			wantPanic(t, "Compress", panicShort, func() { Compress(e[:count-1], a, x) })
		}
		num, back := make([]int16, n), make([]bool, n)
		BoolTo(num, a)
		ToBool(back, num)
		if !slices.Equal(num, number) || !slices.Equal(back, a) {
			t.Errorf("n=%d: BoolTo %v, ToBool %v", n, num, back)
		}
	}
}

// TestCompare_Specials compares every pair of special values, also with a scalar.
func TestCompare_Specials(t *testing.T) { eachISA(t, testCompareSpecials) }

func testCompareSpecials(t *testing.T) {
	v := []float64{-inf, -1, negZero, 0, 5e-324, 1, inf, nan}
	one := make([]bool, 1)
	for _, a := range v {
		for _, b := range v {
			for name, c := range map[string]struct {
				run    func(dst []bool, x, y []float64)
				scalar func(dst []bool, x []float64, a float64)
				want   bool
			}{
				"Less": {Less[float64], LessScalar[float64], a < b}, "LessEqual": {LessEqual[float64], LessEqualScalar[float64], a <= b},
				"Equal": {Equal[float64], EqualScalar[float64], a == b}, "NotEqual": {NotEqual[float64], NotEqualScalar[float64], a != b},
				"Greater": {Greater[float64], GreaterScalar[float64], a > b}, "GreaterEqual": {GreaterEqual[float64], GreaterEqualScalar[float64], a >= b},
			} {
				c.run(one, []float64{a}, []float64{b})
				if one[0] != c.want {
					t.Errorf("%s(%g, %g) = %t", name, a, b, one[0])
				}
				c.scalar(one, []float64{a}, b)
				if one[0] != c.want {
					t.Errorf("%sScalar(%g, %g) = %t", name, a, b, one[0])
				}
			}
		}
		for name, c := range map[string]struct {
			run  func(dst []bool, x []float64)
			want bool
		}{
			"IsNaN": {IsNaN[float64], a != a}, "IsInf": {IsInf[float64], math.IsInf(a, 0)},
			"IsFinite": {IsFinite[float64], a == a && !math.IsInf(a, 0)},
		} {
			c.run(one, []float64{a})
			if one[0] != c.want {
				t.Errorf("%s(%g) = %t", name, a, one[0])
			}
		}
	}
	ints := make([]bool, 2)
	Less(ints, []uint64{1, math.MaxUint64}, []uint64{2, 1})
	if !ints[0] || ints[1] {
		t.Error("unsigned integers compare as signed")
	}
}

// TestConvert_Types converts between sorts of numbers.
func TestConvert_Types(t *testing.T) {
	i8, u8, f32, i64 := make([]int8, 3), make([]uint8, 3), make([]float32, 3), make([]int64, 3)
	Convert(i8, []float64{1.9, -1.9, 100})
	Convert(u8, []int32{-1, 256, 77})
	Convert(f32, []float64{1e300, 0.1, -0.5})
	Convert(i64, []uint64{math.MaxUint64, 1, 1 << 62})
	if !slices.Equal(i8, []int8{1, -1, 100}) || !slices.Equal(u8, []uint8{255, 0, 77}) ||
		!slices.Equal(f32, []float32{float32(inf), 0.1, -0.5}) || !slices.Equal(i64, []int64{-1, 1, 1 << 62}) {
		t.Errorf("%v %v %v %v", i8, u8, f32, i64)
	}
}

// TestMasks_SameOnEverySet compares comparisons, Select and Count of each instruction set with plain Go.
func TestMasks_SameOnEverySet(t *testing.T) {
	t.Run("type=float64", testMasksOfSets[float64])
	t.Run("type=float32", testMasksOfSets[float32])
}

func testMasksOfSets[T Float](t *testing.T) {
	defer func(s isa) { active = s }(active)
	odd := []T{T(nan), T(inf), T(-inf), 0, T(negZero), 1, -1, 1}
	r := newRand(11)
	for _, n := range append([]int{0, 1, 7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65, 130}, oddLengths...) {
		x, y := make([]T, n+8)[n%8:][:n], make([]T, n+8)[(n+5)%8:][:n]
		for i := range x {
			x[i], y[i] = odd[r.IntN(len(odd))], odd[r.IntN(len(odd))]
		}
		picked := randomMask(uint64(n), n)
		results := func() (masks [13][]bool, chosen []T, hits int) {
			all := make([]bool, 16*(n+3))
			for k, f := range []func(dst []bool){
				func(d []bool) { Less(d, x, y) }, func(d []bool) { LessEqual(d, x, y) }, func(d []bool) { Equal(d, x, y) },
				func(d []bool) { NotEqual(d, x, y) }, func(d []bool) { Greater(d, x, y) }, func(d []bool) { GreaterEqual(d, x, y) },
				func(d []bool) { LessScalar(d, x, 1) }, func(d []bool) { LessEqualScalar(d, x, 0) }, func(d []bool) { EqualScalar(d, x, 0) },
				func(d []bool) { NotEqualScalar(d, x, T(nan)) }, func(d []bool) { GreaterScalar(d, x, T(negZero)) },
				func(d []bool) { GreaterEqualScalar(d, x, T(-inf)) }, func(d []bool) { IsNaN(d, x) },
			} {
				at := k * (n + 1) // one byte between masks, which stays false
				masks[k] = all[at : at+n]
				f(masks[k])
				if all[at+n] {
					t.Fatalf("isa=%s n=%d: mask %d wrote behind its end", isaNames[active], n, k)
				}
			}
			chosen, ok := guarded(x, n%5)
			Select(chosen, picked, chosen, y)
			if !ok() {
				t.Fatalf("isa=%s n=%d: Select wrote outside dst", isaNames[active], n)
			}
			return masks, chosen, Count(picked)
		}
		active = portable
		masks, chosen, hits := results()
		for s := avx2; s <= bestISA(); s++ {
			active = s
			gotMasks, gotChosen, gotHits := results()
			for k := range masks {
				if !slices.Equal(gotMasks[k], masks[k]) {
					t.Fatalf("isa=%s n=%d: mask %d differs", isaNames[s], n, k)
				}
			}
			wantSame(t, "Select isa="+isaNames[s], gotChosen, chosen)
			if gotHits != hits {
				t.Fatalf("isa=%s n=%d: Count %d, want %d", isaNames[s], n, gotHits, hits)
			}
		}
	}
}

// TestCompress_EveryLength selects none, some and all, out of place into room of every size from what fits on, and in place.
func TestCompress_EveryLength(t *testing.T) {
	eachISA(t, func(t *testing.T) {
		testCompress(t, randomInts[int64])
		testCompress(t, randomInts[int32])
		testCompress(t, randomInts[uint8])
		testCompress(t, someFloats[float64])
		testCompress(t, someFloats[float32])
	})
}

func testCompress[T Number](t *testing.T, values func(n int, seed uint64) []T) {
	t.Helper()
	r := newRand(21)
	var lengths []int
	for n := range 131 {
		lengths = append(lengths, n)
	}
	for _, n := range append(lengths, oddLengths...) {
		x, mask := values(n, uint64(n)), make([]bool, n)
		for _, share := range []int{0, 1, 5, 10} {
			var want []T
			for i := range mask {
				if mask[i] = r.IntN(10) < share; mask[i] {
					want = append(want, x[i])
				}
			}
			for _, more := range []int{0, 1, 7, 8, 20} {
				dst, intact := guarded(make([]T, len(want)+more), n%9)
				if k := Compress(dst, mask, x); k != len(want) || !slices.Equal(dst[:k], want) || !intact() {
					t.Fatalf("%T n=%d, %d selected, %d more: %d", x, n, len(want), more, k)
				}
			}
			same, intact := guarded(x, n%7)
			if k := Compress(same, mask, same); k != len(want) || !slices.Equal(same[:k], want) || !intact() {
				t.Fatalf("%T n=%d in place, %d selected: %d", x, n, len(want), k)
			}
		}
	}
}
