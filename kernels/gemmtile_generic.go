//go:build !amd64 || noasm || race

package kernels

// assemblyTiles lists none: this processor has no tile but the plain one.
func assemblyTiles(isa) (f64 []*tile[float64], f32 []*tile[float32]) { return nil, nil }
