//go:build !amd64 || noasm || race

package kernels

// Without assembly, plain Go does everything.
func sortF64(isa) (s sorter[float64]) { return s }
func sortF32(isa) (s sorter[float32]) { return s }
func sortI64(isa) (s sorter[int64])   { return s }
func sortI32(isa) (s sorter[int32])   { return s }
func sortPairs(isa) (s sorter[int64]) { return s }
