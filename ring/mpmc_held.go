package ring

// Unreleased returns how many messages are in the ring in any way: being written, published, or taken and not given
// back. It looks at every slot; between two looks the ring may change.
func (q *MPMC[T]) Unreleased() int {
	n := 0
	for i := range int(q.capacity) {
		switch slot(q.slots.word(i).Load()).state() {
		case claimed, ready, taken:
			n++
		}
	}
	return n
}
