//go:build unix

package main

import (
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// lockFolder takes the folder's lock if nobody has it. The kernel frees it when this process ends in any way. Children do not inherit it:
// os opens files close-on-exec.
func lockFolder(f *os.File) error { return unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) }

// apart keeps a peer from what is typed at the terminal: an interrupt is for this program, which ends its peers.
func apart(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
