package mapping

import (
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"sync"

	"github.com/edsrzf/mmap-go"

	"github.com/shmath/shmath/internal/layout"
)

// Mode says what may be done to a mapping and who sees it.
type Mode uint8

const (
	ReadOnly    Mode = iota // loads only: a store is a fault
	ReadWrite               // stores are seen by every process and by the file
	CopyOnWrite             // stores stay private to this mapping
)

// ErrClosed is returned by Close when the mapping has been closed before.
var ErrClosed = errors.New("mapping: already closed")

// Mapping is a file mapped whole. Bytes is valid until Close.
type Mapping struct {
	Bytes []byte
	Mode  Mode
	File  *os.File // kept open: other processes reach the same file through it
	data  mmap.MMap
}

var live struct {
	sync.RWMutex
	byAddr []*Mapping // ordered by the address of Bytes
	hooks  map[*func(*Mapping)]struct{}
}

// New maps the first size bytes of f and takes over f, which Close closes.
func New(f *os.File, size int64, mode Mode) (*Mapping, error) {
	if size <= 0 || size > math.MaxInt {
		return nil, fmt.Errorf("mapping %s: size %d is not between 1 and the address space", f.Name(), size)
	}
	prot := map[Mode]int{ReadOnly: mmap.RDONLY, ReadWrite: mmap.RDWR, CopyOnWrite: mmap.COPY}[mode]
	data, err := mmap.MapRegion(f, int(size), prot, 0, 0)
	if err != nil {
		return nil, fmt.Errorf("mapping %d bytes of %s: %w", size, f.Name(), err)
	}
	m := &Mapping{Bytes: data, Mode: mode, File: f, data: data}
	live.Lock()
	defer live.Unlock()
	at, _ := find(layout.Address(m.Bytes))
	live.byAddr = slices.Insert(live.byAddr, at, m)
	return m, nil
}

// Close unmaps the bytes and closes the file. Every slice of them is invalid from then on.
func (m *Mapping) Close() error {
	live.Lock()
	defer live.Unlock()
	at := slices.Index(live.byAddr, m)
	if at < 0 {
		return ErrClosed
	}
	live.byAddr = slices.Delete(live.byAddr, at, at+1)
	for hook := range live.hooks {
		(*hook)(m)
	}
	m.Bytes = nil
	return errors.Join(m.data.Unmap(), m.File.Close())
}

// OnClose makes f be called for every mapping that is about to be unmapped, until remove is called. It must not open or
// close mappings.
func OnClose(f func(*Mapping)) (remove func()) {
	live.Lock()
	defer live.Unlock()
	if live.hooks == nil {
		live.hooks = make(map[*func(*Mapping)]struct{})
	}
	live.hooks[&f] = struct{}{}
	return func() {
		live.Lock()
		defer live.Unlock()
		delete(live.hooks, &f)
	}
}

// Find returns the mapping that holds the byte at address, and the byte's offset in it; nil when none does.
func Find(address uintptr) (*Mapping, int) {
	live.RLock()
	defer live.RUnlock()
	at, exact := find(address)
	if !exact {
		at--
	}
	if at < 0 {
		return nil, 0
	}
	m := live.byAddr[at]
	off := address - layout.Address(m.Bytes)
	if off >= uintptr(len(m.Bytes)) {
		return nil, 0
	}
	return m, int(off)
}

func find(address uintptr) (int, bool) {
	return slices.BinarySearchFunc(live.byAddr, address, func(m *Mapping, a uintptr) int {
		switch b := layout.Address(m.Bytes); {
		case b < a:
			return -1
		case b > a:
			return 1
		}
		return 0
	})
}
