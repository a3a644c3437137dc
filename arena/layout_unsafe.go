package arena

import "unsafe"

// The layout, held at compile time: a change of a size or an offset stops the build.
var (
	_ = [1]struct{}{}[unsafe.Sizeof(header{})-headerSize]
	_ = [1]struct{}{}[unsafe.Offsetof(header{}.lock)-128]
	_ = [1]struct{}{}[unsafe.Offsetof(header{}.gen)-256]
	_ = [1]struct{}{}[unsafe.Offsetof(header{}.first2)-384]
	_ = [1]struct{}{}[unsafe.Offsetof(header{}.lists)-512]
	_ = [1]struct{}{}[unsafe.Sizeof(block{})-blockHeader]
	_ = [1]struct{}{}[unsafe.Sizeof(slot{})-slotSize]
	_ = [1]struct{}{}[unsafe.Sizeof(Descriptor{})-160]
)
