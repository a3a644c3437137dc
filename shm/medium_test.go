//go:build linux

package shm

import (
	"errors"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// onDisk calls f on a thread of its own that has a directory of a disk in the place of /dev/shm. The thread ends with it.
func onDisk(t *testing.T, f func()) {
	t.Helper()
	disk := t.TempDir()
	var st unix.Statfs_t
	if err := unix.Statfs(disk, &st); err != nil || st.Type == unix.TMPFS_MAGIC || st.Type == unix.RAMFS_MAGIC {
		t.Skipf("%s is not on a disk (%v)", disk, err)
	}
	said := make(chan error)
	go func() {
		runtime.LockOSThread() // for good: the thread has other mounts than the rest
		err := unix.Unshare(unix.CLONE_NEWNS)
		if err == nil {
			err = unix.Mount("", "/", "", unix.MS_PRIVATE|unix.MS_REC, "")
		}
		if err == nil {
			err = unix.Mount(disk, directory, "", unix.MS_BIND, "")
		}
		if err == nil {
			f()
		}
		said <- err
	}()
	if err := <-said; err != nil {
		t.Skipf("mounting needs a privilege: %v", err)
	}
}

// Where /dev/shm is no memory, a named segment is an error: neither a file on the disk nor a memfd takes its place unasked.
func Test34_MediumNeverChangesSilently(t *testing.T) {
	onDisk(t, func() {
		for _, life := range []Lifetime{Ephemeral, Persistent} {
			s, err := Create("", 1<<16, &Options{Lifetime: life})
			if err == nil {
				s.Close()
			}
			if !errors.Is(err, ErrMedium) {
				t.Errorf("%v: %v", life, err)
			}
		}
		s, err := Create("", 1<<16, &Options{Lifetime: Private}) // the remedy that the error names
		if err != nil {
			t.Error(err)
			return
		}
		s.Close()
	})
}
