package sched

import (
	"context"
	"os/exec"
)

// Command is exec.CommandContext for bodies, whose worker may be killed at any time: when this process ends, in whatever way,
// the program gets SIGKILL, and with it everything that it has started. (Of an ordinary child nothing would be told, and of
// one with Pdeathsig its own children would be left.) They end as well when the program itself does, and when ctx does.
//
// Between this process and the program stands a guard: this program again, which watches both. It costs a millisecond and
// three MiB; cmd.Process is the guard, to which SIGTERM means to end all, and which ends as the program did (with code 128 + n for most signals). A program that
// cannot be executed makes the guard exit with code 127 and say why. A guard that is itself killed by SIGKILL takes only
// the program with it, and not what that had started; so does a program that takes the right to be killed from its
// user, as sudo does. On systems other than Linux, and in programs that do not call [Main], there is no guard: the first have
// none to start, the others get [ErrNoMain] from Start.
func Command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	guardCommand(cmd)
	return cmd
}
