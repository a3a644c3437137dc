package batch

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// FormatScalar writes a scalar result as Python does: the shortest digits that give the same number again, integral
// floats with .0, True and False.
func FormatScalar(v any) string {
	switch v := v.(type) {
	case bool:
		if v {
			return "True"
		}
		return "False"
	case int64:
		return strconv.FormatInt(v, 10)
	case float32:
		return formatFloat(float64(v), 32)
	case float64:
		return formatFloat(v, 64)
	}
	return fmt.Sprint(v)
}

func formatFloat(v float64, bits int) string {
	switch {
	case math.IsNaN(v):
		return "nan"
	case math.IsInf(v, 1):
		return "inf"
	case math.IsInf(v, -1):
		return "-inf"
	}
	scientific := strconv.FormatFloat(v, 'e', -1, bits)
	_, exponent, _ := strings.Cut(scientific, "e")
	if x, _ := strconv.Atoi(exponent); x < -4 || x >= 16 {
		return scientific
	}
	s := strconv.FormatFloat(v, 'f', -1, bits)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

// parseScalar reads a number as job files and command lines write it: an int64, a float64 or a bool.
func parseScalar(s string) (any, bool) {
	s = strings.TrimSpace(s)
	switch strings.ToLower(s) {
	case "true":
		return true, true
	case "false":
		return false, true
	case "nan", ".nan":
		return math.NaN(), true
	case "inf", "+inf", ".inf":
		return math.Inf(1), true
	case "-inf", "-.inf":
		return math.Inf(-1), true
	}
	if s == "" || !strings.ContainsAny(s[:1], "+-.0123456789") {
		return nil, false
	}
	if i, err := strconv.ParseInt(strings.ReplaceAll(s, "_", ""), 10, 64); err == nil {
		return i, true
	}
	if i, err := strconv.ParseInt(s, 0, 64); err == nil { // 0xff
		return i, true
	}
	f, err := strconv.ParseFloat(strings.ReplaceAll(s, "_", ""), 64)
	return f, err == nil
}

// validName tells whether expressions can use the name.
func validName(s string) bool {
	for i, c := range s {
		letter := c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}
