package expr

// The cost of a stage is an estimate, by which a caller decides whether other processors are worth waking. The figures are
// nanoseconds for an element, of the AVX-512 kernels on a core of 4 GHz, rounded; those of the commonest operations are in
// cmd/bench kernels.
const (
	costMove    = 0.02 // per byte, beyond the caches
	costSimple  = 0.07
	costRoot    = 0.25 // division, square root
	costCurve   = 0.35 // exp and its like
	costInteger = 0.5  // no vector instructions
	costRandom  = 1
	costSerial  = 1.5 // element by element in Go
)

// cost of an instruction for one element.
func (in *instr) cost() float64 {
	switch o := in.op; {
	case o == opBootstrap:
		return costSerial * float64(1+in.imm[2]>>16)
	case o == opUniform:
		return costRandom
	case o == opNormal:
		return 4 * costRandom
	case o == opHorner:
		return costSimple * float64(1+len(in.coefs)/3)
	case o == opMod || o == opFloorDiv || o == opPow || o == opAtan2 || o == opHypot || o.isScan() || o == opArange || o == opLinspace:
		return costSerial
	case o == opDiv || o == opSqrt || o == opReciprocal:
		return costRoot
	case o >= opExp && o <= opSigmoid:
		return costCurve
	case o == opLoad && in.imm[2] != 1 || o == opRepeat && in.imm[1] > 1:
		return costSerial
	case in.in == Int64:
		return costInteger
	}
	return costSimple
}

// cost of a reducer for one element.
func (r *reducer) cost() float64 {
	switch r.kind {
	case kindSelect, kindHistogram, kindProd:
		return costSerial
	}
	if r.dt == Int64 {
		return costInteger
	}
	return costSimple
}

// Cost estimates the nanoseconds that one core with AVX-512 takes for one pass over the stage.
func (pl *Plan) Cost(st *Stage) float64 {
	each := costMove * float64(st.BytesPerElem)
	last := &st.passes[len(st.passes)-1]
	for i := range last.code {
		each += last.code[i].cost()
	}
	for _, r := range st.reducers {
		each += pl.reducers[r].cost()
	}
	each += costInteger * float64(len(last.packs)+len(last.writers))
	return each * float64(st.N)
}
