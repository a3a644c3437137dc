// Package lint holds the tests that keep the repository in order: floors, unsafe, documentation, lengths, named
// synchronisation edges. It has no code of its own: go test ./internal/lint is the linter.
package lint
