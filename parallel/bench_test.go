//go:build linux

package parallel

import (
	"context"
	"fmt"
	"testing"

	"github.com/shmath/shmath/arena"
	"github.com/shmath/shmath/expr"
	"github.com/shmath/shmath/sched"
)

// BenchmarkCutOver sets a pass by the caller beside the same by two workers: where the two lines cross is inlineCost.
func BenchmarkCutOver(b *testing.B) {
	pool := start(b, &sched.Options{Workers: 2})
	for _, line := range []string{"x + 1", "sum(x)", "exp(x)"} {
		prog, err := expr.Compile(line)
		if err != nil {
			b.Fatal(err)
		}
		for n := 1 << 10; n <= 1<<20; n *= 4 {
			x, err := arena.New[float64](pool.Arena(), n)
			if err != nil {
				b.Fatal(err)
			}
			for _, who := range []struct {
				name string
				cost float64
			}{{"caller", 1e12}, {"workers", 0}} {
				b.Run(fmt.Sprintf("line=%s/n=%d/by=%s", line, n, who.name), func(b *testing.B) {
					b.SetBytes(int64(8 * n))
					for b.Loop() {
						if err := runOnce(pool, prog, x, who.cost); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
			x.Free()
		}
	}
}

// runOnce runs a line of one stage over x and drops what it makes.
func runOnce(pool *sched.Pool, prog *expr.Program, x arena.AnyArray, inlineCost float64) error {
	r := &run{ctx: context.Background(), pool: pool, prog: prog, inlineCost: inlineCost}
	values, err := r.do(map[string]any{"x": x})
	if err == nil && values[0].Array != nil {
		err = values[0].Array.Free()
	}
	return err
}
