// Package topology reads what Linux says of a machine's processors: packages, dies, NUMA nodes, caches, cores, hardware
// threads, kinds of cores, and on which of them this process may run and for how long.
//
//	Live      this machine, as this process sees it
//	Load      any tree with sys and proc in it: a dump of another machine, or files made up by a test
//	Set       a set of CPUs, in the kernel's formats: lists (0-3,8) and masks (00000000,0000010f)
//
// # What counts as an object
//
// Firmware tells contradictory stories, and the kernel passes them on. The rule here is the one of hwloc, whose counts
// the tests compare with: a core, a package or a cache is there if the first of its online CPUs names it. Threads that
// share a core have one core_id; where sibling masks join CPUs of different core_id (AMD Bulldozer), each is a core. A
// NUMA node whose CPUs overlap those of an earlier node is ignored. A machine that does not speak of nodes is one node.
//
// # Quota
//
// A process is bound by the smallest CPU quota of its own control group and of every ancestor that can be seen, in
// version 2 (cpu.max) and version 1 (cpu.cfs_quota_us over cpu.cfs_period_us) alike. Quotas are rounded down, to 1 at
// least: a pinned worker past its quota does not slow down, it stands still until the next period.
//
// Files: Documentation/admin-guide/cputopology.rst, Documentation/ABI/stable/sysfs-devices-node,
// Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/cpusets.rst of the Linux kernel.
package topology
