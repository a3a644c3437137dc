package psync

import (
	"math"
	"sync/atomic"
)

// Float64 is a cell of 8 bytes that holds a float64, like [Int32]. Adding from several processes is exact in the sense that
// no addition is lost; the order of the additions, and so the rounding, is not fixed.
type Float64 struct{ v atomic.Uint64 }

// Load returns the value.
func (c *Float64) Load() float64 { return math.Float64frombits(c.v.Load()) }

// Store sets the value.
func (c *Float64) Store(x float64) { c.v.Store(math.Float64bits(x)) }

// Swap sets the value and returns the one before.
func (c *Float64) Swap(x float64) (before float64) {
	return math.Float64frombits(c.v.Swap(math.Float64bits(x)))
}

// CompareAndSwap sets the value to x if it has the bits of before, and tells whether it did: -0 is not 0, and a NaN is
// itself.
func (c *Float64) CompareAndSwap(before, x float64) bool {
	return c.v.CompareAndSwap(math.Float64bits(before), math.Float64bits(x))
}

// Add adds x and returns the sum.
func (c *Float64) Add(x float64) float64 {
	return c.update(func(v float64) float64 { return v + x })
}

// Min lowers the value to x if it is larger, and returns what it is then. As for the built-in min, NaN wins over any
// number, and -0 is less than 0.
func (c *Float64) Min(x float64) float64 {
	return c.update(func(v float64) float64 { return min(v, x) })
}

// Max raises the value to x if it is smaller, and returns what it is then, by the rules of Min.
func (c *Float64) Max(x float64) float64 {
	return c.update(func(v float64) float64 { return max(v, x) })
}

func (c *Float64) update(f func(float64) float64) float64 {
	for {
		old := c.v.Load()
		x := f(math.Float64frombits(old))
		if bits := math.Float64bits(x); bits == old || c.v.CompareAndSwap(old, bits) {
			return x
		}
	}
}

// Float32 is a cell of 4 bytes that holds a float32, like [Float64].
type Float32 struct{ v atomic.Uint32 }

// Load returns the value.
func (c *Float32) Load() float32 { return math.Float32frombits(c.v.Load()) }

// Store sets the value.
func (c *Float32) Store(x float32) { c.v.Store(math.Float32bits(x)) }

// Swap sets the value and returns the one before.
func (c *Float32) Swap(x float32) (before float32) {
	return math.Float32frombits(c.v.Swap(math.Float32bits(x)))
}

// CompareAndSwap sets the value to x if it has the bits of before, and tells whether it did: -0 is not 0, and a NaN is
// itself.
func (c *Float32) CompareAndSwap(before, x float32) bool {
	return c.v.CompareAndSwap(math.Float32bits(before), math.Float32bits(x))
}

// Add adds x and returns the sum.
func (c *Float32) Add(x float32) float32 {
	return c.update(func(v float32) float32 { return v + x })
}

// Min lowers the value to x if it is larger, and returns what it is then. As for the built-in min, NaN wins over any
// number, and -0 is less than 0.
func (c *Float32) Min(x float32) float32 {
	return c.update(func(v float32) float32 { return min(v, x) })
}

// Max raises the value to x if it is smaller, and returns what it is then, by the rules of Min.
func (c *Float32) Max(x float32) float32 {
	return c.update(func(v float32) float32 { return max(v, x) })
}

func (c *Float32) update(f func(float32) float32) float32 {
	for {
		old := c.v.Load()
		x := f(math.Float32frombits(old))
		if bits := math.Float32bits(x); bits == old || c.v.CompareAndSwap(old, bits) {
			return x
		}
	}
}
