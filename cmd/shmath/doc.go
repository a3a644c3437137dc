// Command shmath runs numeric jobs on one machine by many pinned processes that share memory.
//
//	shmath run JOB.yaml [--set NAME=VALUE] [--quiet]     a job file, see package batch
//	shmath run JOB.yaml --trace FILE.json --metrics FILE    who ran which block when; figures for Prometheus
//	shmath eval 'mean(x), std(x)' x=in.npy               one line over files
//	shmath eval 'y = exp(-x*x/2)' x=in.npy -o y.npy
//	shmath top [--once] [--json]                         what the running pools of this user do
//	shmath ls | gc | rm NAME                             the shared segments of this user
//	shmath topo [--sysfs DIR]                            the machine, drawn; where workers would live, and why
//	shmath doctor                                        what holds this machine back, and the remedy
//
// run, eval and topo take --workers N, --cpus 0-3,8, --placement cores|threads|spread|compact|l3|nodes|performance,
// --backend processes|inprocess and --json. doctor ends with 1 if there is a problem, not if there is advice alone.
//
// # Exit codes
//
//	0    done
//	1    the job failed: its file, its data, the machine
//	2    the call is wrong: flags, arguments, an expression that does not parse
//	130  interrupted by Ctrl-C; 143 by SIGTERM, 129 by SIGHUP, 141 when nobody reads standard output
//
// An error is one line on standard error: what, where, and how to mend it.
//
// # Caveats
//
// Workers are this same program, started again: whatever the packages linked into it do at their start, every worker
// does. Beside sched and parallel that is 0.15 ms of 0.67 here, of which the YAML reader takes 0.12 and the
// command-line library, spf13/cobra, 0.01.
package main
