package kernels

import (
	"math"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestPhilox4x32_KnownAnswers are those of Random123, and the stream is made of its blocks from any element on.
func TestPhilox4x32_KnownAnswers(t *testing.T) {
	for _, c := range []struct {
		ctr  [4]uint32
		key  [2]uint32
		want [4]uint32
	}{
		{[4]uint32{}, [2]uint32{}, [4]uint32{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
		{[4]uint32{math.MaxUint32, math.MaxUint32, math.MaxUint32, math.MaxUint32}, [2]uint32{math.MaxUint32, math.MaxUint32},
			[4]uint32{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
		{[4]uint32{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, [2]uint32{0xa4093822, 0x299f31d0},
			[4]uint32{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
	} {
		if got := Philox4x32(c.ctr, c.key); got != c.want {
			t.Errorf("Philox4x32(%x, %x) = %x, want %x", c.ctr, c.key, got, c.want)
		}
	}
	eachISA(t, func(t *testing.T) {
		key := [2]uint32{0xa4093822, 0x299f31d0}
		for _, start := range []uint64{0, 1, 2, 3, 17, 1<<34 - 100} {
			for n := 0; n <= 130; n++ {
				got, intact := guarded(make([]uint32, n), n%3)
				Uint32s(got, key, start)
				for i, w := range got {
					m := start + uint64(i)
					if b := philox32Block(key, m/4); w != b[m%4] || !intact() {
						t.Fatalf("element %d of %d from %d on is %#x, want %#x", i, n, start, w, b[m%4])
					}
				}
			}
		}
	})
}

// TestPCG_NumPysNumbers holds the first words of NumPy 2, a spawned sequence with long entropy, and jumps.
func TestPCG_NumPysNumbers(t *testing.T) {
	p := NewPCG64DXSM(Seed(0xdeadbeaf))
	for i, want := range []uint64{0xdf1ddcf1e22521fe, 0xc71b2f9c706cf151, 0x6922a8cc24ad96b2, 0x82738c549beccc30} {
		if got := p.Uint64(); got != want {
			t.Errorf("PCG64DXSM: word %d = %#x, want %#x", i, got, want)
		}
	}
	p = NewPCG64DXSM(SeedSequence{Entropy: []uint32{5, 0, 64}}.Spawn(3))
	for i, want := range []uint64{0x1f3c5cd7e78c34e0, 0x470aff8005ccdedc, 0x28fef0c68cc7c977} {
		if got := p.Uint64(); got != want {
			t.Errorf("spawned: word %d = %#x, want %#x", i, got, want)
		}
	}
	u := make([]float64, 3)
	NewPCG64DXSM(Seed(12)).Uniform(u)
	wantSame(t, "uniform", u, []float64{0.9134850506853746, 0.18718362857762416, 0.07164449969583353})
	a, b := NewPCG64(Seed(1<<40)), NewPCG64(Seed(1<<40))
	c, d := NewPCG64DXSM(Seed(1<<40)), NewPCG64DXSM(Seed(1<<40))
	for range 1000 {
		a.Uint64()
		c.Uint64()
	}
	b.Advance(1000)
	d.Advance(1000)
	if a.Uint64() != b.Uint64() || c.Uint64() != d.Uint64() {
		t.Error("Advance(1000) is not 1000 words")
	}
}

// TestPCG64_NumPyTestSet compares with the set that NumPy tests itself with.
func TestPCG64_NumPyTestSet(t *testing.T) {
	lines := fixture(t, "random/pcg64-testset-1.csv")
	field := func(l string) uint64 {
		v, err := strconv.ParseUint(strings.TrimSpace(l[strings.Index(l, ",")+1:]), 0, 64)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	p := NewPCG64(Seed(field(lines[0])))
	for i, l := range lines[1:] {
		if got, want := p.Uint64(), field(l); got != want {
			t.Fatalf("word %d = %#x, want %#x", i, got, want)
		}
	}
	if len(lines) != 1001 {
		t.Errorf("%d lines, want 1001", len(lines))
	}
}

// TestPCG_NumPyItself compares more words and seeds with the NumPy that is installed.
func TestPCG_NumPyItself(t *testing.T) {
	var want struct{ PCG64, DXSM, Key []string }
	numpy(t, `
import numpy as np, json
s = (1 << 63) + 12345
words = lambda g: [str(int(w)) for w in g.random_raw(2000)]
print(json.dumps(dict(PCG64=words(np.random.PCG64(s)), DXSM=words(np.random.PCG64DXSM(s)),
 Key=[str(int(w)) for w in np.random.SeedSequence(s).spawn(2)[1].generate_state(2, np.uint64)])))
`, &want)
	seed := Seed(1<<63 + 12345)
	p, q := NewPCG64(seed), NewPCG64DXSM(seed)
	text := func(w uint64) string { return strconv.FormatUint(w, 10) }
	for i := range want.PCG64 {
		if text(p.Uint64()) != want.PCG64[i] || text(q.Uint64()) != want.DXSM[i] {
			t.Fatalf("word %d is another", i)
		}
	}
	if key := seed.Spawn(1).Key(); text(key[0]) != want.Key[0] || text(key[1]) != want.Key[1] {
		t.Errorf("key of the second child %x, want %v", key, want.Key)
	}
}

// TestBounded_ExactAndByPlace checks the multiplication with refusals, that parts make the whole, and evenness.
func TestBounded_ExactAndByPlace(t *testing.T) {
	for _, n := range []int64{1, 2, 6, 1000003, 3 << 60, math.MaxInt64} {
		whole, words := make([]int64, 3000), make([]uint64, 3000)
		Bounded(whole, testKey, 7, n)
		Uint64s(words, testKey, 7)
		part := make([]int64, 100)
		Bounded(part, testKey, 7+1234, n)
		if !slices.Equal(part, whole[1234:1334]) {
			t.Fatalf("n=%d: a part differs from the whole", n)
		}
		refused := 0
		for i, v := range whole {
			hi, lo := bits.Mul64(words[i], uint64(n))
			// 2^64 mod n words at the bottom of each interval are too many.
			if tooMany := (math.MaxUint64%uint64(n) + 1) % uint64(n); lo < tooMany {
				refused++
			} else if v != int64(hi) {
				t.Fatalf("n=%d: element %d = %d, want %d", n, i, v, hi)
			}
			if v < 0 || v >= n {
				t.Fatalf("n=%d: element %d = %d", n, i, v)
			}
		}
		if n == 3<<60 && (refused < 100 || refused > 300) {
			t.Errorf("%d of 3000 words are refused", refused)
		}
	}
	counts, draws := make([]int64, 6), make([]int64, 60000)
	Bounded(draws, testKey, 0, 6)
	Bincount(counts, draws)
	chi := 0.0
	for _, c := range counts {
		chi += float64((c - 10000) * (c - 10000) / 10000)
	}
	if chi > 25.7 { // once in ten thousand keys
		t.Errorf("counts %v: chi square %.1f", counts, chi)
	}
	wantPanic(t, "Bounded", panicBound, func() { Bounded(counts, testKey, 0, 0) })
}

// TestPermutation_AndChoice checks that a permutation is one, that Choice is its front, and that all orders appear.
func TestPermutation_AndChoice(t *testing.T) {
	for _, n := range []int{0, 1, 2, 5, 255, 256, 257, 3000} {
		p := make([]int, n)
		Permutation(p, testKey, 3)
		c := make([]int, n/2)
		Choice(c, testKey, 3, n)
		if !slices.Equal(c, p[:n/2]) {
			t.Errorf("n=%d: Choice is not the front of Permutation", n)
		}
		slices.Sort(p)
		for i, v := range p {
			if i != v {
				t.Fatalf("n=%d: not a permutation", n)
			}
		}
	}
	seen := map[[3]int]int{}
	for at := range uint64(6000) {
		var p [3]int
		Permutation(p[:], testKey, 3*at)
		seen[p]++
	}
	for p, n := range seen {
		if n < 850 || n > 1150 {
			t.Errorf("order %v appears %d times in 6000", p, n)
		}
	}
	if len(seen) != 6 {
		t.Errorf("%d orders of three", len(seen))
	}
	wantPanic(t, "Choice", panicBound, func() { Choice(make([]int, 2), testKey, 0, 1) })
}
