package batch

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"

	"github.com/shmath/shmath/sched"
)

// Main is the main function of a program that runs job files: PROGRAM JOB.yaml [flags]. It begins with sched.Main, so
// that workers are the same program with the same registered functions, and does not return.
func Main() {
	sched.Main()
	os.Exit(command(filepath.Base(os.Args[0]), os.Args[1:], os.Stdout, os.Stderr))
}

func command(program string, args []string, stdout, stderr io.Writer) int {
	var f Flags
	set := pflag.NewFlagSet(program, pflag.ContinueOnError)
	set.SetOutput(io.Discard)
	f.AddJobTo(set)
	err := set.Parse(args)
	switch {
	case err == pflag.ErrHelp:
		fmt.Fprintf(stdout, "%s runs a job file.\n\n  %s JOB.yaml [flags]\n\n%s", program, program, set.FlagUsages())
		return ExitDone
	case err != nil:
		err = usage("%v; %s --help lists the flags", err, program)
	case set.NArg() != 1:
		err = usage("give one job file: %s JOB.yaml", program)
	default:
		ctx, stop := Signals(context.Background())
		defer stop()
		err = f.RunFile(ctx, set.Arg(0), stdout, stderr)
	}
	return Conclude(program, err, f.JSON, stdout, stderr)
}

// Conclude writes the one line of an error to standard error, as JSON to standard output too when asked for, and
// returns the exit code.
func Conclude(program string, err error, asJSON bool, stdout, stderr io.Writer) int {
	code := ExitCode(err)
	if err == nil {
		return code
	}
	line := OneLine(err)
	if asJSON {
		if b, err := json.Marshal(Event{Kind: Failed, Message: line, Code: code}); err == nil {
			fmt.Fprintln(stdout, string(b))
		}
	}
	fmt.Fprintf(stderr, "%s: %s\n", program, line)
	return code
}
