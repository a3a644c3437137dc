package sched

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"golang.org/x/sys/unix"
)

// claims holds CPUs against other pools of the same user. Each worker has an exclusive open-file-description lock on
// one byte of a file that all programs of the user share: of the claimLevels bytes that stand for its CPU the first
// that is free, so a CPU on which several live has several. The kernel drops the locks of a process that dies. The
// file is empty, and stays.
type claims struct {
	f    *os.File // nil: no file can be had, and everything looks free
	held map[int][]int64
}

const claimLevels = 64

// openClaims opens the user's file: in $XDG_RUNTIME_DIR, /run/user/UID or /tmp, whichever is there first. Programs that
// see other folders do not see each other.
func openClaims() *claims {
	uid := os.Geteuid()
	for _, dir := range []string{os.Getenv("XDG_RUNTIME_DIR"), fmt.Sprintf("/run/user/%d", uid), "/tmp"} {
		if !filepath.IsAbs(dir) {
			continue
		}
		path := filepath.Join(dir, fmt.Sprintf("shmath-%d.cpus", uid))
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0o600)
		if err != nil {
			continue
		}
		var st unix.Stat_t
		// In /tmp anybody may have made it: what is another's is not ours to trust.
		if unix.Fstat(int(f.Fd()), &st) == nil && st.Mode&unix.S_IFMT == unix.S_IFREG && int(st.Uid) == uid {
			return &claims{f: f, held: make(map[int][]int64)}
		}
		f.Close()
	}
	return &claims{held: make(map[int][]int64)}
}

// uses counts the claims of others on each of the CPUs below n.
func (c *claims) uses(n int) []int {
	uses := make([]int, n)
	if c.f == nil || c.count(0, int64(n)*claimLevels, 1) == 0 {
		return uses
	}
	for cpu := range uses {
		uses[cpu] = c.count(int64(cpu)*claimLevels, claimLevels, claimLevels)
	}
	return uses
}

// count returns how many of the bytes others have locked; it stops looking when it has found most.
func (c *claims) count(start, length int64, most int) int {
	if length <= 0 || most <= 0 {
		return 0
	}
	l := unix.Flock_t{Type: unix.F_WRLCK, Start: start, Len: length}
	if c.fcntl(unix.F_OFD_GETLK, &l) != nil || l.Type == unix.F_UNLCK {
		return 0
	}
	// The kernel joins neighbouring locks of one owner, and shows one of those that are in the way.
	first, behind := max(start, l.Start), start+length
	if l.Len != 0 {
		behind = min(behind, l.Start+l.Len)
	}
	n := int(behind - first)
	n += c.count(start, first-start, most-n)
	return n + c.count(behind, start+length-behind, most-n)
}

// hold claims the CPUs of these places and lets go of others. It fails if a CPU that was free has been taken; what it has got by
// then it keeps, so the next plan is made of what is left.
func (c *claims) hold(places []Place) bool {
	if c == nil || c.f == nil {
		return true
	}
	wanted := make(map[int]int)
	for _, w := range places {
		wanted[w.CPU]++
		if len(c.held[w.CPU]) < wanted[w.CPU] && !c.lock(w) {
			return false
		}
	}
	for cpu, held := range c.held {
		for len(held) > wanted[cpu] {
			l := unix.Flock_t{Type: unix.F_UNLCK, Start: held[len(held)-1], Len: 1}
			c.fcntl(unix.F_OFD_SETLK, &l)
			held = held[:len(held)-1]
		}
		c.held[cpu] = held
	}
	return true
}

// lock takes the first free byte of a CPU; if it was free, that is the very first one, which decides between two that
// want it at the same time.
func (c *claims) lock(w Place) bool {
	first := int64(w.CPU) * claimLevels
	for level := range int64(claimLevels) {
		if slices.Contains(c.held[w.CPU], first+level) {
			continue // a lock of one's own is never in the way
		}
		l := unix.Flock_t{Type: unix.F_WRLCK, Start: first + level, Len: 1}
		if c.fcntl(unix.F_OFD_SETLK, &l) == nil {
			c.held[w.CPU] = append(c.held[w.CPU], first+level)
			return true
		}
		if level == 0 && !w.Shared {
			return false
		}
	}
	return true // so many share it that one more makes no difference
}

func (c *claims) fcntl(cmd int, l *unix.Flock_t) error {
	for {
		if err := unix.FcntlFlock(c.f.Fd(), cmd, l); err != syscall.EINTR {
			return err
		}
	}
}

// close gives the claims back. Nil has none.
func (c *claims) close() {
	if c != nil && c.f != nil {
		c.f.Close()
	}
}
