package sched

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// guardName is the first argument of a guard. The others: the process that started it, the program's file, its arguments.
const guardName = "shmath-guard"

// guardPeriod is how often a guard looks for processes that it has not killed yet, and, on kernels without pidfd_open (before
// 5.3), for its parent.
const guardPeriod = time.Millisecond

// guardCommand has a command be started by a guard.
func guardCommand(cmd *exec.Cmd) {
	if cmd.Err != nil {
		return
	}
	if guarded.Load() == unguarded {
		cmd.Err = ErrNoMain
		return
	}
	cmd.Args = append([]string{guardName, strconv.Itoa(os.Getpid()), cmd.Path}, cmd.Args...)
	cmd.Path = "/proc/self/exe"
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
}

// guardMain is the life of a guard. In other processes it returns.
func guardMain() {
	if len(os.Args) < 4 || os.Args[0] != guardName {
		return
	}
	parent, err := strconv.Atoi(os.Args[1])
	if err != nil {
		return
	}
	runtime.LockOSThread() // the program dies with the thread that starts it
	term := make(chan os.Signal, 1)
	signal.Notify(term, syscall.SIGTERM)
	// What the program leaves behind becomes a child of the guard, not of init.
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		refuse(err)
	}
	end := sync.OnceFunc(func() { go killDescendants() })
	go func() {
		<-term
		end()
	}()
	// 0, 1, 2 and what else was handed to the command are inherited.
	program, err := syscall.ForkExec(os.Args[2], os.Args[3:], &syscall.ProcAttr{
		Env: os.Environ(), Files: []uintptr{0, 1, 2}, Sys: &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL},
	})
	if err != nil {
		refuse(err)
	}
	go func() {
		awaitDeath(parent)
		end()
	}()
	var status syscall.WaitStatus
	for {
		var ws syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &ws, 0, nil)
		switch {
		case err == syscall.ECHILD: // all have ended
			endAs(status)
		case err == nil && pid == program:
			status = ws
			end()
		}
	}
}

// refuse ends a guard that cannot do its work, as shells do.
func refuse(err error) {
	fmt.Fprintf(os.Stderr, "sched: starting %s: %v\n", os.Args[2], err)
	os.Exit(127)
}

// awaitDeath returns when the parent of this process has ended.
func awaitDeath(parent int) {
	fd, err := unix.PidfdOpen(parent, 0)
	for os.Getppid() == parent {
		if err != nil {
			time.Sleep(guardPeriod)
			continue
		}
		_, _ = unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, -1)
	}
}

// killDescendants kills what this process has started, and what that has started, until this process ends.
func killDescendants() {
	for ; ; time.Sleep(guardPeriod) {
		for _, pid := range descendants(os.Getpid()) {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
}

// descendants returns the processes below one.
func descendants(root int) (list []int) {
	children := make(map[int][]int)
	files, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, f := range files {
		stat, _ := os.ReadFile(f)
		text := string(stat)
		fields := strings.Fields(text[strings.LastIndexByte(text, ')')+1:]) // the name before may have spaces
		if len(fields) < 2 {
			continue // it has ended
		}
		pid, _ := strconv.Atoi(strings.Split(f, "/")[2])
		parent, _ := strconv.Atoi(fields[1])
		children[parent] = append(children[parent], pid)
	}
	for next := children[root]; len(next) > 0; next = next[1:] {
		list = append(list, next[0])
		next = append(next, children[next[0]]...)
	}
	return list
}

// endAs ends the guard as the program has ended. Signals by which a Go program does not end become exit codes, as in shells.
func endAs(status syscall.WaitStatus) {
	if !status.Signaled() {
		os.Exit(status.ExitStatus())
	}
	switch s := status.Signal(); s {
	case syscall.SIGKILL, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP:
		signal.Reset(s)
		_ = syscall.Kill(os.Getpid(), s)
		time.Sleep(time.Second) // it is on its way
	}
	os.Exit(128 + int(status.Signal()))
}
