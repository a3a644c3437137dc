package parallel

import (
	"fmt"
	"slices"

	"github.com/shmath/shmath/arena"
	"github.com/shmath/shmath/sched"
)

// inlineBytes is how much one core reads and writes, beyond its caches, while a pool wakes up: less is done by the caller.
const inlineBytes = 1 << 20

// inlineCost is the estimated nanoseconds of one core (expr.Plan.Cost) from which a pass over an expression is shared: two
// workers are then done as soon as the caller alone would be.
const inlineCost = 150e3

// idempotent are the options of loops whose blocks are numbered by the caller, and read nothing that they write.
var idempotent = sched.LoopOptions{Block: 1, Idempotent: true}

// loopOf returns the loop that takes A: there is one for each type of elements.
func loopOf[A any](loops ...any) *sched.Loop[A] {
	for _, l := range loops {
		if l, ok := l.(*sched.Loop[A]); ok {
			return l
		}
	}
	panic("parallel: no loop for this type")
}

// output checks that an array can be written in C order and has a shape.
func output(x arena.AnyArray, shape ...int) error {
	if !slices.Equal(x.Shape(), shape) {
		return fmt.Errorf("%w: %v must have the shape %v", ErrOutput, x, shape)
	}
	if !x.Contiguous() || x.ReadOnly() {
		return fmt.Errorf("%w: %v must be contiguous and writable", ErrOutput, x)
	}
	return nil
}

// input checks that an array can be read in C order and has a number of dimensions.
func input(x arena.AnyArray, dims int) error {
	if x.NDim() != dims || !x.Contiguous() {
		return fmt.Errorf("%w: %v must be contiguous and have %d dimensions; copy it with CopyFrom", ErrOutput, x, dims)
	}
	return nil
}

// apart checks that an output shares no memory with the inputs.
func apart(out arena.AnyArray, in ...arena.AnyArray) error {
	for _, x := range in {
		if overlap(out, x) {
			return fmt.Errorf("%w: %v and %v", ErrOverlap, out, x)
		}
	}
	return nil
}

// firstError returns the first error that is not nil.
func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// blocksOf is how many blocks of each rows a count of rows makes.
func blocksOf(n, each int) int { return (n + each - 1) / each }
