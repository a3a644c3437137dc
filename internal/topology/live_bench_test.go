package topology

import "testing"

func BenchmarkLive(b *testing.B) {
	for b.Loop() {
		if _, err := Live(); err != nil {
			b.Fatal(err)
		}
	}
}
