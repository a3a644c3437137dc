package shm

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"github.com/shmath/shmath/internal/layout"
)

// List describes the segments of this user in /dev/shm. Files that are not segments are passed over.
func List() ([]Info, error) {
	var list []Info
	err := each(func(file *os.File, name string, r *record) error {
		list = append(list, describe(file, name, r))
		return nil
	})
	return list, err
}

// Peek copies the first bytes of a segment of this user, as they are at this moment, without joining it: whoever looks on is
// no member, and leaves nothing behind. It returns how many bytes it copied, fewer than len(b) when the segment is
// shorter. Words of 8 bytes are whole; what they say together need not have been true at any one moment.
func Peek(name string, b []byte) (int, error) {
	if err := checkName(name); err != nil {
		return 0, err
	}
	file, r := openFound(name)
	if file == nil {
		return 0, fmt.Errorf("%w: %q; shmath ls shows what there is", ErrNotExist, name)
	}
	defer file.Close()
	return file.ReadAt(b[:min(uint64(len(b)), r.size)], 0)
}

// Reap removes the stale segments of this user and returns their names. It touches nothing that is alive and no file
// that is not a segment.
func Reap() ([]string, error) {
	var reaped []string
	err := each(func(file *os.File, name string, r *record) error {
		if r.lifetime != Ephemeral || locked(file, 1, MembersMax) {
			return nil
		}
		removed, err := removeFound(file, name, alone)
		if removed {
			reaped = append(reaped, name)
		}
		return err
	})
	return reaped, err
}

// Remove removes the name of a segment that this process need not have open, if nobody lives in it; else it returns
// [ErrInUse] and names the processes. With force it removes the name all the same: they keep their memory.
func Remove(name string, force bool) error {
	if err := checkName(name); err != nil {
		return err
	}
	file, r := openFound(name)
	if file == nil {
		return fmt.Errorf("%w: %q; shmath ls shows what there is", ErrNotExist, name)
	}
	defer file.Close()
	may := alone
	if force {
		may = whoever
	}
	removed, err := removeFound(file, name, may)
	if err == nil && !removed {
		return fmt.Errorf("%w: %q by %s; stop them, or force it", ErrInUse, name, people(describe(file, name, r).Members))
	}
	return err
}

// removeFound is removeIf for a file that each opened for reading: closing the gate needs a descriptor for writing.
func removeFound(file *os.File, name string, may func(*os.File) bool) (bool, error) {
	rw, err := os.OpenFile(fmt.Sprintf("/proc/self/fd/%d", file.Fd()), os.O_RDWR, 0)
	if err != nil {
		return false, err
	}
	defer rw.Close()
	var st unix.Stat_t
	if err := unix.Fstat(int(rw.Fd()), &st); err != nil {
		return false, err
	}
	return removeIf(rw, fileID{st.Dev, st.Ino}, filepath.Join(directory, name), may)
}

func people(members []MemberInfo) string {
	s := "a process"
	for i, m := range members {
		if i == 0 {
			s = ""
		} else {
			s += ", "
		}
		s += fmt.Sprintf("%s (pid %d)", m.Program, m.PID)
	}
	return s
}

// each calls do for every file in /dev/shm that is a segment of this user, with a copy of its record.
func each(do func(file *os.File, name string, r *record) error) error {
	entries, err := os.ReadDir(directory)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("shm: %w", err)
	}
	var errs []error
	for _, e := range entries {
		file, r := openFound(e.Name())
		if file == nil {
			continue
		}
		errs = append(errs, do(file, e.Name(), r))
		file.Close()
	}
	return errors.Join(errs...)
}

func openFound(name string) (*os.File, *record) {
	path := filepath.Join(directory, name)
	file, err := openFile(path, unix.O_RDONLY|unix.O_NOFOLLOW)
	if err != nil {
		return nil, nil
	}
	var st unix.Stat_t
	raw := layout.Aligned(recordSize, layout.CacheLine)
	r := layout.View[record](raw, 0)
	ok := unix.Fstat(int(file.Fd()), &st) == nil && checkFile(path, &st, Options{}) == nil
	if ok {
		_, err := file.ReadAt(raw, st.Size-recordSize)
		ok = err == nil && r.check(path, st.Size) == nil
	}
	if !ok {
		file.Close()
		return nil, nil
	}
	return file, r
}

func describe(file *os.File, name string, r *record) Info {
	info := Info{
		Name: name, Lifetime: r.lifetime, Size: int64(r.size), Created: time.Unix(0, r.created),
		Program: text(r.program[:]), PID: int(r.pid), UID: int(r.uid),
	}
	var st unix.Stat_t
	if unix.Fstat(int(file.Fd()), &st) == nil {
		info.Reserved = st.Blocks * 512
	}
	for i := range r.members {
		m := &r.members[i]
		if m.epoch.Load() != 0 && locked(file, i+1, 1) {
			info.Members = append(info.Members, MemberInfo{
				Tag: makeTag(i+1, m.epoch.Load()), PID: int(m.pid.Load()),
				Program: text(m.program[:]), Joined: time.Unix(0, m.joined.Load()),
			})
		}
	}
	return info
}
