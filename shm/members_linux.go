package shm

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/shmath/shmath/internal/futex"
	"github.com/shmath/shmath/internal/invariants"
)

// Byte lockBase+n of a segment's file is the lock of member n. Byte lockBase itself is the gate, of those who remove the name:
// one at a time, and one that removes it only if nobody lives there holds the locks of all members meanwhile, so that nobody joins.
const lockBase = 1 << 62

// join takes a free member number.
func (s *Segment) join() error {
	got, err := s.joinAny()
	if err == nil && !got { // or somebody has all locks, to remove the name
		if err = lockWait(s.m.File, unix.F_WRLCK); err != nil {
			return err
		}
		defer lock(s.m.File, 0, unix.F_UNLCK)
		if err = s.checkNamed(); err == nil {
			got, err = s.joinAny()
		}
	}
	if err == nil && !got {
		err = fmt.Errorf("%w: %s has %d", ErrFull, s.label(), MembersMax)
	}
	return err
}

// joinAny takes one of the member numbers that look free, or else the first that is.
func (s *Segment) joinAny() (got bool, err error) {
	for number := 1; number <= headMembers; number++ {
		if life := s.rec.members[number-1].life.Load(); life != 0 && life&ownerDied == 0 {
			continue
		}
		if got, err = s.joinAs(number); got || err != nil {
			return got, err
		}
	}
	for number := 1; number <= MembersMax; number++ {
		if got, err = s.joinAs(number); got || err != nil {
			return got, err
		}
	}
	return false, nil
}

// joinAs takes that member number unless another process has it.
func (s *Segment) joinAs(number int) (got bool, err error) {
	if at := entryPage(number); at >= headSize {
		if err := reserve(s.m.File, s.label(), int64(len(s.m.Bytes)-recordSize+at), page); err != nil {
			return false, err
		}
	}
	if got, err = lock(s.m.File, number, unix.F_WRLCK); err != nil {
		return false, fmt.Errorf("shm: joining %s: %w", s.label(), err)
	}
	if got {
		err = s.checkNamed()
	}
	if got && err == nil {
		s.enter(number)
	}
	return got, err
}

// checkNamed looks whether a segment that was found by name still has one. The caller has its lock: the name goes no more, unless
// somebody removes it whoever lives there.
func (s *Segment) checkNamed() error {
	if s.creator || s.name == "" {
		return nil
	}
	var st unix.Stat_t
	if err := unix.Fstat(int(s.m.File.Fd()), &st); err != nil {
		return err
	}
	if st.Nlink == 0 {
		return fmt.Errorf("%w: %q was removed while it was opened", ErrNotExist, s.name)
	}
	return nil
}

// enter fills the member's entry. Its lock is held, so nobody else writes there.
func (s *Segment) enter(number int) {
	m := &s.rec.members[number-1]
	s.tag = makeTag(number, m.epoch.Add(1))
	m.pid.Store(ownPID())
	m.pidns.Store(pidNamespace())
	m.joined.Store(time.Now().UnixNano())
	m.program = [24]byte{}
	copy(m.program[:], program())
	keepers.add(m) // last: its life word is the news that a member is in
}

// leave takes back the life word, and the name of an ephemeral segment in which nobody else lives.
func (s *Segment) leave() error {
	number, _ := splitTag(s.tag)
	m := &s.rec.members[number-1]
	keepers.remove(m)
	m.life.Store(0)
	futex.Wake(&m.life, MembersMax)
	if s.rec.lifetime != Ephemeral || s.name == "" || s.unlinked.Load() {
		return nil // the descriptor's end drops the lock
	}
	if _, err := lock(s.m.File, number, unix.F_UNLCK); err != nil {
		return err
	}
	// Of those who leave at the same time, the last one to drop its lock finds nobody: the others need not close the gate.
	if locked(s.m.File, 1, MembersMax) {
		return nil
	}
	_, err := removeIf(s.m.File, s.id, filepath.Join(directory, s.name), alone)
	return err
}

// unlink removes the name whoever lives in the segment.
func (s *Segment) unlink() error {
	removed, err := removeIf(s.m.File, s.id, filepath.Join(directory, s.name), whoever)
	if err == nil && !removed {
		err = fmt.Errorf("%w: %q", ErrNotExist, s.name)
	}
	if err == nil {
		s.unlinked.Store(true)
	}
	return err
}

