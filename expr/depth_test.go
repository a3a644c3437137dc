package expr

import (
	"strings"
	"testing"
)

// TestPlan_DeepExpressionsStaySmall: the work of planning grows with the line, not with its powers.
func TestPlan_DeepExpressionsStaySmall(t *testing.T) {
	vars := map[string]Var{"x": ArrayVar(Float64, 1000)}
	deep := strings.Repeat("diff(", 45) + "x" + strings.Repeat(")", 45)
	for _, src := range []string{
		deep + "[::2]",
		strings.Repeat("(", 90) + "x" + strings.Repeat("[1:]+1)", 90),
		strings.Repeat("sum(", 40) + "x" + strings.Repeat("+x)*x", 40),
		strings.Repeat("cumsum(", 45) + "x" + strings.Repeat(")", 45),
		strings.Repeat("-", 190) + "x",
		"x" + strings.Repeat("**x", 180),
		"x" + strings.Repeat(" + x*x", 3000),
		strings.Repeat("diff(", 20) + "x" + strings.Repeat("[::-1])", 20),
	} {
		p, err := Compile(src)
		if err != nil {
			t.Errorf("%.40s: %v", src, err)
			continue
		}
		pl, err := p.Plan(vars, nil)
		if err != nil {
			t.Errorf("%.40s: %v", src, err)
			continue
		}
		if n := len(pl.g.nodes); n > 10*len(src) {
			t.Errorf("%.40s: %d nodes for %d characters", src, n, len(src))
		}
	}
}
