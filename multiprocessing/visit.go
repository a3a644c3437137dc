package multiprocessing

import "context"

// visit is what one connection holds. One call at a time comes over it.
type visit struct {
	permits map[*managedPermits]int
	settle  func(taken bool) // not nil while a reply carries something away that nobody has confirmed
}

type visitKey struct{}

func visitOf(ctx context.Context) *visit { return ctx.Value(visitKey{}).(*visit) }

// hold notes one permit more, or less, and reports whether there was one to give back.
func (v *visit) hold(p *managedPermits, delta int) bool {
	if v.permits[p]+delta < 0 {
		return false
	}
	if v.permits == nil {
		v.permits = make(map[*managedPermits]int)
	}
	v.permits[p] += delta
	return true
}

// settled says whether what the last reply carried away has arrived.
func (v *visit) settled(taken bool) {
	if v.settle != nil {
		v.settle(taken)
		v.settle = nil
	}
}

// over gives back what the connection still holds.
func (v *visit) over() {
	v.settled(false)
	for p, n := range v.permits {
		p.Grant(n)
	}
}
