package report

import (
	"fmt"
	"strings"

	"github.com/shmath/shmath/cmd/bench/result"
)

// Columns are what tables of figures show.
var Columns = []string{"contender", "median", "±", "rate", "p99", "p99.9", "of limit", "of ours", "rounds"}

// Row is a contender in the order of Columns, as text.
func Row(c *result.Contest, k *result.Contender) []string {
	p99, p999, ofLimit, ofOurs := "", "", "", ""
	if l := k.Latency; l != nil {
		p99, p999 = duration(float64(l.P99)), duration(float64(l.P999))
	}
	if k.OfLimit > 0 {
		ofLimit = times(k.OfLimit)
	}
	if ours := c.Best((*result.Contender).Ours); ours != nil && ours.Median > 0 && !k.Limit {
		ofOurs = times(k.Median / ours.Median)
	}
	return []string{who(k), Value(k.Median, c.Unit), precision(k), rate(k), p99, p999, ofLimit, ofOurs, rounds(k)}
}

func who(k *result.Contender) string {
	switch {
	case k.Limit:
		return label(k.Name) + " (limit)"
	case k.Peer != "" && !strings.Contains(strings.ToLower(label(k.Name)), strings.ToLower(peerName(k.Peer))):
		return label(k.Name) + " (" + k.Peer + ")"
	}
	return label(k.Name)
}

func rate(k *result.Contender) string {
	switch {
	case k.Flops > 0 && k.Bytes == 0:
		return digits(k.GFlops()) + " GFLOP/s"
	case k.Bytes > 0:
		return digits(k.MBps()/1e3) + " GB/s"
	}
	return ""
}

func precision(k *result.Contender) string {
	s := digits(100*k.Precision()) + " %"
	if k.Level < 0.95 {
		s += fmt.Sprintf(" at %.0f %%", 100*k.Level)
	}
	return s
}

func rounds(k *result.Contender) string {
	s := fmt.Sprint(len(k.Rounds))
	if n := len(k.Outliers); n > 0 {
		s += fmt.Sprintf(", %d out", n)
	}
	return s
}
