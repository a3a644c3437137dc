package batch

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
)

func TestCommand_ExitCodes(t *testing.T) {
	dir := folder(t)
	if _, err := load(t, dir, "set: {k: 2}\nsteps: ['a = k * 3']\nprint: a"); err != nil {
		t.Fatal(err)
	}
	job := filepath.Join(dir, "job.yaml")
	for _, c := range []struct {
		args           string
		code           int
		stdout, stderr string
	}{
		{job + " --quiet --set k=5", 0, "a = 15\n", ""},
		{job + " --json --backend inprocess", 0, `"event":"scalar","name":"a","value":6}`, ""},
		{"--help", 0, "own runs a job file", ""},
		{"", 2, "", "own: give one job file: own JOB.yaml\n"},
		{job + " " + job, 2, "", "own: give one job file"},
		{job + " --qiet", 2, "", "own: unknown flag: --qiet; own --help lists the flags\n"},
		{job + " --set k", 2, "", "own: --set k: write --set NAME=VALUE\n"},
		{job + " --set n=1", 2, "", "has no number n under set"},
		{job + " --json --quiet", 2, "", "own: --json and --quiet contradict each other"},
		{dir + "/none.yaml", 1, "", "none.yaml: there is no such job file"},
		{dir + "/none.yaml --json", 1, `{"shmath":1,"event":"error","message":"`, "none.yaml"},
	} {
		var stdout, stderr bytes.Buffer
		code := command("own", strings.Fields(c.args), &stdout, &stderr)
		if code != c.code || !strings.Contains(stdout.String(), c.stdout) || !strings.Contains(stderr.String(), c.stderr) {
			t.Errorf("%s: exit %d, %q, %q; want %d, %q, %q", c.args, code, stdout.String(), stderr.String(), c.code, c.stdout, c.stderr)
		}
		if lines := strings.Count(stderr.String(), "\n"); (lines != 1) != (code == 0) {
			t.Errorf("%s: %d lines on standard error", c.args, lines)
		}
	}
}

func TestSignals_GiveBack(t *testing.T) {
	ctx, stop := Signals(t.Context())
	if ctx.Err() != nil {
		t.Error("canceled from the start")
	}
	stop()
	if ctx.Err() == nil {
		t.Error("the context outlives stop")
	}
}
