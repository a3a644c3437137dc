//go:build !noasm && !race

#include "textflag.h"

// func StoreRelease64(addr *atomic.Uint64, v uint64)
TEXT ·StoreRelease64(SB), NOSPLIT, $0-16
	MOVD addr+0(FP), R0
	MOVD v+8(FP), R1
	STLR R1, (R0)
	RET

// func StoreRelease32(addr *atomic.Uint32, v uint32)
TEXT ·StoreRelease32(SB), NOSPLIT, $0-12
	MOVD  addr+0(FP), R0
	MOVWU v+8(FP), R1
	STLRW R1, (R0)
	RET

// func pause(n uint32)
TEXT ·pause(SB), NOSPLIT, $0-4
	MOVWU n+0(FP), R0
again:
	YIELD
	SUBW $1, R0
	CBNZW R0, again
	RET
