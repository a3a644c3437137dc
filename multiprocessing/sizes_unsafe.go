package multiprocessing

import "unsafe"

const (
	queueHeaderSize = int(unsafe.Sizeof(queueHeader{}))
	pipeHeaderSize  = int(unsafe.Sizeof(pipeHeader{}))
	dictHeaderSize  = int(unsafe.Sizeof(dictHeader{}))
	listHeaderSize  = int(unsafe.Sizeof(listHead{}))
)

// An item fills two cache lines with the ring's word.
var _ = [1]struct{}{}[unsafe.Sizeof(item{})-120]
