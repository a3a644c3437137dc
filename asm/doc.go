// Package asm holds the machine code that Go has no words for: one instruction or one loop per function, each with a
// generic twin in Go that says what it means and serves every other machine, the tag noasm and the race detector.
//
// Nothing here checks its arguments or chooses between instruction sets: numeric users want package kernels.
package asm
