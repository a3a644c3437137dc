package psync

import "sync/atomic"

// Int32 is a cell of 4 bytes that any process may change at any time, without a lock. It may be a field of any
// pointer-free struct, or an element of a shared array: see [Int32s]. Every method is one atomic step.
type Int32 struct{ v atomic.Int32 }

// Load returns the value.
func (c *Int32) Load() int32 { return c.v.Load() }

// Store sets the value.
func (c *Int32) Store(x int32) { c.v.Store(x) }

// Swap sets the value and returns the one before.
func (c *Int32) Swap(x int32) (before int32) { return c.v.Swap(x) }

// CompareAndSwap sets the value to x if it is before, and tells whether it did.
func (c *Int32) CompareAndSwap(before, x int32) bool { return c.v.CompareAndSwap(before, x) }

// Add adds x, wrapping around, and returns the sum.
func (c *Int32) Add(x int32) int32 { return c.v.Add(x) }

// Min lowers the value to x if it is larger, and returns what it is then.
func (c *Int32) Min(x int32) int32 { return lower(&c.v, x) }

// Max raises the value to x if it is smaller, and returns what it is then.
func (c *Int32) Max(x int32) int32 { return raise(&c.v, x) }

// Int64 is a cell of 8 bytes, like [Int32].
type Int64 struct{ v atomic.Int64 }

// Load returns the value.
func (c *Int64) Load() int64 { return c.v.Load() }

// Store sets the value.
func (c *Int64) Store(x int64) { c.v.Store(x) }

// Swap sets the value and returns the one before.
func (c *Int64) Swap(x int64) (before int64) { return c.v.Swap(x) }

// CompareAndSwap sets the value to x if it is before, and tells whether it did.
func (c *Int64) CompareAndSwap(before, x int64) bool { return c.v.CompareAndSwap(before, x) }

// Add adds x, wrapping around, and returns the sum.
func (c *Int64) Add(x int64) int64 { return c.v.Add(x) }

// Min lowers the value to x if it is larger, and returns what it is then.
func (c *Int64) Min(x int64) int64 { return lower(&c.v, x) }

// Max raises the value to x if it is smaller, and returns what it is then.
func (c *Int64) Max(x int64) int64 { return raise(&c.v, x) }

// Uint32 is a cell of 4 bytes, like [Int32].
type Uint32 struct{ v atomic.Uint32 }

// Load returns the value.
func (c *Uint32) Load() uint32 { return c.v.Load() }

// Store sets the value.
func (c *Uint32) Store(x uint32) { c.v.Store(x) }

// Swap sets the value and returns the one before.
func (c *Uint32) Swap(x uint32) (before uint32) { return c.v.Swap(x) }

// CompareAndSwap sets the value to x if it is before, and tells whether it did.
func (c *Uint32) CompareAndSwap(before, x uint32) bool { return c.v.CompareAndSwap(before, x) }

// Add adds x, wrapping around, and returns the sum.
func (c *Uint32) Add(x uint32) uint32 { return c.v.Add(x) }

// Min lowers the value to x if it is larger, and returns what it is then.
func (c *Uint32) Min(x uint32) uint32 { return lower(&c.v, x) }

// Max raises the value to x if it is smaller, and returns what it is then.
func (c *Uint32) Max(x uint32) uint32 { return raise(&c.v, x) }

// Uint64 is a cell of 8 bytes, like [Int32].
type Uint64 struct{ v atomic.Uint64 }

// Load returns the value.
func (c *Uint64) Load() uint64 { return c.v.Load() }

// Store sets the value.
func (c *Uint64) Store(x uint64) { c.v.Store(x) }

// Swap sets the value and returns the one before.
func (c *Uint64) Swap(x uint64) (before uint64) { return c.v.Swap(x) }

// CompareAndSwap sets the value to x if it is before, and tells whether it did.
func (c *Uint64) CompareAndSwap(before, x uint64) bool { return c.v.CompareAndSwap(before, x) }

// Add adds x, wrapping around, and returns the sum.
func (c *Uint64) Add(x uint64) uint64 { return c.v.Add(x) }

// Min lowers the value to x if it is larger, and returns what it is then.
func (c *Uint64) Min(x uint64) uint64 { return lower(&c.v, x) }

// Max raises the value to x if it is smaller, and returns what it is then.
func (c *Uint64) Max(x uint64) uint64 { return raise(&c.v, x) }

type cell[T int32 | int64 | uint32 | uint64] interface {
	Load() T
	CompareAndSwap(before, x T) bool
}

func lower[T int32 | int64 | uint32 | uint64](c cell[T], x T) T {
	for {
		v := c.Load()
		if v <= x {
			return v
		}
		if c.CompareAndSwap(v, x) {
			return x
		}
	}
}

func raise[T int32 | int64 | uint32 | uint64](c cell[T], x T) T {
	for {
		v := c.Load()
		if v >= x {
			return v
		}
		if c.CompareAndSwap(v, x) {
			return x
		}
	}
}
