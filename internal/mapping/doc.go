// Package mapping maps whole files into memory, and remembers which file each mapped byte belongs to.
//
// It is the only package that imports mmap-go. Segments (package shm) and .npy files on disk (package arena) are both
// mapped here, and [Find] answers, for any array that is about to cross a process border, which open file the other
// process has to map to see the same bytes.
package mapping
