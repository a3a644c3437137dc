package batch

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/shmath/shmath/arena"
	"github.com/shmath/shmath/expr"
	"github.com/shmath/shmath/shm"
)

// product is a file, or a segment, on its way to its name.
type product struct {
	name  string // of what is written
	path  string // where, as the user wrote it
	array arena.AnyArray
	bytes []byte // of a figure

	pending bool         // array is a file of arena.CreateFileAny, already mapped where results are written
	full    string       // path for this process
	segment *shm.Segment // array lies in a segment, whose first byte is held back
	done    bool
}

// magicByte is the first of every .npy file: a segment gets it when its elements are whole.
const magicByte = 0x93

// arenaType is the element type of a result.
func arenaType(d expr.DType) arena.DType {
	for t := arena.Bool; t.Valid(); t++ {
		if t.String() == d.String() {
			return t
		}
	}
	panic("batch: a result has a type that arrays have not")
}

// newFile makes the .npy file in which a result is computed.
func newFile(name, path, full string, r expr.Result) (*product, error) {
	x, err := arena.CreateFileAny(full, arenaType(r.DType), r.Shape...)
	if err != nil {
		return nil, diskError(full, err)
	}
	return &product{name: name, path: path, full: full, array: x, pending: true}, nil
}

// newSegment makes the persistent segment in which a result is computed, a bare .npy file.
func newSegment(name, segment string, r expr.Result) (*product, error) {
	var size int
	var format func(mem []byte) (arena.AnyArray, error)
	switch r.DType {
	case expr.Bool:
		size, format = segmentOf[bool](r.Shape)
	case expr.Int64:
		size, format = segmentOf[int64](r.Shape)
	case expr.Float32:
		size, format = segmentOf[float32](r.Shape)
	default:
		size, format = segmentOf[float64](r.Shape)
	}
	seg, err := shm.Create(segment, size, &shm.Options{Lifetime: shm.Persistent})
	if errors.Is(err, shm.ErrExist) {
		return nil, fmt.Errorf("%w: %q; choose another name, or remove it: shmath rm %s", shm.ErrExist, segment, segment)
	}
	if err != nil {
		return nil, err
	}
	p := &product{name: name, path: "shm:" + segment, segment: seg}
	if p.array, err = format(seg.Bytes()); err != nil {
		return nil, join(err, p.close())
	}
	seg.Bytes()[0] = 0 // until commit no program takes it for an array
	return p, nil
}

func segmentOf[T arena.Element](shape []int) (int, func([]byte) (arena.AnyArray, error)) {
	return arena.FileSize[T](shape...), func(mem []byte) (arena.AnyArray, error) { return arena.Format[T](mem, shape...) }
}

// commit gives a product its name, whole.
func (r *runner) commit(p *product) error {
	var err error
	size := int64(len(p.bytes))
	switch {
	case p.segment != nil:
		size = int64(len(p.segment.Bytes()))
		p.segment.Bytes()[0] = magicByte
	case p.pending:
		size = int64(len(p.array.Memory()))
		err = p.array.Commit()
	case p.array != nil:
		size = int64(len(p.array.Bytes()))
		err = arena.Save(p.full, p.array)
	default:
		err = writeFile(p.full, p.bytes)
	}
	if err != nil {
		return diskError(p.full, err)
	}
	p.done = true
	r.result.Files = append(r.result.Files, p.path)
	r.tell(Event{Kind: Written, Name: p.name, Path: p.path, Bytes: size})
	return nil
}

// close unmaps what was mapped; what has no name yet goes.
func (p *product) close() error {
	switch {
	case p.segment != nil && !p.done:
		return errors.Join(p.segment.Unlink(), p.segment.Close())
	case p.segment != nil:
		return p.segment.Close()
	case p.pending:
		return p.array.Close()
	}
	return nil
}

// writeFile writes a small file under a temporary name and renames it.
func writeFile(path string, content []byte) error {
	temp := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+"."+strconv.Itoa(os.Getpid())+".tmp")
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(temp, path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(temp))
	}
	return nil
}

// diskError names the file once.
func diskError(path string, err error) error {
	remedy := ""
	if errors.Is(err, arena.ErrNoSpace) {
		remedy = "make space, or choose a folder on another disk"
	}
	return &Error{File: path, What: "cannot be written: " + cause(err), Remedy: remedy, Err: err}
}
