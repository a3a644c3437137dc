package main

import (
	"testing"
	"time"
)

func TestPace_DividesWhatIsLeft(t *testing.T) {
	p := newPace(10*time.Minute, "fft", []string{"kernels"})
	if p.share != 2*time.Minute {
		t.Errorf("two of ten shares of ten minutes are %v", p.share)
	}
	if p := newPace(time.Minute, "kernels", nil); p.share != time.Minute {
		t.Errorf("the last suite has all that is left, not %v", p.share)
	}
}

func TestPace_TakesFewerRoundsWhenLate(t *testing.T) {
	for ago, want := range map[time.Duration]int{0: 15, 30 * time.Minute: 15, 50 * time.Minute: roundsSure, 2 * time.Hour: roundsLeast} {
		p := pace{time.Now().Add(-ago), time.Hour}
		if got := p.rounds(15, roundsLeast); got != want {
			t.Errorf("%v into an hour: %d rounds, want %d", ago, got, want)
		}
	}
	if p := (pace{}); p.rounds(15, roundsLeast) != 15 {
		t.Error("a suite without a share takes all rounds")
	}
}
