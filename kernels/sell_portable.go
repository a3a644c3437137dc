//go:build !amd64 || noasm || race

package kernels

func vectorSELL[T Float](*SELL[T], []float64, []T, int, int) bool { return false }
