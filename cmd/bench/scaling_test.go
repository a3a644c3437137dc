package main

import "testing"

// Counts grow tenfold, and end at the most.
func TestNextCount_EndsAtTheMost(t *testing.T) {
	for most, want := range map[int][]int{100_000: {1, 10, 100, 1000, 10_000, 100_000}, 19_790: {1, 10, 100, 1000, 10_000, 19_790}, 1: {1}, 0: nil} {
		var got []int
		for count := 1; count <= most; count = nextCount(count, most) {
			got = append(got, count)
		}
		if len(got) != len(want) {
			t.Fatalf("to %d: %v, want %v", most, got, want)
		}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("to %d: %v, want %v", most, got, want)
			}
		}
	}
}
