package expr

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// elements is the number of elements of a shape: 1 for a 0-d array.
func elements(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

func sameShape(a, b []int) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// shapeString writes a shape as Python does: (3,) or (2, 3).
func shapeString(shape []int) string {
	parts := make([]string, len(shape))
	for i, d := range shape {
		parts[i] = strconv.Itoa(d)
	}
	if len(parts) == 1 {
		return "(" + parts[0] + ",)"
	}
	return "(" + strings.Join(parts, ", ") + ")"
}

// scalarText shows a scalar in an error.
func scalarText(dt DType, bits uint64) string { return fmt.Sprint(scalarValue(dt, bits)) }

// scalarValue turns the bits of a scalar into a Go value: bool, int64, float32 or float64.
func scalarValue(dt DType, bits uint64) any {
	switch dt {
	case Bool:
		return bits != 0
	case Float32:
		return math.Float32frombits(uint32(bits))
	case Float64:
		return math.Float64frombits(bits)
	}
	return int64(bits)
}
