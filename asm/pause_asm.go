//go:build (amd64 || arm64) && !noasm && !race

package asm

func pause(n uint32)
