package ring

import (
	"math"
	"os"
	"strconv"
)

// stress is how many times longer than usual the random tests run.
func stress() int {
	n, err := strconv.Atoi(os.Getenv("SHMATH_STRESS"))
	if err != nil || n < 1 {
		return 1
	}
	return min(n, math.MaxInt32)
}
