// Package spawn starts child processes that are born pinned to a CPU and die with their parent.
//
// A few goroutines, each locked to its thread for as long as the program lives, start all children, several at the same time if
// they are asked to. The thread gives itself the child's CPU mask, starts the child, which inherits the mask before its first instruction and hands it to every thread
// of its runtime, and takes its own mask back. That the thread never ends matters as well: the kernel sends
// the parent-death signal when the thread that started the child ends, not when the process does (golang/go#27505).
package spawn
