package main

import (
	"errors"
	"os/exec"
	"path/filepath"

	"github.com/shmath/shmath/kernels"
)

// native is a numeric library in C: its files, the best first, each with what stands before its names.
type native struct {
	name, kind string
	files      [][2]string
	avx512     string // what tells it to use AVX-512 on processors that are newer than it
}

var natives = []native{
	{"openblas", "blas", [][2]string{{"python/lib/python3*/site-packages/scipy_openblas32/lib/libscipy_openblas.so", "scipy_"}, {"libopenblas.so.0", ""}}, "OPENBLAS_CORETYPE=SkylakeX"},
	{"blis", "blas", [][2]string{{"libblis.so.4", ""}}, "BLIS_ARCH_TYPE=skx"},
	{"fftw", "fftw", [][2]string{{"libfftw3.so.3", "fftw_"}}, ""},
	{"sleef", "sleef", [][2]string{{"libsleef.so.3", "Sleef_"}}, ""},
}

// startNatives starts the libraries of a kind, each on one thread. What make peers has put into its folder comes before
// what the system has.
func startNatives(c *config, kind string) (running peers) {
	command, err := compiled("native.c", "-ldl")
	for _, n := range natives {
		if n.kind != kind {
			continue
		}
		if err != nil {
			c.absent(n.name, err.Error())
			continue
		}
		p, failed := n.start(command)
		if failed != nil {
			c.absent(n.name, failed.Error())
			continue
		}
		p.name = n.name
		running = append(running, p)
	}
	return running
}

func (n *native) start(command func(args ...string) *exec.Cmd) (*program, error) {
	var all []error
	for _, f := range n.files {
		file := f[0]
		if found, err := filepath.Glob(filepath.Join(peersFolder(), file)); err == nil && len(found) > 0 {
			file = found[0]
		}
		cmd := command(n.kind, file, f[1])
		cmd.Env = append(cmd.Environ(), "OPENBLAS_NUM_THREADS=1", "BLIS_NUM_THREADS=1", "OMP_NUM_THREADS=1")
		if n.avx512 != "" && kernels.InstructionSet() == "avx512" {
			cmd.Env = append(cmd.Env, n.avx512)
		}
		p, err := start(cmd)
		if err == nil {
			return p, nil
		}
		all = append(all, err)
	}
	return nil, errors.Join(all...)
}
