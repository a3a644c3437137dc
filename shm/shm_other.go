//go:build !linux

package shm

import "os"

const ownerDied, threadID = 0x40000000, 0x3fffffff

// Create returns [ErrUnsupported].
func Create(name string, size int, opts *Options) (*Segment, error) { return nil, ErrUnsupported }

// Open returns [ErrUnsupported].
func Open(name string, opts *Options) (*Segment, error) { return nil, ErrUnsupported }

// OpenPath returns [ErrUnsupported].
func OpenPath(path string, opts *Options) (*Segment, error) { return nil, ErrUnsupported }

// List returns [ErrUnsupported].
func List() ([]Info, error) { return nil, ErrUnsupported }

// Peek returns [ErrUnsupported].
func Peek(name string, b []byte) (int, error) { return 0, ErrUnsupported }

// Reap returns [ErrUnsupported].
func Reap() ([]string, error) { return nil, ErrUnsupported }

// MachineMemory returns a guess: 8 GiB.
func MachineMemory() int { return 1 << 33 }

// Remove returns [ErrUnsupported].
func Remove(name string, force bool) error { return ErrUnsupported }

// Reserve returns [ErrUnsupported].
func (s *Segment) Reserve(off, n int) error { return ErrUnsupported }

func (s *Segment) leave() error  { return ErrUnsupported }
func (s *Segment) unlink() error { return ErrUnsupported }

func exiting(m *member) bool                   { return false }
func locked(file *os.File, number, n int) bool { return true }
