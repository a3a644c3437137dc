//go:build !race

package parallel

// slowBuild is 1 where the race detector makes blocks take many times as long.
const slowBuild = 0
