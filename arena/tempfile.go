package arena

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
)

const (
	tempSuffix = ".tmp"
	sweepMax   = 4096 // entries of the directory that are looked at: a directory of millions must not cost seconds
)

var tempCount atomic.Uint64

// tempFile creates a file beside path, with a name that no other process uses, and removes those that killed processes
// have left for the same path. While a process lives it holds a lock on its file; a file that can be locked is garbage.
func tempFile(path string) (*os.File, error) {
	dir, prefix := filepath.Dir(path), "."+filepath.Base(path)+"."
	sweep(dir, prefix)
	for {
		name := prefix + strconv.Itoa(os.Getpid()) + "-" + strconv.FormatUint(tempCount.Add(1), 10) + tempSuffix
		f, err := os.OpenFile(filepath.Join(dir, name), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
		if errors.Is(err, os.ErrExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if _, theirs := lockFile(f); !theirs && stillThere(f) {
			return f, nil
		}
		// Another process has swept the file away before it was locked.
		if err := f.Close(); err != nil {
			return nil, err
		}
	}
}

// sweep removes the temporary files that nobody holds. What cannot be removed is left to the next one.
func sweep(dir, prefix string) {
	d, err := os.Open(dir)
	if err != nil {
		return
	}
	defer d.Close()
	list, _ := d.ReadDir(sweepMax)
	for _, e := range list {
		rest, ours := strings.CutPrefix(e.Name(), prefix)
		rest, temp := strings.CutSuffix(rest, tempSuffix)
		if !ours || !temp || !e.Type().IsRegular() || strings.Trim(rest, "0123456789-") != "" {
			continue
		}
		name := filepath.Join(dir, e.Name())
		f, err := os.OpenFile(name, os.O_RDWR, 0)
		if err != nil {
			continue
		}
		if mine, _ := lockFile(f); mine && stillThere(f) {
			_ = os.Remove(name)
		}
		_ = f.Close()
	}
}

// stillThere tells whether the open file f is the one that its name leads to.
func stillThere(f *os.File) bool {
	open, err := f.Stat()
	if err != nil {
		return false
	}
	named, err := os.Lstat(f.Name())
	return err == nil && os.SameFile(open, named)
}
