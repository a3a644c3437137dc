// Package proctest starts the test binary again as another process, in a role, so that tests can run protocols between
// real processes and kill them.
//
//	func TestMain(m *testing.M) { proctest.Main(m, proctest.Roles{"holder": holder}) }
//	...
//	p := proctest.Start(t, "holder", name)   // runs holder([]string{name}) in a new process
//	p.Expect("ready")                        // waits for a line on its standard output
//	p.Kill()                                 // SIGKILL, and waits until it is reaped
//
// Whatever a test started is dead and reaped when the test ends.
package proctest
