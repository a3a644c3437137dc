//go:build !noasm && !race

#include "textflag.h"

// func StoreRelease64(addr *atomic.Uint64, v uint64)
// A plain MOV: x86 never moves a store before earlier loads or stores (Intel SDM vol. 3A, 9.2).
TEXT ·StoreRelease64(SB), NOSPLIT, $0-16
	MOVQ addr+0(FP), AX
	MOVQ v+8(FP), BX
	MOVQ BX, (AX)
	RET

// func StoreRelease32(addr *atomic.Uint32, v uint32)
TEXT ·StoreRelease32(SB), NOSPLIT, $0-12
	MOVQ addr+0(FP), AX
	MOVL v+8(FP), BX
	MOVL BX, (AX)
	RET

// func pause(n uint32)
TEXT ·pause(SB), NOSPLIT, $0-4
	MOVL n+0(FP), CX
again:
	PAUSE
	SUBL $1, CX
	JNZ  again
	RET
