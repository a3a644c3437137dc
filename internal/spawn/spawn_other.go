//go:build !linux

package spawn

import "os"

// Start returns [ErrUnsupported].
func Start(spec Spec) (*Child, error) { return nil, ErrUnsupported }

func exitOf(state *os.ProcessState) Exit { return Exit{Code: state.ExitCode()} }
