//go:build !linux

package spawn

import (
	"os"
	"time"
)

// Start returns [ErrUnsupported].
func Start(spec Spec) (*Child, error) { return nil, ErrUnsupported }

func exitOf(state *os.ProcessState) Exit { return Exit{Code: state.ExitCode()} }

// Schedule is what became of a child's threads.
type Schedule struct {
	Ran, Waited time.Duration
	Runnable    bool
}

// Schedule is zero.
func (c *Child) Schedule() Schedule { return Schedule{} }
