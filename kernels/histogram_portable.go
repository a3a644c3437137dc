//go:build !amd64 || noasm || race

package kernels

func vectorHistogram[T Float]([]int64, []T, *edges) int { return 0 }
