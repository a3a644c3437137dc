package main

import (
	"github.com/spf13/cobra"

	"github.com/shmath/shmath/batch"
)

func newEval(flags *batch.Flags) *cobra.Command {
	var e batch.Evaluation
	cmd := &cobra.Command{
		Use:   "eval LINE [NAME=FILE.npy | NAME=FILE.csv:COLUMN | NAME=NUMBER]...",
		Short: "evaluate one line over files",
		Long: "Evaluate one line over files. Numbers are printed, one a line; an array goes to -o FILE.npy, computed in place,\n" +
			"or to -o shm:NAME, a segment that NumPy opens with np.load(\"/dev/shm/NAME\", mmap_mode=\"r+\").",
		Example: "  shmath eval 'mean(x), std(x)' x=in.npy\n  shmath eval 'y = exp(-x*x/2)/sqrt(2*pi)' x=in.npy -o y.npy",
		Args:    count(1, -1, "shmath eval LINE NAME=FILE.npy ..."),
		RunE: func(cmd *cobra.Command, args []string) error {
			e.Line, e.Vars = args[0], args[1:]
			return flags.EvalLine(cmd.Context(), e, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	flags.AddTo(cmd.Flags())
	cmd.Flags().StringVarP(&e.Out, "output", "o", "", "FILE.npy or shm:NAME for the array result")
	cmd.Flags().Uint64Var(&e.Seed, "seed", 0, "of the random numbers")
	return cmd
}
