package kernels

// SeedSequence turns entropy and a spawn key into words to seed generators with, as NumPy's SeedSequence does: numbers in
// words of 32 bits, the lowest first. Sequences that differ in anything are independent for all that is known
// (M. E. O'Neill, "Developing a seed_seq Alternative", 2015).
type SeedSequence struct {
	Entropy  []uint32
	SpawnKey []uint32
}

// Seed returns the sequence of NumPy's SeedSequence(seed).
func Seed(seed uint64) SeedSequence {
	if seed>>32 == 0 {
		return SeedSequence{Entropy: []uint32{uint32(seed)}}
	}
	return SeedSequence{Entropy: []uint32{uint32(seed), uint32(seed >> 32)}}
}

// Spawn returns child n of the sequence, that of NumPy's spawn.
func (s SeedSequence) Spawn(n uint32) SeedSequence {
	return SeedSequence{s.Entropy, append(append([]uint32(nil), s.SpawnKey...), n)}
}

// The constants of the seed sequence.
const (
	seedPool               = 4
	seedInitA, seedFactorA = 0x43b0d7e5, 0x931e8875
	seedInitB, seedFactorB = 0x8b51f9dd, 0x58f38ded
	seedMixL, seedMixR     = 0xca01f9dd, 0x4973f715
)

// Uint64s sets dst to the words of NumPy's generate_state(len(dst), uint64).
func (s SeedSequence) Uint64s(dst []uint64) {
	pool := s.mixed()
	hash := uint32(seedInitB)
	for i := range 2 * len(dst) {
		v := pool[i%seedPool] ^ hash
		hash *= seedFactorB
		v *= hash
		v ^= v >> 16
		if i%2 == 0 {
			dst[i/2] = uint64(v)
		} else {
			dst[i/2] |= uint64(v) << 32
		}
	}
}

// Key returns the key of NumPy's Philox(seed): that of the streams of this package.
func (s SeedSequence) Key() (key [2]uint64) {
	s.Uint64s(key[:])
	return key
}

// mixed returns the pool, into which every word of the entropy has gone.
func (s SeedSequence) mixed() (pool [seedPool]uint32) {
	words := append([]uint32(nil), s.Entropy...)
	if len(s.SpawnKey) > 0 {
		for len(words) < seedPool {
			words = append(words, 0)
		}
		words = append(words, s.SpawnKey...)
	}
	hash := uint32(seedInitA)
	hashed := func(v uint32) uint32 {
		v ^= hash
		hash *= seedFactorA
		v *= hash
		return v ^ v>>16
	}
	mix := func(x, y uint32) uint32 {
		r := x*seedMixL - y*seedMixR
		return r ^ r>>16
	}
	copy(pool[:], words)
	for i := range pool {
		pool[i] = hashed(pool[i])
	}
	for s := range pool {
		for d := range pool {
			if s != d {
				pool[d] = mix(pool[d], hashed(pool[s]))
			}
		}
	}
	for _, w := range words[min(seedPool, len(words)):] {
		for d := range pool {
			pool[d] = mix(pool[d], hashed(w))
		}
	}
	return pool
}
