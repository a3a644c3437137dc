package main

import "github.com/shmath/shmath/asm/_gen/vector"

var powCoef = [9]float64{
	0x1.5555555555555p-02, -0x1.fffffffffffa6p-03, 0x1.999999999a15ap-03, -0x1.555555568564p-03,
	0x1.2492491962f65p-03, -0x1.ffffdd3bfb113p-04, 0x1.c71d0bb0846e4p-04, -0x1.9a563e1719036p-04,
	0x1.735bdb5a0cac2p-04,
}

// powInverse holds the reciprocals 1/c near the middles of sixteen parts of [0.703125, 1.40625), powHi and powLo the
// logarithms of c in two words, the first a multiple of 2^-42. In the part that holds 1, c is 1.
var (
	powInverse = [16]float64{
		0x1.642c8590b2164p+00, 0x1.5555555555555p+00, 0x1.47ae147ae147bp+00, 0x1.3b13b13b13b14p+00,
		0x1.2f684bda12f68p+00, 0x1.2492492492492p+00, 0x1.1a7b9611a7b96p+00, 0x1.1111111111111p+00,
		0x1.0842108421084p+00, 0x1p+00, 0x1.e1e1e1e1e1e1ep-01, 0x1.c71c71c71c71cp-01,
		0x1.af286bca1af28p-01, 0x1.999999999999ap-01, 0x1.8618618618618p-01, 0x1.745d1745d1746p-01,
	}
	powHi = [16]float64{
		-0x1.522ae0738ap-02, -0x1.269621134ep-02, -0x1.f991c6cb3cp-03, -0x1.a93ed3c8aep-03,
		-0x1.5bf406b544p-03, -0x1.1178e8227ep-03, -0x1.9335e5d594p-04, -0x1.08598b59e4p-04,
		-0x1.0415d89e78p-05, 0, 0x1.f0a30c0118p-05, 0x1.e27076e2bp-04,
		0x1.5ff3070a7ap-03, 0x1.c8ff7c79aap-03, 0x1.1675cababap-02, 0x1.4618bc21c6p-02,
	}
	powLo = [16]float64{
		-0x1.eba708164c759p-45, 0x1.1ba1f10522625p-44, 0x1.90b84cd7cc834p-44, 0x1.86a4350562169p-45,
		0x1.28023eb68981cp-46, -0x1.1e778ce2d07f2p-45, -0x1.30f5c3abd47dap-45, 0x1.7e9dd7009902cp-46,
		0x1.ddfc7f461c516p-44, 0, -0x1.d579e83368e91p-45, -0x1.a2c2c2af0003cp-45,
		-0x1.8546f183bebf2p-44, -0x1.7814f689f8434p-45, 0x1.83c0e731f55c4p-44, -0x1.3e02f484c84ccp-46,
	}
)

const powBits = 0x3fe6800000000000

// logTwo is the logarithm in two words.
func logTwo(f *f, x v) (h, l v) {
	t := f.SubInt(x, f.Bits(powBits))
	k := f.FromInt(f.ShiftRight(f.AddInt(t, f.Bits(1024<<52)), 52), 1024)
	m := f.SubInt(x, f.And(t, f.Bits(0xfff<<52)))
	i := f.ShiftRight(t, 48)
	inverse := f.Lookup("powInverse", powInverse, i)
	p := f.Mul(m, inverse)
	lost := f.FMSub(m, inverse, p)
	one := f.Const(1)
	r := f.Sub(p, one)
	u := f.FMA(k, f.Const(log2Hi), f.Lookup("powHi", powHi, i))
	v := f.Add(u, r)
	a := f.Mul(r, f.Const(-0.5))
	q := f.Mul(a, r)
	h = f.Add(v, q)
	l = f.Add(f.Add(f.Sub(u, v), r), f.Add(f.Sub(v, h), q))
	w := f.Mul(r, r)
	c := func(i int) vector.Op { return f.Const(powCoef[i]) }
	e := f.FMA(w, c(8), f.Reg(c(6)))
	f.HornerTo(e, w, c(4))
	f.HornerTo(e, w, c(2))
	f.HornerTo(e, w, c(0))
	o := f.FMA(w, c(7), f.Reg(c(5)))
	f.HornerTo(o, w, c(3))
	f.HornerTo(o, w, c(1))
	rest := f.FMA(lost, f.FMA(r, f.Sub(r, one), f.Reg(one)), f.FMA(k, f.Const(log2Lo), f.Lookup("powLo", powLo, i)))
	rest = f.Add(f.FMSub(a, r, q), rest)
	f.FMATo(e, r, o)
	f.FMATo(rest, f.Mul(w, r), e)
	l = f.Add(l, rest)
	sum := f.Add(h, l)
	return sum, f.Add(f.Sub(h, sum), l)
}

// pow handles positive normal x and finite y: the sign and the limits are the twin's.
func pow(f *f, x, y v) v {
	f.StopIf(f.Cmp(vector.NLE, x, f.Const(maxFloat)), f.Cmp(vector.NLE, f.Reg(f.Const(minNormal)), x),
		f.Cmp(vector.NLE, f.Abs(y), f.Const(maxFloat)))
	h, l := logTwo(f, x)
	e := f.Mul(h, y)
	tail := f.Add(f.FMSub(y, h, e), f.Mul(y, l))
	tail = f.Blend(f.Cmp(vector.NLE, f.Abs(e), f.Const(1000)), f.Const(0), tail)
	return expTail(f, e, tail, 0)
}
