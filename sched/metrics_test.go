//go:build linux

package sched

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var sampleLine = regexp.MustCompile(`^([a-z_]+)\{(([a-z]+="(\\\\|\\"|\\n|[^"\\\n])*",?)*)\} ([-+.0-9e]+)$`)

// samples parses a page strictly: every sample belongs to the head above it.
func samples(t *testing.T, text string) map[string][]float64 {
	t.Helper()
	got := make(map[string][]float64)
	family := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if name, ok := strings.CutPrefix(line, "# TYPE "); ok {
			family, _, _ = strings.Cut(name, " ")
			if _, twice := got[family]; twice {
				t.Errorf("%s comes twice", family)
			}
			got[family] = nil
			continue
		}
		if strings.HasPrefix(line, "# HELP ") {
			continue
		}
		m := sampleLine.FindStringSubmatch(line)
		if m == nil || m[1] != family {
			t.Errorf("under %s: %q", family, line)
			continue
		}
		v, err := strconv.ParseFloat(m[5], 64)
		if err != nil {
			t.Error(err)
		}
		got[family] = append(got[family], v)
	}
	return got
}

func TestMetrics_SayWhatStatsSay(t *testing.T) {
	p := start(t, &Options{Workers: 2})
	if err := filled(t, p, 300, LoopOptions{Block: 1}); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := p.WriteMetrics(&b); err != nil {
		t.Fatal(err)
	}
	got := samples(t, b.String())
	if blocks := got["shmath_worker_blocks_total"]; len(blocks) != 2 || blocks[0]+blocks[1] != 300 {
		t.Errorf("blocks %v", blocks)
	}
	for _, name := range []string{"pool_uptime_seconds", "pool_memory_bytes", "pool_workers"} {
		if v := got["shmath_"+name]; len(v) != 1 || v[0] <= 0 {
			t.Errorf("%s: %v", name, v)
		}
	}
	if up := got["shmath_worker_up"]; fmt.Sprint(up) != "[1 1]" {
		t.Errorf("up: %v", up)
	}
	if !strings.Contains(b.String(), `pool="`+p.seg.Name()+`"`) {
		t.Errorf("the pool's name is missing in\n%s", b.String())
	}
}

func TestMetrics_Escape(t *testing.T) {
	var b strings.Builder
	odd := Stats{Name: "a\"b\\c\nd", Program: "\xff", Loops: []LoopStatus{{Name: `"`, Done: 1, Blocks: 2, Seq: 3}}}
	if err := WriteMetrics(&b, odd); err != nil {
		t.Fatal(err)
	}
	if got := samples(t, b.String()); fmt.Sprint(got["shmath_loop_blocks"]) != "[2]" || fmt.Sprint(got["shmath_loop_blocks_done"]) != "[1]" {
		t.Error(b.String())
	}
}
