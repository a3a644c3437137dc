package sched

import "os"

// volunteer makes this worker dearer to the out-of-memory killer than the program that started it: half of all memory is
// added to its score (proc(5), oom_score_adj). A kernel that refuses leaves things as they are.
func volunteer() { os.WriteFile("/proc/self/oom_score_adj", []byte("500"), 0) }
