//go:build !linux

package spawn

import (
	"os"
	"time"
)

// Start returns [ErrUnsupported].
func Start(spec Spec) (*Child, error) { return nil, ErrUnsupported }

func exitOf(state *os.ProcessState) Exit { return Exit{Code: state.ExitCode()} }

// Starved is not known here.
func (c *Child) Starved() time.Duration { return 0 }
