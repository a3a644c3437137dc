package shm

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/shmath/shmath/internal/mapping"
)

// Open joins the segment of that name. It never makes one, and closing it never removes one that others use.
//
// Errors: [ErrName], [ErrNotExist], [ErrForeign], [ErrCorrupt], [ErrVersion], [ErrFull].
func Open(name string, opts *Options) (*Segment, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	return open(filepath.Join(directory, name), name, opts.orDefault())
}

// OpenPath joins the segment behind a path: /proc/PID/fd/N of a process that holds a [Private] one.
func OpenPath(path string, opts *Options) (*Segment, error) {
	return open(path, "", opts.orDefault())
}

func open(path, name string, o Options) (*Segment, error) {
	flags := unix.O_RDWR
	if name != "" {
		flags |= unix.O_NOFOLLOW
	}
	file, err := openFile(path, flags)
	switch {
	case errors.Is(err, unix.ENOENT):
		return nil, fmt.Errorf("%w: %q; shmath ls shows what there is", ErrNotExist, path)
	case errors.Is(err, unix.EACCES):
		return nil, fmt.Errorf("%w: %q: %w", ErrForeign, path, err)
	case errors.Is(err, unix.ELOOP):
		return nil, fmt.Errorf("%w: %q is a symbolic link", ErrCorrupt, path)
	case err != nil:
		return nil, fmt.Errorf("shm: opening %q: %w", path, err)
	}
	s, err := attach(file, name, o)
	if err != nil {
		file.Close()
		return nil, err
	}
	return s, nil
}

// openFile opens what should be a regular file. A planted FIFO must not hold us, hence O_NONBLOCK; with that, package os would
// watch the file with its poller, which it starts for the first one.
func openFile(path string, flags int) (*os.File, error) {
	fd, err := unix.Open(path, flags|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	if _, err := unix.FcntlInt(uintptr(fd), unix.F_SETFL, 0); err != nil {
		unix.Close(fd)
		return nil, err
	}
	return os.NewFile(uintptr(fd), path), nil
}

// attach checks everything that it is going to rely on, then joins.
func attach(file *os.File, name string, o Options) (*Segment, error) {
	var st unix.Stat_t
	if err := unix.Fstat(int(file.Fd()), &st); err != nil {
		return nil, fmt.Errorf("shm: %s: %w", file.Name(), err)
	}
	if err := checkFile(file.Name(), &st, o); err != nil {
		return nil, err
	}
	m, err := mapping.New(file, st.Size, mapping.ReadWrite)
	if err != nil {
		return nil, err
	}
	s := &Segment{name: name, m: m, rec: recordOf(m.Bytes), id: fileID{st.Dev, st.Ino}}
	err = s.rec.check(file.Name(), st.Size)
	if err == nil {
		s.size = int(s.rec.size)
		err = s.join()
	}
	if err != nil {
		m.Close()
		return nil, err
	}
	return s, nil
}

func checkFile(path string, st *unix.Stat_t, o Options) error {
	switch {
	case st.Mode&unix.S_IFMT != unix.S_IFREG:
		return fmt.Errorf("%w: %s is not a regular file", ErrCorrupt, path)
	case !o.AnyUser && int(st.Uid) != os.Geteuid():
		return fmt.Errorf("%w: %s belongs to user %d, this is user %d", ErrForeign, path, st.Uid, os.Geteuid())
	case st.Size < page+recordSize || st.Size%page != 0:
		return fmt.Errorf("%w: %s has %d bytes, which no segment has", ErrCorrupt, path, st.Size)
	}
	return nil
}

func (r *record) check(path string, length int64) error {
	switch {
	case r.magic.Load() != magicValue: // SYNC(shm.magic): the record is whole; pairs with layOut.
		return fmt.Errorf("%w: %s has no segment record; a foreign file, or a truncated segment", ErrCorrupt, path)
	case r.version != version:
		return fmt.Errorf("%w: %s has version %d, this program knows %d", ErrVersion, path, r.version, version)
	case r.size == 0 || r.size > sizeMax || int64(fileSize(int(r.size))) != length:
		return fmt.Errorf("%w: %s says %d bytes of payload in a file of %d", ErrCorrupt, path, r.size, length)
	case r.lifetime > Private:
		return fmt.Errorf("%w: %s has lifetime %d", ErrCorrupt, path, r.lifetime)
	}
	return nil
}
