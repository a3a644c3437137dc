package futex

import "sync/atomic"

// Op is what WakeOp does to a word before it wakes, as in linux/futex.h.
type Op uint32

const (
	Set  Op = 0 // word = operand
	Add  Op = 1 // word += operand
	Or   Op = 2 // word |= operand
	Andn Op = 3 // word &^= operand
	Bit  Op = 8 // added to one of the others: the operand is the number of a bit
)

// apply does what the kernel's operation does, with this processor's instructions.
func (op Op) apply(w *atomic.Uint32, operand uint32) {
	if op&Bit != 0 {
		operand = 1 << (operand & 31)
	}
	switch op &^ Bit {
	case Set:
		w.Store(operand)
	case Add:
		w.Add(operand)
	case Or:
		w.Or(operand)
	case Andn:
		w.And(^operand)
	}
}
