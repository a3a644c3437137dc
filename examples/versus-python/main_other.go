//go:build !linux

// Versus-python needs Linux.
package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "versus-python: processes with shared memory need Linux")
	os.Exit(1)
}
