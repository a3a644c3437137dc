package batch

import (
	"encoding/xml"
	"math"
	"os"
	"strings"
	"testing"
)

// bell is a histogram with a long tail.
func bell() *histogram {
	h := &histogram{title: "sp500 <var> & more", label: "loss", lo: -0.24, hi: 0.31, marks: []mark{{"var99", 0.0886}, {"es99", 0.1122}, {"far", 0.305}, {"", 0.0}, {"outside", 7}}}
	for i := range 120 {
		x := float64(i)/120*0.55 - 0.24
		h.counts = append(h.counts, int64(400000*math.Exp(-x*x/2/0.0014)))
	}
	return h
}

func TestHistogram_IsWellFormedAndComplete(t *testing.T) {
	out := bell().svg()
	if file := os.Getenv("SHMATH_KEEP_FIGURE"); file != "" {
		if err := os.WriteFile(file, out, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	var root struct {
		Text []string `xml:"text"`
		Path []struct {
			D string `xml:"d,attr"`
		} `xml:"path"`
	}
	if err := xml.Unmarshal(out, &root); err != nil {
		t.Fatal(err)
	}
	all := strings.Join(root.Text, "|")
	for _, want := range []string{"sp500 <var> & more", "|loss|", "var99 = 0.0886", "es99 = 0.1122", "|0.1|", "|-0.2|", "|100 k|", "in 120 bins"} {
		if !strings.Contains(all, want) {
			t.Errorf("no text %q in %s", want, all)
		}
	}
	if strings.Contains(all, "outside") {
		t.Error("a mark beyond the axis is drawn")
	}
	if len(root.Path) != 1 || strings.Count(root.Path[0].D, "H") != 120 {
		t.Errorf("the outline has not one step for each bin: %v", root.Path)
	}
}

func TestTicks_Round(t *testing.T) {
	for _, c := range []struct {
		lo, hi float64
		want   string
	}{
		{0, 1, "0.0 0.2 0.4 0.6 0.8 1.0"},
		{-0.3, 0.31, "-0.2 0.0 0.2"},
		{3, 3, ""},
		{0, 5e7, "0 1e+07 2e+07 3e+07 4e+07 5e+07"},
		{1000, 1900, "1000 1200 1400 1600 1800"},
	} {
		at, digits := ticks(c.lo, c.hi, 5)
		var labels []string
		for _, v := range at {
			labels = append(labels, tickLabel(v, digits))
		}
		if got := strings.Join(labels, " "); got != c.want {
			t.Errorf("ticks(%v, %v): %q, want %q", c.lo, c.hi, got, c.want)
		}
	}
}
