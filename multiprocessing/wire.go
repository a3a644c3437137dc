package multiprocessing

import (
	"encoding/binary"
	"fmt"
	"io"
)

// wire is a manager's connection, at either side. What goes over it, in both directions: messages of parts, each part with its
// length before it, and the length of all before them. One round trip is one write and one read on each side.
type wire struct {
	Conn
	in   []byte // what has been read and not been asked for
	room []byte // the memory of in
	out  []byte // the memory of messages that go out
}

const (
	wireRoom = 4096
	frameMax = 1 << 30
)

func newWire(c Conn) *wire { return &wire{Conn: c} }

// prompt is a Conn that looks for what comes for a moment before it sleeps. Only one goroutine may.
type prompt interface {
	ReadPrompt(b []byte) (int, error)
}

// more reads what there is.
func (w *wire) more() error {
	if w.room == nil {
		w.room = make([]byte, wireRoom)
	}
	have := copy(w.room, w.in)
	var n int
	var err error
	if p, is := w.Conn.(prompt); is {
		n, err = p.ReadPrompt(w.room[have:])
	} else {
		n, err = w.Conn.Read(w.room[have:])
	}
	if w.in = w.room[:have+n]; n > 0 {
		return nil
	}
	if err == nil || err == io.EOF && have > 0 {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// receive returns the parts of the next message, in memory of their own.
func (w *wire) receive() ([][]byte, error) {
	for len(w.in) < 4 {
		if err := w.more(); err != nil {
			return nil, err
		}
	}
	n := binary.LittleEndian.Uint32(w.in)
	if n > frameMax {
		return nil, fmt.Errorf("%w: a message of %d bytes", ErrCorrupt, n)
	}
	w.in = w.in[4:]
	for len(w.in) < int(n) && int(n) <= wireRoom {
		if err := w.more(); err != nil {
			return nil, err
		}
	}
	b := make([]byte, n)
	have := copy(b, w.in)
	w.in = w.in[have:]
	if _, err := io.ReadFull(w.Conn, b[have:]); err != nil {
		return nil, err
	}
	parts := make([][]byte, 0, 4)
	for len(b) > 0 {
		n, used := binary.Uvarint(b)
		if used <= 0 || n > uint64(len(b)-used) {
			return nil, fmt.Errorf("%w: a message that is cut short", ErrCorrupt)
		}
		b = b[used:]
		parts, b = append(parts, b[:n:n]), b[n:]
	}
	return parts, nil
}

// send sends one message, in one write.
func (w *wire) send(parts ...[]byte) error {
	b := append(w.out[:0], 0, 0, 0, 0)
	for _, p := range parts {
		b = append(binary.AppendUvarint(b, uint64(len(p))), p...)
	}
	if len(b)-4 > frameMax {
		return fmt.Errorf("%w: a message of %d bytes; 1 GiB at most", ErrValue, len(b)-4)
	}
	if cap(b) <= 1<<20 {
		w.out = b // larger ones are not kept
	}
	binary.LittleEndian.PutUint32(b, uint32(len(b)-4))
	_, err := w.Write(b)
	return err
}
