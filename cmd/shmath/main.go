package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/shmath/shmath/batch"
	"github.com/shmath/shmath/sched"
)

func main() {
	sched.Main()
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run runs one command and returns its exit code.
func run(args []string, stdout, stderr io.Writer) int {
	ctx, stop := batch.Signals(context.Background())
	defer stop()
	root, flags := newRoot()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	return batch.Conclude("shmath", err, flags.JSON, stdout, stderr)
}

// newRoot builds the tree of commands. All of them share one set of flags, of which only one command is ever read.
func newRoot() (*cobra.Command, *batch.Flags) {
	flags := new(batch.Flags)
	root := &cobra.Command{
		Use:           "shmath",
		Short:         "numeric batch work by many processes that share memory",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return callError("give a command: %s", names(cmd))
			}
			hint := "there is " + names(cmd)
			if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
				hint = "did you mean " + near[0] + "?"
			}
			return callError("unknown command %s; %s", args[0], hint)
		},
	}
	root.SuggestionsMinimumDistance = 2
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return callError("%v; %s --help lists the flags", err, cmd.CommandPath())
	})
	root.AddCommand(newRun(flags), newEval(flags), newList(flags), newTop(flags), newCollect(), newRemove(),
		newTopo(flags), newDoctor(flags))
	return root, flags
}

// names lists the commands.
func names(root *cobra.Command) string {
	s := ""
	for _, c := range root.Commands() {
		if !c.IsAvailableCommand() || c.Name() == "help" || c.Hidden {
			continue
		}
		if s != "" {
			s += ", "
		}
		s += c.Name()
	}
	return s
}

func callError(format string, args ...any) error {
	return &batch.UsageError{What: fmt.Sprintf(format, args...)}
}

// count checks the number of arguments.
func count(least, most int, form string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < least:
			return callError("too few arguments; write %s", form)
		case most >= 0 && len(args) > most:
			return callError("unexpected argument %s; write %s", args[most], form)
		}
		return nil
	}
}
