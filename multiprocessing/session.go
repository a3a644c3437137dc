package multiprocessing

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"sync"

	"github.com/shmath/shmath/arena"
	"github.com/shmath/shmath/shm"
)

// A session is the memory that the processes of one program share: a sparse segment with an arena, in which everything
// lies that this package makes. The first process that needs one makes it; those that it starts find it through the
// environment, or through the first handle that they are given. It goes with the last of them.
type session struct {
	at    address
	seg   *shm.Segment
	arena *arena.Arena
}

// address is how other processes find a session: a descriptor of a process that lives at least as long as they use it.
// The inode tells it from whatever gets that number later.
type address struct {
	PID, FD int
	Inode   uint64
}

const sessionVariable = "SHMATH_SESSION"

func (a address) path() string   { return fmt.Sprintf("/proc/%d/fd/%d", a.PID, a.FD) }
func (a address) String() string { return fmt.Sprintf("%d:%d:%d", a.PID, a.FD, a.Inode) }

// sessions holds those that this process has joined, by inode; home is the one for what it makes itself.
var sessions struct {
	sync.Mutex
	home    *session
	byInode map[uint64]*session
}

// home returns the session in which this process makes things.
func home() (*session, error) {
	sessions.Lock()
	defer sessions.Unlock()
	if sessions.home != nil {
		return sessions.home, nil
	}
	var at address
	var s *session
	var err error
	if _, bad := fmt.Sscanf(os.Getenv(sessionVariable), "%d:%d:%d", &at.PID, &at.FD, &at.Inode); bad == nil {
		s, err = join(at)
	} else {
		s, err = found()
	}
	if err == nil {
		sessions.home = s
	}
	return s, err
}

// found makes a session, and makes it known to the processes that this one will start.
func found() (*session, error) {
	seg, err := shm.Create("", shm.MachineMemory(), &shm.Options{Sparse: true, Lifetime: shm.Private})
	if err != nil {
		return nil, err
	}
	a, err := arena.Create(seg.Bytes(), &arena.Options{Members: seg, Reserve: seg.Reserve})
	if err != nil {
		return nil, errors.Join(err, seg.Close())
	}
	s := &session{at: address{PID: os.Getpid(), FD: seg.Descriptor()}, seg: seg, arena: a}
	if s.at.Inode, err = inodeOf(s.at.path()); err != nil {
		return nil, errors.Join(err, seg.Close())
	}
	if err := os.Setenv(sessionVariable, s.at.String()); err != nil {
		return nil, errors.Join(err, seg.Close())
	}
	return s.known(), nil
}

// known notes a session as joined. The lock is held.
func (s *session) known() *session {
	if sessions.byInode == nil {
		sessions.byInode = make(map[uint64]*session)
	}
	sessions.byInode[s.at.Inode] = s
	return s
}

// sessionAt returns the session at an address, joined if need be.
func sessionAt(at address) (*session, error) {
	sessions.Lock()
	defer sessions.Unlock()
	return join(at)
}

// join makes this process a member of a session. The lock is held.
func join(at address) (*session, error) {
	if s := sessions.byInode[at.Inode]; s != nil {
		return s, nil
	}
	inode, err := inodeOf(at.path())
	if err == nil && inode != at.Inode {
		err = ErrSessionGone
	}
	if err != nil {
		return nil, fmt.Errorf("multiprocessing: finding what another process made: %w; it must live as long as its objects are used", err)
	}
	seg, err := shm.OpenPath(at.path(), nil)
	if err != nil {
		return nil, fmt.Errorf("multiprocessing: joining the session of process %d: %w", at.PID, err)
	}
	a, err := arena.Attach(seg.Bytes(), &arena.Options{Members: seg, Reserve: seg.Reserve})
	if err != nil {
		return nil, errors.Join(err, seg.Close())
	}
	s := &session{at: at, seg: seg, arena: a}
	return s.known(), nil
}

// object is the part of every shared thing that says where it lies. It travels as that: 32 bytes, however large the
// thing is.
type object struct {
	s     *session
	block *arena.Array[uint8]
	mem   []byte
}

const (
	objectAlign = 128 // what rings ask for; blocks begin on multiples of 64
	handleSize  = 32
)

// newObject takes size zeroed bytes of this process's session.
func newObject(size int) (object, error) {
	s, err := home()
	if err != nil {
		return object{}, err
	}
	return s.newObject(size)
}

func (s *session) newObject(size int) (object, error) {
	block, err := arena.New[uint8](s.arena, size+objectAlign)
	if err != nil {
		return object{}, err
	}
	return s.object(block), nil
}

// object aligns a block: the segment begins on a page everywhere, so all processes find the same bytes.
func (s *session) object(block *arena.Array[uint8]) object {
	skip := -int(block.Descriptor().Offset) & (objectAlign - 1)
	return object{s: s, block: block, mem: block.Slice()[skip : block.Len()-objectAlign+skip]}
}

func (s *session) resolve(h arena.Handle) (object, error) {
	block, err := arena.Resolve[uint8](s.arena, h)
	if err != nil {
		return object{}, err
	}
	if block.Len() < objectAlign {
		return object{}, fmt.Errorf("%w: a block of %d bytes", ErrCorrupt, block.Len())
	}
	return s.object(block), nil
}

// MarshalBinary encodes where the object lies, for arguments, results and items of queues.
func (o *object) MarshalBinary() ([]byte, error) {
	if o.s == nil {
		return nil, ErrNotMade
	}
	h := o.block.Handle()
	b := binary.LittleEndian.AppendUint32(make([]byte, 0, handleSize), uint32(o.s.at.PID))
	b = binary.LittleEndian.AppendUint32(b, uint32(o.s.at.FD))
	b = binary.LittleEndian.AppendUint64(b, o.s.at.Inode)
	b = binary.LittleEndian.AppendUint64(b, h.Offset)
	return binary.LittleEndian.AppendUint64(b, h.Gen), nil
}

// bind finds what MarshalBinary encoded.
func (o *object) bind(b []byte) error {
	if len(b) != handleSize {
		return fmt.Errorf("%w: a handle of %d bytes", ErrCorrupt, len(b))
	}
	at := address{int(binary.LittleEndian.Uint32(b)), int(binary.LittleEndian.Uint32(b[4:])), binary.LittleEndian.Uint64(b[8:])}
	s, err := sessionAt(at)
	if err != nil {
		return err
	}
	*o, err = s.resolve(arena.Handle{Offset: binary.LittleEndian.Uint64(b[16:]), Gen: binary.LittleEndian.Uint64(b[24:])})
	return err
}

// Free gives the memory back. Nobody may use the object any more, in any process. What is not freed goes when the
// program ends.
func (o *object) Free() error {
	if o.s == nil {
		return ErrNotMade
	}
	return o.block.Free()
}
