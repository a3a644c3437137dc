//go:build !noasm && !race

package kernels

import "github.com/shmath/shmath/asm"

// networkMax is how many elements the networks of AVX-512 sort, and half as many pairs.
const networkMax = 128

// The loops of one type in assembly.
type (
	networkLoop[T Sortable] func(x *T, n int)
	splitLoop[T Sortable]   func(x, room *T, pivot T, n int) int
	moveLoop[T Sortable]    func(x *T, pivot T, state *int, groups int)
	betweenLoop[T Sortable] func(dst, x *T, lo, hi T, n int) (below, inside, unordered int)
)

func bodies[T Sortable](lanes int, network networkLoop[T], split splitLoop[T], move moveLoop[T], between betweenLoop[T]) sorter[T] {
	s := sorter[T]{
		lanes: lanes,
		split: func(x, room items[T], pivot T) int { return split(first(x.keys), first(room.keys), pivot, len(x.keys)) },
		move: func(x items[T], pivot T, state *[4]int, groups int) {
			move(first(x.keys), pivot, first(state[:]), groups)
		},
		between: func(dst, x []T, lo, hi T) (below, inside int, ordered bool) {
			b, i, u := between(first(dst), first(x), lo, hi, len(x))
			return b, i, u == 0
		},
	}
	if network != nil {
		s.leaf, s.network = networkMax, func(x items[T]) { network(first(x.keys), len(x.keys)) }
	}
	return s
}

func sortF64(s isa) sorter[float64] {
	switch s {
	case avx512:
		return bodies(8, asm.NetworkF64AVX512, asm.SplitF64AVX512, asm.PartitionF64AVX512, asm.BetweenF64AVX512)
	case avx2:
		return bodies(4, nil, asm.SplitF64AVX2, asm.PartitionF64AVX2, asm.BetweenF64AVX2)
	}
	return sorter[float64]{}
}

func sortI64(s isa) sorter[int64] {
	switch s {
	case avx512:
		return bodies(8, asm.NetworkI64AVX512, asm.SplitI64AVX512, asm.PartitionI64AVX512, asm.BetweenI64AVX512)
	case avx2:
		return bodies(4, nil, asm.SplitI64AVX2, asm.PartitionI64AVX2, asm.BetweenI64AVX2)
	}
	return sorter[int64]{}
}

func sortF32(s isa) sorter[float32] {
	switch s {
	case avx512:
		return bodies(8, asm.NetworkF32AVX512, asm.SplitF32AVX2, asm.PartitionF32AVX2, asm.BetweenF32AVX2)
	case avx2:
		return bodies(8, nil, asm.SplitF32AVX2, asm.PartitionF32AVX2, asm.BetweenF32AVX2)
	}
	return sorter[float32]{}
}

func sortI32(s isa) sorter[int32] {
	switch s {
	case avx512:
		return bodies(8, asm.NetworkI32AVX512, asm.SplitI32AVX2, asm.PartitionI32AVX2, asm.BetweenI32AVX2)
	case avx2:
		return bodies(8, nil, asm.SplitI32AVX2, asm.PartitionI32AVX2, asm.BetweenI32AVX2)
	}
	return sorter[int32]{}
}

func sortPairs(s isa) sorter[int64] {
	if s < avx512 {
		return sorter[int64]{}
	}
	return sorter[int64]{
		lanes: 8, leaf: networkMax / 2,
		network: func(x items[int64]) { asm.NetworkPairsAVX512(first(x.keys), first(x.numbers), len(x.keys)) },
		split: func(x, room items[int64], pivot int64) int {
			return asm.SplitPairsAVX512(first(x.keys), first(x.numbers), first(room.keys), first(room.numbers), pivot, len(x.keys))
		},
		move: func(x items[int64], pivot int64, state *[4]int, groups int) {
			asm.PartitionPairsAVX512(first(x.keys), first(x.numbers), pivot, first(state[:]), groups)
		},
	}
}
