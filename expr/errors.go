package expr

import (
	"fmt"
	"strconv"
	"strings"
)

// Error is a fault in a source line, found by Compile, by Program.Plan or, when only the data can tell (the mean of a
// selection that turns out empty), while the plan runs.
type Error struct {
	Source string // the whole line
	Col    int    // 1-based, counted in characters
	Msg    string // what is wrong and how to mend it
}

// excerptMax is the number of characters of a long line that an error shows.
const excerptMax = 100

// Error returns one line: the column, the source, the fault and its remedy. Of a long source it shows what is around the
// column.
func (e *Error) Error() string {
	src, before, after := []rune(e.Source), "", ""
	if len(src) > excerptMax {
		lo := min(max(e.Col-1-excerptMax/2, 0), len(src)-excerptMax)
		if lo > 0 {
			before = "..."
		}
		if lo+excerptMax < len(src) {
			after = "..."
		}
		src = src[lo : lo+excerptMax]
	}
	return fmt.Sprintf("column %d of %s: %s", e.Col, strconv.Quote(before+string(src)+after), e.Msg)
}

// nearest lists the candidates that a mistyped name may have meant, as a ready clause ("; did you mean exp or exp2?"),
// or "" when nothing comes close.
func nearest(name string, candidates []string) string {
	limit := min(1+len(name)/4, len(name)-1) // one letter for another says nothing
	best := limit + 1
	var found []string
	for _, c := range candidates {
		d := editDistance(strings.ToLower(name), strings.ToLower(c), limit)
		switch {
		case d < best:
			best, found = d, append(found[:0], c)
		case d == best && d <= limit && len(found) < 3:
			found = append(found, c)
		}
	}
	if len(found) == 0 {
		return ""
	}
	return "; did you mean " + alternatives(found) + "?"
}

// alternatives joins names as prose: "a", "a or b", "a, b or c".
func alternatives(names []string) string {
	if len(names) == 1 {
		return names[0]
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// editDistance is the optimal string alignment distance (a swap of neighbours counts once); anything above limit is
// reported as limit+1.
func editDistance(a, b string, limit int) int {
	if d := len(a) - len(b); d > limit || -d > limit {
		return limit + 1
	}
	prev2 := make([]int, len(b)+1)
	prev := make([]int, len(b)+1)
	cur := make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				cur[j] = min(cur[j], prev2[j-2]+1)
			}
		}
		prev2, prev, cur = prev, cur, prev2
	}
	return min(prev[len(b)], limit+1)
}
