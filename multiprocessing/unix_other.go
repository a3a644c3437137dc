//go:build !linux

package multiprocessing

import (
	"os"

	"github.com/shmath/shmath/shm"
)

func listenUnix(string) (*os.File, error) { return nil, shm.ErrUnsupported }

func acceptUnix(*os.File) (*os.File, error) { return nil, shm.ErrUnsupported }

func dialUnix(string) (*os.File, error) { return nil, shm.ErrUnsupported }
