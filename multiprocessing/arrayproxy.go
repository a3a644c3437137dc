package multiprocessing

import "context"

// ArrayProxy is an array of any type in a manager. It keeps its length. An index out of range is [ErrValue], with the index
// and the length.
type ArrayProxy[T any] struct{ Proxy }

// ManagerArray makes an array of those values in a manager; make([]T, n) makes it one of n zero values.
func ManagerArray[T any](ctx context.Context, m *Manager, values ...T) (ArrayProxy[T], error) {
	p, err := m.New(ctx, "multiprocessing.array")
	if err != nil {
		return ArrayProxy[T]{}, err
	}
	raw, err := encodeAll(values)
	if err == nil {
		err = do(ctx, p, "Fill", raw)
	}
	return ArrayProxy[T]{p}, err
}

func encodeAll[T any](values []T) (raw [][]byte, err error) {
	raw = make([][]byte, len(values))
	for i := 0; err == nil && i < len(values); i++ {
		raw[i], err = encode(&values[i])
	}
	return raw, err
}

func decodeAll[T any](raw [][]byte) (values []T, err error) {
	values = make([]T, len(raw))
	for i := 0; err == nil && i < len(raw); i++ {
		values[i], err = decode[T](raw[i])
	}
	return values, err
}

// Get returns value i.
func (x ArrayProxy[T]) Get(ctx context.Context, i int) (v T, err error) {
	raw, err := Invoke[[]byte](ctx, x.Proxy, "Get", i)
	if err != nil {
		return v, err
	}
	return decode[T](raw)
}

// Set replaces value i.
func (x ArrayProxy[T]) Set(ctx context.Context, i int, v T) error {
	raw, err := encode(&v)
	if err != nil {
		return err
	}
	return do(ctx, x.Proxy, "Set", i, raw)
}

// Slice returns the values from up to, without, to, as they are at one moment. Python: x[from:to].
func (x ArrayProxy[T]) Slice(ctx context.Context, from, to int) ([]T, error) {
	raw, err := Invoke[[][]byte](ctx, x.Proxy, "Slice", from, to)
	if err != nil {
		return nil, err
	}
	return decodeAll[T](raw)
}

// SetSlice replaces the values at from and on, all in one step. Python: x[from:from+len(values)] = values.
func (x ArrayProxy[T]) SetSlice(ctx context.Context, from int, values ...T) error {
	raw, err := encodeAll(values)
	if err != nil {
		return err
	}
	return do(ctx, x.Proxy, "SetSlice", from, raw)
}

// Len returns how many values there are.
func (x ArrayProxy[T]) Len(ctx context.Context) (int, error) { return Invoke[int](ctx, x.Proxy, "Len") }
