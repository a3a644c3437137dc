package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/shmath/shmath/cmd/bench/report"
	"github.com/shmath/shmath/cmd/bench/result"
)

// files are what a run is written to; empty for none.
type files struct{ json, html, markdown string }

func (f *files) flags(set *pflag.FlagSet) {
	set.StringVar(&f.json, "json", "", "write all figures into this `FILE`")
	set.StringVar(&f.html, "html", "", "write a page with plots into this `FILE`; it needs no other")
	set.StringVar(&f.markdown, "markdown", "", "write a page of Markdown into this `FILE`, and its pictures into a folder of its name")
}

// try says now what could not be written after the run.
func (f *files) try() error {
	var all []error
	for _, path := range []string{f.json, f.html, f.markdown} {
		if path != "" {
			all = append(all, tryFile(path))
		}
	}
	return errors.Join(all...)
}

// tryFile opens a file to write, which stays as it is.
func tryFile(path string) error {
	_, err := os.Stat(path)
	made := errors.Is(err, os.ErrNotExist)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o666)
	if err != nil {
		return err
	}
	err = f.Close()
	if made {
		err = errors.Join(err, os.Remove(path))
	}
	return err
}

func (f *files) write(d *result.Document) error {
	var all []error
	if f.json != "" {
		all = append(all, writeFile(f.json, d.Write))
	}
	if f.html != "" {
		all = append(all, writeFile(f.html, func(w io.Writer) error { return report.HTML(w, d) }))
	}
	if f.markdown != "" {
		all = append(all, writeMarkdown(f.markdown, d))
	}
	return errors.Join(all...)
}

// writeMarkdown puts pictures into the folder of the page's name without its suffix, in place of those that were there.
func writeMarkdown(path string, d *result.Document) error {
	folder := path[:len(path)-len(filepath.Ext(path))]
	old, err := filepath.Glob(filepath.Join(folder, "*.svg"))
	if err != nil {
		return err
	}
	for _, o := range old {
		if err := os.Remove(o); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for _, g := range report.Figures(d) {
		err := writeFile(filepath.Join(folder, g.Name+".svg"), func(w io.Writer) error { _, err := io.WriteString(w, g.SVG()); return err })
		if err != nil {
			return err
		}
	}
	return writeFile(path, func(w io.Writer) error { return report.Markdown(w, d, filepath.Base(folder)) })
}

// writeFile gives a file to write, and its errors back.
func writeFile(path string, write func(io.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}

func newReport() *cobra.Command {
	var f files
	c := &cobra.Command{
		Use:   "report FILE.json",
		Short: "draw a run that --json wrote, as --html and --markdown do",
		Args:  exactly(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if f == (files{}) {
				return errUsage{errors.New("report: say where to: --html FILE, --markdown FILE")}
			}
			d, err := result.ReadFile(args[0])
			if err != nil {
				return err
			}
			return f.write(d)
		},
	}
	f.flags(c.Flags())
	return c
}

// exactly checks the number of arguments.
func exactly(n int) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if err := cobra.ExactArgs(n)(c, args); err != nil {
			return errUsage{err}
		}
		return nil
	}
}
