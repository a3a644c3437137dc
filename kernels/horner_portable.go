//go:build !amd64 || noasm || race

package kernels

func vectorHorner[T Float](dst, x, c []T) int { return 0 }
