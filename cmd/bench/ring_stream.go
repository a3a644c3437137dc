package main

import (
	"encoding/binary"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/shmath/shmath/ring"
)

// batchMax is how many items a batch or span has, where the ring holds four times as many.
const batchMax = 64

// copying is the limit of a stream: one core copies an item into places that follow one another.
func copying[T item](side) (part, error) {
	places := make([]T, capacityOf[T]())
	var v T
	return func(n int, _ *hdrhistogram.Histogram) error {
		for i := range n {
			v[0] = uint64(i)
			places[i%len(places)] = v
		}
		return nil
	}, nil
}

func openSPSC[T any](s side, mem []byte, capacity int, o ring.Options) (*ring.SPSC[T], error) {
	o.Members = s.members
	if s.home {
		return ring.CreateSPSC[T](mem, capacity, &o)
	}
	return ring.AttachSPSC[T](mem, &o)
}

func openMPMC[T any](s side, mem []byte, capacity int, o ring.Options) (*ring.MPMC[T], error) {
	o.Members = s.members
	if s.home {
		return ring.CreateMPMC[T](mem, capacity, &o)
	}
	return ring.AttachMPMC[T](mem, &o)
}

func openRecord(s side, mem []byte, capacity int, o ring.Options) (*ring.Record, error) {
	o.Members = s.members
	if s.home {
		return ring.CreateRecord(mem, capacity, &o)
	}
	return ring.AttachRecord(mem, &o)
}

// The loops below call the rings directly: at 8 bytes, a call through a function value would be a third of the time.

func spscStream[T item](s side) (part, error) {
	q, err := openSPSC[T](s, s.mem, capacityOf[T](), ring.Options{})
	return oneWay(s, func(n int) error {
		var v T
		for i := range n {
			v[0] = uint64(i)
			if err := q.Push(background, v); err != nil {
				return err
			}
		}
		return nil
	}, func(n int) (uint64, error) {
		total := uint64(0)
		for range n {
			v, err := q.Pop(background)
			if err != nil {
				return 0, err
			}
			total += v[0]
		}
		return total, nil
	}), err
}

// batchStream copies items to and from a slice of its own.
func batchStream[T item](s side) (part, error) {
	q, err := openSPSC[T](s, s.mem, capacityOf[T](), ring.Options{})
	batch := make([]T, min(batchMax, capacityOf[T]()/4))
	return oneWay(s, func(n int) error {
		for i := 0; i < n; {
			items := batch[:min(len(batch), n-i)]
			for j := range items {
				items[j][0] = uint64(i + j)
			}
			sent, err := q.PushBatch(background, items)
			if err != nil {
				return err
			}
			i += sent
		}
		return nil
	}, func(n int) (uint64, error) {
		total := uint64(0)
		for i := 0; i < n; {
			got, err := q.PopBatch(background, batch[:min(len(batch), n-i)])
			if err != nil {
				return 0, err
			}
			for j := range got {
				total += batch[j][0]
			}
			i += got
		}
		return total, nil
	}), err
}

// spanStream writes and reads items in place.
func spanStream[T item](s side) (part, error) {
	q, err := openSPSC[T](s, s.mem, capacityOf[T](), ring.Options{})
	most := min(batchMax, capacityOf[T]()/4)
	return oneWay(s, func(n int) error {
		var v T
		for i := 0; i < n; {
			span, err := q.ClaimWait(background, min(most, n-i))
			if err != nil {
				return err
			}
			for chunk := range span.Chunks() {
				for j := range chunk {
					v[0] = uint64(i)
					chunk[j] = v
					i++
				}
			}
			q.Commit(span.Len())
		}
		return nil
	}, func(n int) (uint64, error) {
		total := uint64(0)
		for i := 0; i < n; {
			span, err := q.PeekWait(background, min(most, n-i))
			if err != nil {
				return 0, err
			}
			for chunk := range span.Chunks() {
				for j := range chunk {
					total += chunk[j][0]
				}
			}
			q.Release(span.Len())
			i += span.Len()
		}
		return total, nil
	}), err
}

func mpmcStream[T item](s side) (part, error) {
	q, err := openMPMC[T](s, s.mem, capacityOf[T](), ring.Options{})
	return oneWay(s, func(n int) error {
		var v T
		for i := range n {
			v[0] = uint64(i)
			if err := q.Push(background, v); err != nil {
				return err
			}
		}
		return nil
	}, func(n int) (uint64, error) {
		total := uint64(0)
		for range n {
			v, err := q.Pop(background)
			if err != nil {
				return 0, err
			}
			total += v[0]
		}
		return total, nil
	}), err
}

// recordRoom is the capacity of a Record that holds as many messages as the other rings.
func recordRoom[T item]() int { return capacityOf[T]() * (bytesOf[T]() + 8) }

// recordStream copies each message into its claim, once; the receiver looks at it where it lies.
func recordStream[T item](s side) (part, error) {
	q, err := openRecord(s, s.mem, recordRoom[T](), ring.Options{})
	message := make([]byte, bytesOf[T]())
	return oneWay(s, func(n int) error {
		for i := range n {
			b, err := q.ClaimWait(background, len(message))
			if err != nil {
				return err
			}
			copy(b, message)
			binary.LittleEndian.PutUint64(b, uint64(i))
			q.Commit(len(b))
		}
		return nil
	}, func(n int) (uint64, error) {
		total := uint64(0)
		for range n {
			b, err := q.Next(background)
			if err != nil {
				return 0, err
			}
			total += binary.LittleEndian.Uint64(b)
			q.Release()
		}
		return total, nil
	}), err
}

func broadcastStream[T item](s side) (part, error) {
	if s.home {
		b, err := ring.CreateBroadcast[T](s.mem, capacityOf[T](), &ring.Options{Members: s.members})
		return oneWay(s, func(n int) error {
			var v T
			for i := range n {
				v[0] = uint64(i)
				if err := b.Publish(background, v); err != nil {
					return err
				}
			}
			return nil
		}, nil), err
	}
	b, err := ring.AttachBroadcast[T](s.mem, &ring.Options{Members: s.members})
	if err != nil {
		return nil, err
	}
	n, err := b.Subscribe(ring.BackPressure)
	return oneWay(s, nil, func(count int) (uint64, error) {
		total := uint64(0)
		for range count {
			v, err := n.Next(background)
			if err != nil {
				return 0, err
			}
			total += v[0]
		}
		return total, nil
	}), err
}
