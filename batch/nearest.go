package batch

import (
	"sort"
	"strings"
)

// nearest offers what a mistyped name may have meant: "did you mean close?", or the list of all when nothing comes close.
func nearest(name string, known []string) string {
	if len(known) == 0 {
		return ""
	}
	best, found := 1+len(name)/3, ""
	for _, k := range known {
		if d := editDistance(strings.ToLower(name), strings.ToLower(k)); d <= best && d < len(name) {
			if d < best || found == "" {
				best, found = d, k
			}
		}
	}
	if found != "" {
		return "did you mean " + found + "?"
	}
	list := append([]string(nil), known...)
	sort.Strings(list)
	const most = 12
	if len(list) > most {
		list = append(list[:most], "...")
	}
	return "there is " + strings.Join(list, ", ")
}

// editDistance is Levenshtein's.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := diagonal
			if a[i-1] != b[j-1] {
				cost++
			}
			diagonal = row[j]
			row[j] = min(cost, row[j]+1, row[j-1]+1)
		}
	}
	return row[len(b)]
}
