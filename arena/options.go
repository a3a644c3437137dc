package arena

import (
	"fmt"
	"math/bits"
	"sync/atomic"
)

// Members tells who is alive among the processes that share the memory. *shm.Segment implements it.
type Members interface {
	// Tag is this process: not zero, below 1<<30.
	Tag() uint32
	// Alive is false only when no thread of that process can ever store again.
	Alive(tag uint32) bool
	// Life is a futex word and the value that it holds while that member lives; nil when there is none.
	Life(tag uint32) (*atomic.Uint32, uint32)
}

// Options configures an Arena. A nil *Options means the defaults.
type Options struct {
	// Members tells who is alive among the processes that share the memory; nil means this process alone uses it.
	Members Members
	// Names is how many named arrays there can be, a power of two up to 1<<20, fixed by Create; 0 means 1024, or
	// fewer when the memory is small (at most a sixteenth of it). Attach ignores it.
	Names int
	// Reserve is called, under the arena's lock, before bytes [off, off+n) of the memory are first used, in steps that
	// grow from 64 KiB to 2 MiB: it may call fallocate, so that a full /dev/shm is an error of New. Nil means the memory is backed.
	Reserve func(off, n int) error
	// Place is called, under the arena's lock, for every new array, whose elements will lie in bytes [off, off+n), of
	// which those below backed have been reserved: it may ask the kernel for memory of certain nodes (mbind). Then
	// Reserve is called, if more is needed. Nil asks for none.
	Place func(off, n, backed int)
	// Dirty tells Create that the memory may hold anything. Memory whose header would not be all zero is always
	// taken as dirty; fresh memory is not touched until it is used.
	Dirty bool
	// ReadOnly tells Attach that the memory may not be stored to: Lookup, Names and Resolve work, nothing else.
	ReadOnly bool
}

const (
	namesDefault = 1024
	namesMax     = 1 << 20
	namesShare   = 16 // by default the catalogue takes at most this fraction of the memory
)

func (o *Options) withDefaults(mem int) Options {
	var v Options
	if o != nil {
		v = *o
	}
	if v.Members == nil {
		v.Members = alone{}
	}
	if v.Names == 0 {
		v.Names = namesDefault
		if mem > 0 {
			room := max(mem/namesShare/slotSize, 1)
			v.Names = min(v.Names, 1<<(bits.Len(uint(room))-1))
		}
	}
	return v
}

func (o *Options) validate() error {
	if o.Names < 1 || o.Names > namesMax || o.Names&(o.Names-1) != 0 {
		return fmt.Errorf("arena: Options.Names is %d, not a power of two up to %d", o.Names, namesMax)
	}
	if tag := o.Members.Tag(); tag == 0 || tag > lockTag {
		return fmt.Errorf("arena: Options.Members has tag %#x, not between 1 and 1<<30", tag)
	}
	return nil
}

// alone is the membership of memory that one process uses.
type alone struct{}

func (alone) Tag() uint32                              { return 1 }
func (alone) Alive(uint32) bool                        { return true }
func (alone) Life(uint32) (w *atomic.Uint32, v uint32) { return nil, 0 }