// removeIf removes path if it still names file, which is the one with that id, and, with the gate closed, may says so.
func removeIf(file *os.File, id fileID, path string, may func(*os.File) bool) (bool, error) {
	if err := lockWait(file, unix.F_WRLCK); err != nil {
		return false, err
	}
	defer lock(file, 0, unix.F_UNLCK)
	var named unix.Stat_t
	err := unix.Lstat(path, &named)
	if errors.Is(err, unix.ENOENT) || err == nil && id != (fileID{named.Dev, named.Ino}) {
		return false, nil
	}
	if err != nil || !may(file) {
		return false, err
	}
	invariants.Point("shm.remove.unlink")
	if err := unix.Unlink(path); err != nil {
		return false, fmt.Errorf("shm: removing %s: %w", path, err)
	}
	return true, nil
}

// lock sets or drops the lock of one byte without waiting; false means that another process holds it.
func lock(file *os.File, number int, kind int16) (bool, error) {
	err := setLock(file, kind, number, 1)
	if errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EACCES) {
		return false, nil
	}
	return err == nil, err
}

// alone takes the locks of all members, which nobody gets while one lives. They go with the descriptor, which is closed next.
func alone(file *os.File) bool {
	return setLock(file, unix.F_WRLCK, 1, MembersMax) == nil // in doubt, somebody lives there
}

// whoever does not ask who lives there.
func whoever(*os.File) bool { return true }

// setLock sets or drops the locks of n bytes without waiting.
func setLock(file *os.File, kind int16, number, n int) error {
	l := unix.Flock_t{Type: kind, Whence: 0, Start: lockBase + int64(number), Len: int64(n)}
	return unix.FcntlFlock(file.Fd(), unix.F_OFD_SETLK, &l)
}

// lockWait takes the gate. Those who hold it do so for a few system calls.
func lockWait(file *os.File, kind int16) error {
	l := unix.Flock_t{Type: kind, Whence: 0, Start: lockBase, Len: 1}
	for {
		err := unix.FcntlFlock(file.Fd(), unix.F_OFD_SETLKW, &l)
		if !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// locked asks whether another open file holds any of n member locks from number on.
func locked(file *os.File, number, n int) bool {
	l := unix.Flock_t{Type: unix.F_WRLCK, Whence: 0, Start: lockBase + int64(number), Len: int64(n)}
	err := unix.FcntlFlock(file.Fd(), unix.F_OFD_GETLK, &l)
	return err != nil || l.Type != unix.F_UNLCK // in doubt, alive
}

// exiting reports whether each thread of a member whose keeper has died is on its way out for good (PF_EXITING): it
// will not run another instruction of its own, though the kernel may take long to tear its memory down.
//
// The kernel cuts a listing of threads short when one of them is released meanwhile, so that one listing may miss a
// thread that still runs: only two that agree are believed.
func exiting(m *member) bool {
	if m.pidns.Load() != pidNamespace() {
		return false
	}
	tasks := "/proc/" + strconv.Itoa(int(m.pid.Load())) + "/task"
	first, ok := exitingThreads(tasks)
	if !ok {
		return false
	}
	second, ok := exitingThreads(tasks)
	return ok && slices.Equal(first, second)
}

// exitingThreads lists the threads, and reports whether all of them are exiting. A process that is gone has none.
func exitingThreads(tasks string) ([]string, bool) {
	dir, err := unix.Open(tasks, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, gone(err)
	}
	defer unix.Close(dir)
	var names []string
	buffer := make([]byte, page)
	for n := 1; n > 0; {
		if n, err = unix.ReadDirent(dir, buffer); err != nil {
			return nil, gone(err)
		}
		_, _, names = unix.ParseDirent(buffer[:n], -1, names)
	}
	for _, name := range names {
		stat, err := readAt(dir, name+"/stat", buffer)
		if err != nil && !gone(err) || err == nil && !flagExiting(string(stat)) {
			return nil, false
		}
	}
	return names, true
}

// gone reports whether that is what /proc says of a process or thread that has ended.
func gone(err error) bool { return errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ESRCH) }

// readAt reads the beginning of a file of a folder.
func readAt(dir int, name string, buffer []byte) ([]byte, error) {
	fd, err := unix.Openat(dir, name, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	n, err := unix.Read(fd, buffer)
	return buffer[:max(n, 0)], err
}

// flagExiting reads field 9 of proc(5) stat: the kernel flags of the thread.
func flagExiting(stat string) bool {
	fields := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
	if len(fields) < 7 {
		return false
	}
	const pfExiting = 0x4
	flags, err := strconv.ParseUint(fields[6], 10, 64)
	return err == nil && flags&pfExiting != 0
}

// ownPID saves a system call each time: a process of ours never forks.
var ownPID = sync.OnceValue(func() uint32 { return uint32(os.Getpid()) })

var pidNamespace = sync.OnceValue(func() uint64 {
	var st unix.Stat_t
	if unix.Stat("/proc/self/ns/pid", &st) != nil {
		return 0
	}
	return st.Ino
})
