package topology

import (
	"fmt"
	"math/bits"
	"slices"
	"strconv"
	"strings"
)

// CPUMax is the largest number of a CPU that is believed; the kernel's own limit is 8192.
const CPUMax = 1 << 16

// Set is a set of small numbers: CPUs or nodes. The zero value is empty. Methods that change it have pointer receivers;
// all others leave it alone.
type Set struct{ words []uint64 }

// SetOf returns the set of the numbers, which must lie between 0 and CPUMax.
func SetOf(numbers ...int) Set {
	var s Set
	for _, n := range numbers {
		s.Add(n)
	}
	return s
}

// Add puts a number into the set.
func (s *Set) Add(n int) {
	for len(s.words) <= n/64 {
		s.words = append(s.words, 0)
	}
	s.words[n/64] |= 1 << (n % 64)
}

// Has reports whether n is in the set.
func (s Set) Has(n int) bool { return n >= 0 && n/64 < len(s.words) && s.words[n/64]>>(n%64)&1 != 0 }

// Len returns how many numbers are in the set.
func (s Set) Len() (n int) {
	for _, w := range s.words {
		n += bits.OnesCount64(w)
	}
	return n
}

// First returns the smallest number, -1 of an empty set.
func (s Set) First() int {
	for i, w := range s.words {
		if w != 0 {
			return i*64 + bits.TrailingZeros64(w)
		}
	}
	return -1
}

// List returns the numbers in ascending order.
func (s Set) List() []int {
	list := make([]int, 0, s.Len())
	for i, w := range s.words {
		for ; w != 0; w &= w - 1 {
			list = append(list, i*64+bits.TrailingZeros64(w))
		}
	}
	return list
}

// And returns what is in both sets.
func (s Set) And(o Set) Set {
	return s.zip(o, func(a, b uint64) uint64 { return a & b })
}

// Or returns what is in either set.
func (s Set) Or(o Set) Set {
	return s.zip(o, func(a, b uint64) uint64 { return a | b })
}

// Minus returns what is in s and not in o.
func (s Set) Minus(o Set) Set {
	return s.zip(o, func(a, b uint64) uint64 { return a &^ b })
}

func (s Set) zip(o Set, f func(a, b uint64) uint64) Set {
	words := make([]uint64, max(len(s.words), len(o.words)))
	for i := range words {
		var a, b uint64
		if i < len(s.words) {
			a = s.words[i]
		}
		if i < len(o.words) {
			b = o.words[i]
		}
		words[i] = f(a, b)
	}
	return Set{words}
}

// Equal reports whether both sets hold the same numbers.
func (s Set) Equal(o Set) bool {
	return s.Minus(o).First() < 0 && o.Minus(s).First() < 0
}

// String writes the set as the kernel does: 0-3,8. The empty set is the empty string.
func (s Set) String() string { return FormatList(s.List()) }

// FormatList writes ascending numbers as the kernel does: 0-3,8.
func FormatList(numbers []int) string {
	var b strings.Builder
	for i := 0; i < len(numbers); {
		j := i
		for j+1 < len(numbers) && numbers[j+1] == numbers[j]+1 {
			j++
		}
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.Itoa(numbers[i]))
		if j > i {
			b.WriteByte('-')
			b.WriteString(strconv.Itoa(numbers[j]))
		}
		i = j + 1
	}
	return b.String()
}

// ParseList reads the kernel's list format, 0-3,8, and keeps the order in which it is written. An empty list is none.
func ParseList(s string) ([]int, error) {
	var numbers []int
	for part := range strings.SplitSeq(strings.TrimSpace(s), ",") {
		if part == "" {
			continue
		}
		first, last, isRange := strings.Cut(part, "-")
		lo, err := strconv.Atoi(first)
		hi := lo
		if err == nil && isRange {
			hi, err = strconv.Atoi(last)
		}
		if err != nil || lo < 0 || hi < lo || hi > CPUMax {
			return nil, fmt.Errorf("%q is no list of CPUs, such as 0-3,8", s)
		}
		for n := lo; n <= hi; n++ {
			numbers = append(numbers, n)
		}
	}
	return numbers, nil
}

// parseSet reads a list as a set.
func parseSet(s string) (Set, error) {
	numbers, err := ParseList(s)
	return SetOf(numbers...), err
}

// parseMask reads the kernel's mask format: groups of up to 32 bits, in hexadecimal, the highest first.
func parseMask(s string) (Set, error) {
	var set Set
	groups := strings.Split(strings.TrimPrefix(strings.TrimSpace(s), "0x"), ",")
	slices.Reverse(groups)
	for i, g := range groups {
		w, err := strconv.ParseUint(g, 16, 32)
		if err != nil || i*32 >= CPUMax {
			return Set{}, fmt.Errorf("%q is no mask of CPUs, such as 00000000,0000010f", s)
		}
		for ; w != 0; w &= w - 1 {
			set.Add(i*32 + bits.TrailingZeros64(w))
		}
	}
	return set, nil
}
