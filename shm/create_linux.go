package shm

import (
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/shmath/shmath/internal/invariants"
	"github.com/shmath/shmath/internal/mapping"
)

const directory = "/dev/shm" // where shm_open(3) puts its files

// Create makes a segment of size bytes, all zero, and joins it. An empty name makes one up. The memory is reserved
// before Create returns, so that no later store can fail, unless opts asks for a Sparse segment.
//
// Errors: [ErrName], [ErrSize], [ErrExist], [ErrNoSpace] (a *[SpaceError]), [ErrMedium].
func Create(name string, size int, opts *Options) (*Segment, error) {
	o := opts.orDefault()
	if name == "" && o.Lifetime != Private {
		name = "shmath-" + randomHex()
	}
	if err := errors.Join(checkSize(name, size), checkNameOf(name, o)); err != nil {
		return nil, err
	}
	file, err := unnamedFile(name, o)
	if err != nil {
		return nil, err
	}
	s, err := layOut(file, name, size, o)
	if err != nil {
		file.Close() // an unnamed file goes with its last descriptor: there is nothing to remove
		return nil, err
	}
	if o.Lifetime == Private {
		return s, nil
	}
	invariants.Point("shm.create.link")
	if err := link(file, name); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func checkNameOf(name string, o Options) error {
	if o.Lifetime == Private && name == "" {
		return nil
	}
	return checkName(name)
}

// unnamedFile opens a file that has no name yet. A process killed before link leaves nothing behind.
func unnamedFile(name string, o Options) (*os.File, error) {
	if o.Lifetime == Private {
		fd, err := unix.MemfdCreate("shmath:"+name, unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
		if err != nil {
			return nil, fmt.Errorf("shm: memfd_create: %w", err)
		}
		return os.NewFile(uintptr(fd), "memfd:"+name), nil
	}
	fd, err := unix.Open(directory, unix.O_TMPFILE|unix.O_RDWR|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("shm: creating segment %q in %s: %w; mount a tmpfs there, or use a private segment (memfd)",
			name, directory, err)
	}
	file := os.NewFile(uintptr(fd), filepath.Join(directory, name))
	return file, nil
}

// checkMedium refuses a directory on a disk: a segment there would be a file that the kernel writes back all the time.
func checkMedium(file *os.File, device uint64) error {
	if medium.Load() == device {
		return nil
	}
	var st unix.Statfs_t
	if err := unix.Fstatfs(int(file.Fd()), &st); err != nil {
		return fmt.Errorf("shm: asking what %s lies on: %w", directory, err)
	}
	if t := uint32(st.Type); t != unix.TMPFS_MAGIC && t != unix.RAMFS_MAGIC {
		return fmt.Errorf("%w: %s lies on a file system of type %#x; mount a tmpfs there, or use a private segment (memfd)",
			ErrMedium, directory, t)
	}
	medium.Store(device)
	return nil
}

// medium is the device of a directory that checkMedium has found good.
var medium atomic.Uint64

// adopt looks at a file that was just made, and gives it the mode that a strange umask may have kept from it.
func adopt(file *os.File, o Options) (fileID, error) {
	var st unix.Stat_t
	if err := unix.Fstat(int(file.Fd()), &st); err != nil {
		return fileID{}, fmt.Errorf("shm: %s: %w", file.Name(), err)
	}
	if o.Lifetime != Private {
		if err := checkMedium(file, st.Dev); err != nil {
			return fileID{}, err
		}
	}
	if st.Mode&0o777 != 0o600 {
		if err := file.Chmod(0o600); err != nil {
			return fileID{}, err
		}
	}
	return fileID{st.Dev, st.Ino}, nil
}

// layOut gives the file its size, its record and its first member.
func layOut(file *os.File, name string, size int, o Options) (*Segment, error) {
	total := fileSize(size)
	id, err := adopt(file, o)
	if err != nil {
		return nil, err
	}
	if err := reserveFile(file, name, size, o); err != nil {
		return nil, err
	}
	if o.Lifetime == Private {
		seals := unix.F_SEAL_SHRINK | unix.F_SEAL_GROW | unix.F_SEAL_SEAL
		if _, err := unix.FcntlInt(file.Fd(), unix.F_ADD_SEALS, seals); err != nil {
			return nil, fmt.Errorf("shm: sealing the size of %q: %w", name, err)
		}
	}
	m, err := mapping.New(file, int64(total), mapping.ReadWrite)
	if err != nil {
		return nil, err
	}
	s := &Segment{name: name, m: m, rec: recordOf(m.Bytes), size: size, id: id, creator: true}
	if o.Lifetime == Private {
		s.name = ""
	}
	r := s.rec
	r.version, r.lifetime, r.size, r.created = version, o.Lifetime, uint64(size), time.Now().UnixNano()
	r.pid, r.uid = ownPID(), uint32(os.Geteuid())
	copy(r.program[:], program())
	if err := s.join(); err != nil {
		m.Close()
		return nil, err
	}
	r.magic.Store(magicValue) // SYNC(shm.magic): publishes the record; pairs with attach.
	return s, nil
}

// link gives a finished file its name, and fails when the name is taken.
func link(file *os.File, name string) error {
	fd, path := int(file.Fd()), filepath.Join(directory, name)
	err := unix.Linkat(fd, "", unix.AT_FDCWD, path, unix.AT_EMPTY_PATH) // kernels before 6.10 want a capability for it
	if err == unix.ENOENT || err == unix.EPERM {
		err = unix.Linkat(unix.AT_FDCWD, "/proc/self/fd/"+strconv.Itoa(fd), unix.AT_FDCWD, path, unix.AT_SYMLINK_FOLLOW)
	}
	if errors.Is(err, unix.EEXIST) {
		return fmt.Errorf("%w: %q; open it, remove it (shmath rm %s), or take another name", ErrExist, name, name)
	}
	if err != nil {
		return fmt.Errorf("shm: naming segment %q: %w", name, err)
	}
	return nil
}

func randomHex() string {
	var b [6]byte
	for { // package crypto/rand would do, and bring two dozen packages into each worker
		if n, err := unix.Getrandom(b[:], 0); n == len(b) {
			return hex.EncodeToString(b[:])
		} else if err != nil && err != unix.EINTR {
			panic(err) // every kernel that has what segments need has getrandom(2)
		}
	}
}

func program() string { return filepath.Base(os.Args[0]) }
