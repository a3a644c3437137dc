package multiprocessing

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"

	"github.com/shmath/shmath/shm"
)

// SharedMemory is a named segment: plain bytes under /dev/shm, which any program opens by name. It goes with the last
// process that has it open, or by Unlink; opening it never makes anyone its owner.
type SharedMemory struct {
	seg  *shm.Segment
	name string
	size int
}

// NewSharedMemory makes a segment of size zeroed bytes, which are reserved at once. An empty name lets the library choose
// one.
//
// Errors: [ErrValue] for a size below 1; those of [shm.Create]: shm.ErrExist, shm.ErrName, shm.ErrNoSpace.
func NewSharedMemory(name string, size int) (*SharedMemory, error) {
	return createSharedMemory(name, size, shm.Ephemeral)
}

// NewPersistentSharedMemory makes a segment that stays when nobody has it open, until Unlink. Python: track=False.
func NewPersistentSharedMemory(name string, size int) (*SharedMemory, error) {
	return createSharedMemory(name, size, shm.Persistent)
}

func createSharedMemory(name string, size int, lifetime shm.Lifetime) (*SharedMemory, error) {
	if size < 1 {
		return nil, fmt.Errorf("%w: shared memory of %d bytes; give 1 or more", ErrValue, size)
	}
	sweep()
	return newSharedMemory(shm.Create(name, size, &shm.Options{Lifetime: lifetime}))
}

// sweep removes, once in each process, the segments that killed programs of this user left, and says so.
var sweep = sync.OnceFunc(func() { swept(shm.Reap()) })

func swept(removed []string, err error) {
	if err != nil || len(removed) > 0 {
		slog.Warn("multiprocessing: removed shared memory that killed programs had left", "segments", len(removed), "names", removed, "error", err)
	}
}

// OpenSharedMemory opens a segment that somebody has made. It returns shm.ErrNotExist when there is none, and
// [ErrValue] for an empty name.
func OpenSharedMemory(name string) (*SharedMemory, error) {
	if name == "" {
		return nil, fmt.Errorf("%w: shared memory is opened by name; to make one, call NewSharedMemory", ErrValue)
	}
	return newSharedMemory(shm.Open(name, nil))
}

func newSharedMemory(seg *shm.Segment, err error) (*SharedMemory, error) {
	if err != nil {
		return nil, err
	}
	return &SharedMemory{seg, seg.Name(), len(seg.Bytes())}, nil
}

// MarshalBinary encodes the name.
func (m *SharedMemory) MarshalBinary() ([]byte, error) {
	if m.seg == nil {
		return nil, ErrNotMade
	}
	return []byte(m.name), nil
}

// UnmarshalBinary opens the segment of that name. It fails with shm.ErrNotExist after Unlink.
func (m *SharedMemory) UnmarshalBinary(b []byte) error {
	opened, err := OpenSharedMemory(string(b))
	if err == nil {
		*m = *opened
	}
	return err
}

// Buf returns the bytes. They are valid until Close; then there are none.
func (m *SharedMemory) Buf() []byte {
	if m.seg == nil {
		return nil
	}
	return m.seg.Bytes()
}

// Name returns the name by which any process can open the segment.
func (m *SharedMemory) Name() string { return m.name }

// Size returns the number of bytes.
func (m *SharedMemory) Size() int { return m.size }

func (m *SharedMemory) String() string {
	return fmt.Sprintf("SharedMemory(%q, size=%d)", m.name, m.size)
}

// Close lets the bytes go, in this process. Buf must not be used any more.
func (m *SharedMemory) Close() error {
	if m.seg == nil {
		return ErrNotMade
	}
	return m.seg.Close()
}

// Unlink removes the name, before or after Close. Those that have the segment open keep it. It returns shm.ErrNotExist the second time.
func (m *SharedMemory) Unlink() error {
	if m.seg == nil {
		return ErrNotMade
	}
	err := m.seg.Unlink()
	if errors.Is(err, shm.ErrNotCreator) || errors.Is(err, shm.ErrClosed) {
		return shm.Remove(m.name, true)
	}
	return err
}

// SharedMemoryManager makes segments that go together.
type SharedMemoryManager struct {
	mu   sync.Mutex
	made []*SharedMemory
	over bool
}

// NewSharedMemoryManager returns a manager that has made nothing yet.
func NewSharedMemoryManager() *SharedMemoryManager { return new(SharedMemoryManager) }

// SharedMemory makes a segment of size bytes that lasts until Shutdown.
func (m *SharedMemoryManager) SharedMemory(size int) (*SharedMemory, error) {
	x, err := NewSharedMemory("", size)
	if err != nil {
		return nil, err
	}
	return x, m.keep(x)
}

// ShareableList makes a list that lasts until Shutdown.
func (m *SharedMemoryManager) ShareableList(values ...any) (*ShareableList, error) {
	l, err := NewShareableList("", values...)
	if err != nil {
		return nil, err
	}
	return l, m.keep(l.mem)
}

func (m *SharedMemoryManager) keep(x *SharedMemory) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.over {
		return errors.Join(fmt.Errorf("%w: the shared memory manager was shut down", ErrClosed), x.Unlink(), x.Close())
	}
	m.made = append(m.made, x)
	return nil
}

// Shutdown removes and closes all that the manager has made.
func (m *SharedMemoryManager) Shutdown() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.over = true
	var errs []error
	for _, x := range slices.Backward(m.made) {
		if err := x.Unlink(); !errors.Is(err, shm.ErrNotExist) {
			errs = append(errs, err)
		}
		errs = append(errs, x.Close())
	}
	m.made = nil
	return errors.Join(errs...)
}
