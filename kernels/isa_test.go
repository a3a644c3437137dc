package kernels

import "testing"

// eachISA runs a test on every instruction set that this machine has.
func eachISA(t *testing.T, test func(t *testing.T)) {
	best := active
	defer func() { active = best }()
	for s := portable; s <= bestISA(); s++ {
		active = s
		t.Run("isa="+isaNames[s], test)
	}
}

// TestChooseISA_LimitLowersOnly checks the names that SHMATH_ISA may have.
func TestChooseISA_LimitLowersOnly(t *testing.T) {
	for _, c := range []struct {
		best  isa
		limit string
		want  isa
	}{
		{avx512, "", avx512}, {avx512, "avx2", avx2}, {avx512, "portable", portable}, {avx512, "avx512", avx512},
		{avx2, "avx512", avx2}, {avx2, "no such set", avx2}, {portable, "avx2", portable},
	} {
		if got := chooseISA(c.best, c.limit); got != c.want {
			t.Errorf("best %s, limit %q: %s, want %s", isaNames[c.best], c.limit, isaNames[got], isaNames[c.want])
		}
	}
}
