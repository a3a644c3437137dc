package ring

import (
	"unsafe"

	"github.com/shmath/shmath/internal/layout"
)

const (
	preambleSize = int(unsafe.Sizeof(preamble{}))
	spscSize     = int(unsafe.Sizeof(spscShared{}))
	laneSize     = int(unsafe.Sizeof(lane{}))
	mpmcSize     = int(unsafe.Sizeof(mpmcShared{}))

	broadcastSize = int(unsafe.Sizeof(broadcastShared{}))
	seatSize      = int(unsafe.Sizeof(seat{}))
)

// The layouts that processes share, held at compile time.
var (
	_ = [1]struct{}{}[unsafe.Sizeof(header{})-layout.Line]
	_ = [1]struct{}{}[unsafe.Sizeof(control{})-layout.Line]
	_ = [1]struct{}{}[unsafe.Sizeof(bell{})-layout.Line]
	_ = [1]struct{}{}[unsafe.Sizeof(index{})-layout.Line]
	_ = [1]struct{}{}[unsafe.Sizeof(hands{})-layout.Line]
	_ = [1]struct{}{}[unsafe.Offsetof(spscShared{}.tail)-4*layout.Line]
	_ = [1]struct{}{}[unsafe.Offsetof(spscShared{}.head)-5*layout.Line]
	_ = [1]struct{}{}[unsafe.Sizeof(spscShared{})-6*layout.Line]
	_ = [1]struct{}{}[unsafe.Sizeof(lane{})-3*layout.Line]
	_ = [1]struct{}{}[unsafe.Sizeof(seat{})-layout.Line]
	_ = [1]struct{}{}[unsafe.Sizeof(broadcastShared{})-5*layout.Line]
	_ = [1]struct{}{}[unsafe.Sizeof(roster{})%layout.Line]
	_ = [1]struct{}{}[unsafe.Sizeof(mpmcShared{})-6*layout.Line-unsafe.Sizeof(roster{})]
)
