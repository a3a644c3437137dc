// Package asm holds the machine code that Go has no words for: one instruction or one loop per function, each with a
// generic twin in Go that says what it means and serves every other machine, the tag noasm and the race detector.
//
// The loops over arrays are written by the generators in asm/_gen, a module of its own: make generate runs them. Their
// twins, and the choice between the instruction sets, are in package kernels. A function whose name ends in AVX2 needs
// x86-64-v3, one that ends in AVX512 x86-64-v4. None can be stopped inside: callers bound n.
//
// Nothing here checks its arguments or chooses between instruction sets: numeric users want package kernels.
package asm
