package multiprocessing

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sync"

	"github.com/shmath/shmath/arena"
	"github.com/shmath/shmath/sched"
)

// item is an entry of a queue: an encoded value, in place if it is short, else in a block of the session. With the
// ring's word it fills two cache lines, which processors fetch together.
type item struct {
	Size uint64
	Data [inlineMax]byte
}

const inlineMax = 112

// courier puts values of one type into items and takes them out.
type courier[T any] struct {
	s     *session
	codec sched.Codec[T]
}

func newCourier[T any](s *session) (courier[T], error) {
	c, err := sched.CodecOf[T]()
	if err != nil {
		return courier[T]{}, fmt.Errorf("multiprocessing: %w", err)
	}
	return courier[T]{s, c}, nil
}

// buffers are where values are encoded.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// pack encodes v. Who packs and cannot send drops the item.
func (c courier[T]) pack(v *T) (it item, err error) {
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	raw, err := c.codec.Append((*buffer)[:0], v)
	if err != nil {
		return item{}, err
	}
	*buffer = raw
	it.Size = uint64(len(raw))
	if copy(it.Data[:], raw) == len(raw) {
		return it, nil
	}
	block, err := arena.NewCopy(c.s.arena, raw)
	if err != nil {
		return item{}, err
	}
	h := block.Handle()
	it.Data = [inlineMax]byte{}
	binary.LittleEndian.PutUint64(it.Data[:], h.Offset)
	binary.LittleEndian.PutUint64(it.Data[8:], h.Gen)
	return it, nil
}

// unpack decodes an item. It returns errGone when the block of the item is gone: the process that took the item died after
// it had freed the block, which it does last.
func (c courier[T]) unpack(it *item) (v T, err error) {
	if it.Size <= inlineMax {
		err = c.codec.Decode(it.Data[:it.Size], &v)
		return v, err
	}
	block, err := c.block(it)
	if errors.Is(err, arena.ErrStale) {
		return v, errGone
	}
	if err != nil {
		return v, err
	}
	if uint64(block.Len()) < it.Size {
		return v, fmt.Errorf("%w: an item of %d bytes in %d", ErrCorrupt, it.Size, block.Len())
	}
	err = c.codec.Decode(block.Slice()[:it.Size], &v)
	return v, err
}

var errGone = errors.New("multiprocessing: the item was taken by a process that died")

func (c courier[T]) block(it *item) (*arena.Array[uint8], error) {
	return arena.Resolve[uint8](c.s.arena, arena.Handle{
		Offset: binary.LittleEndian.Uint64(it.Data[:]), Gen: binary.LittleEndian.Uint64(it.Data[8:])})
}

// drop frees what the item holds beyond itself.
func (c courier[T]) drop(it *item) {
	if it.Size <= inlineMax {
		return
	}
	if block, err := c.block(it); err == nil {
		_ = block.Free() // a stale handle means that it is free
	}
}
