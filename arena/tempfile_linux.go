package arena

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// lockFile locks f until every process that shares this opening of it has closed it or died. Of the results, mine says
// that the lock is held now, theirs that another opening holds it; neither, that this file system has no locks.
func lockFile(f *os.File) (mine, theirs bool) {
	for {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if !errors.Is(err, unix.EINTR) {
			return err == nil, errors.Is(err, unix.EWOULDBLOCK)
		}
	}
}
