//go:build !unix

package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
)

func lockFolder(*os.File) error {
	return fmt.Errorf("bench: locks of folders on %s: %w", runtime.GOOS, errors.ErrUnsupported)
}

func apart(*exec.Cmd) {}
