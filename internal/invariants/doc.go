// Package invariants holds assertions that cost nothing unless the build tag "invariants" (or the race detector) is on,
// and named failpoints at which a test can kill the process.
//
// [Point] marks a step of a protocol at which a process may die. In ordinary builds it is an empty function that the
// compiler removes. Under the tag, SHMATH_FAILPOINT=name:n kills the process with SIGKILL at the n-th passage of that
// point, and [Trap] lets a test in the same process take the passage instead.
package invariants
