package sched

import (
	"bytes"
	"os"
	"strconv"
)

// ownMemoryBytes is what this process has in memory for itself alone: resident less shared pages, 0 if the kernel does not say.
func ownMemoryBytes() uint64 {
	statm, err := os.ReadFile("/proc/self/statm")
	fields := bytes.Fields(statm)
	if err != nil || len(fields) < 3 {
		return 0
	}
	resident, err1 := strconv.ParseUint(string(fields[1]), 10, 64)
	shared, err2 := strconv.ParseUint(string(fields[2]), 10, 64)
	if err1 != nil || err2 != nil || shared > resident {
		return 0
	}
	return (resident - shared) * uint64(os.Getpagesize())
}
