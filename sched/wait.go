package sched

import (
	"math"
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/shmath/shmath/asm"
	"github.com/shmath/shmath/internal/futex"
)

const everybody = math.MaxInt32

func wake(word *atomic.Uint32, n int) { futex.Wake(word, n) }

// spinBursts is how many bursts of PAUSE a waiter spends before it sleeps: about as long as waking a sleeper costs.
const spinBursts = 40

// spinLooks is how often those look within a burst who wait for something short: after each PAUSE, which takes from 10 ns to 60,
// as long as a line takes from one processor to another.
const spinLooks = asm.PauseMax

func programName() string { return filepath.Base(os.Args[0]) }
