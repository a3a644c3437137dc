package main

import (
	"github.com/spf13/cobra"

	"github.com/shmath/shmath/batch"
)

func newRun(flags *batch.Flags) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "run JOB.yaml",
		Short:   "run a job file",
		Example: "  shmath run examples/sp500/job.yaml --workers 4 --set seed=7",
		Args:    count(1, 1, "shmath run JOB.yaml"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return flags.RunFile(cmd.Context(), args[0], cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	flags.AddJobTo(cmd.Flags())
	return cmd
}
