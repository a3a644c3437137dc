package main

import (
	"encoding/binary"
	"fmt"
	"io"
	"os"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/shmath/shmath/internal/layout"
)

// post sends a channel's items by pointer (items of 64 KiB are too large for a channel), each in a buffer that no message
// under way has.
type post[T item] struct {
	ch      chan *T
	buffers []T
	next    int
	v       T // what is sent
	got     T // what was received last
}

func newPost[T item](capacity int) *post[T] {
	return &post[T]{ch: make(chan *T, capacity), buffers: make([]T, capacity+2)}
}

func (p *post[T]) send(i uint64) error {
	b := &p.buffers[p.next]
	if p.next++; p.next == len(p.buffers) {
		p.next = 0
	}
	p.v[0] = i
	*b = p.v
	p.ch <- b
	return nil
}

func (p *post[T]) receive() (uint64, error) {
	p.got = *<-p.ch
	return p.got[0], nil
}

func channelStream[T item](side) (part, error) {
	p := newPost[T](capacityOf[T]())
	return func(n int, _ *hdrhistogram.Histogram) error {
		done := make(chan error)
		go func() {
			total, err := sum(p.receive)(n)
			if err == nil {
				err = checkSum(total, n)
			}
			done <- err
		}()
		if err := each(p.send)(n); err != nil {
			return err
		}
		return <-done
	}, nil
}

// channels is a channel each way between two goroutines, this side's ends of it.
type channels[T item] struct{ out, in *post[T] }

func (c channels[T]) send(i uint64) error      { return c.out.send(i) }
func (c channels[T]) receive() (uint64, error) { return c.in.receive() }

func channelTrip[T item](side) (part, error) {
	there, back := newPost[T](1), newPost[T](1)
	return func(n int, times *hdrhistogram.Histogram) error {
		done := make(chan error)
		go func() { done <- echo(channels[T]{back, there}, n) }()
		if err := call(channels[T]{there, back}, n, times); err != nil {
			return err
		}
		return <-done
	}, nil
}

// pipeSize is the shared memory of pipes: where away finds home's.
const pipeSize = layout.Line

// pipes is a pipe each way between the two processes, this side's ends of it.
type pipes struct {
	out, in *os.File
	keep    []*os.File // the other side's ends: a pipe whose reader is gone is broken
	buffer  []byte
}

func openPipes[T item](s side) (*pipes, error) {
	p := &pipes{buffer: make([]byte, bytesOf[T]())}
	if !s.home {
		from := func(i int) string {
			return fmt.Sprintf("/proc/%d/fd/%d", binary.LittleEndian.Uint64(s.mem), binary.LittleEndian.Uint64(s.mem[8*i:]))
		}
		var err error
		if p.in, err = os.OpenFile(from(1), os.O_RDONLY, 0); err != nil {
			return nil, err
		}
		p.out, err = os.OpenFile(from(2), os.O_WRONLY, 0)
		return p, err
	}
	there, out, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	in, back, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	p.out, p.in, p.keep = out, in, []*os.File{there, back}
	binary.LittleEndian.PutUint64(s.mem, uint64(os.Getpid()))
	for i, f := range p.keep {
		conn, err := f.SyscallConn() // Fd would make the pipe a blocking one
		if err != nil {
			return nil, err
		}
		err = conn.Control(func(fd uintptr) { binary.LittleEndian.PutUint64(s.mem[8*(i+1):], uint64(fd)) })
		if err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (p *pipes) send(i uint64) error {
	binary.LittleEndian.PutUint64(p.buffer, i)
	_, err := p.out.Write(p.buffer)
	return err
}

func (p *pipes) receive() (uint64, error) {
	_, err := io.ReadFull(p.in, p.buffer)
	return binary.LittleEndian.Uint64(p.buffer), err
}

func pipeStream[T item](s side) (part, error) {
	p, err := openPipes[T](s)
	if err != nil {
		return nil, err
	}
	return oneWay(s, each(p.send), sum(p.receive)), nil
}
