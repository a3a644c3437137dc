//go:build !invariants && !race

package invariants

// Enabled tells whether assertions are compiled in.
const Enabled = false

// Check panics with what when ok is false, in builds with assertions.
func Check(ok bool, what string) {}
