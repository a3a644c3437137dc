//go:build invariants || race

package invariants

// Enabled tells whether assertions are compiled in.
const Enabled = true

// Check panics with what when ok is false, in builds with assertions.
func Check(ok bool, what string) {
	if !ok {
		panic("invariant broken: " + what)
	}
}
