package arena

import (
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
)

// Header is what a .npy file says about its data.
type Header struct {
	DType   DType
	Shape   []int
	Fortran bool  // the first index varies fastest
	Data    int64 // offset of the first element
	Version [2]byte
}

// npyDictMax bounds the header that is read: NumPy itself refuses more than 10000 bytes unless told otherwise.
const npyDictMax = 1 << 20

// ReadHeader reads the header of the .npy file in r, of version 1.0, 2.0 or 3.0. It is ErrFormat when r holds none, or
// when Go cannot use the elements in place; the text names the dtype and the remedy.
func ReadHeader(r io.ReaderAt) (Header, error) {
	text := make([]byte, npyPrefix)
	for {
		n, err := r.ReadAt(text, 0)
		if err != nil && err != io.EOF {
			return Header{}, err
		}
		h, need, err := headerIn(text[:n])
		if need <= len(text) {
			return h, err
		}
		text = make([]byte, need)
	}
}

const npyPrefix = 256 // as much as the headers of nearly all files

// headerIn reads the .npy header at the start of text, and returns how many bytes of it must be there; if they are not,
// the error says so.
func headerIn(text []byte) (h Header, need int, err error) {
	if len(text) < 10 || string(text[:6]) != npyMagic {
		return h, 0, fmt.Errorf("%w: it does not begin with \\x93NUMPY", ErrFormat)
	}
	h.Version = [2]byte{text[6], text[7]}
	start, size := 0, 0
	switch h.Version {
	case [2]byte{1, 0}:
		start, size = 10, int(binary.LittleEndian.Uint16(text[8:]))
	case [2]byte{2, 0}, [2]byte{3, 0}:
		if len(text) < 12 {
			return h, 12, fmt.Errorf("%w: the header ends after %d bytes", ErrTruncated, len(text))
		}
		start, size = 12, int(binary.LittleEndian.Uint32(text[8:]))
	default:
		return h, 0, fmt.Errorf("%w: format version %d.%d, known are 1.0, 2.0 and 3.0", ErrFormat, text[6], text[7])
	}
	if size > npyDictMax {
		return h, 0, fmt.Errorf("%w: a header of %d bytes, at most %d", ErrFormat, size, npyDictMax)
	}
	need = start + size
	if len(text) < need {
		return h, need, fmt.Errorf("%w: the header needs %d bytes, the file has %d", ErrTruncated, need, len(text))
	}
	h.Data = int64(need)
	return h, need, h.parse(string(text[start:need]))
}

// ReadHeaderFile is [ReadHeader] for the file at path.
func ReadHeaderFile(path string) (Header, error) {
	f, err := os.Open(path)
	if err != nil {
		return Header{}, err
	}
	defer f.Close()
	h, err := ReadHeader(f)
	if err != nil {
		return Header{}, fmt.Errorf("%s: %w", path, err)
	}
	return h, nil
}

// dictParser reads the Python dictionary of a .npy header, and nothing else that Python can write.
type dictParser struct {
	text string
	at   int
}

var dictKeys = [...]string{"descr", "fortran_order", "shape"}

func (h *Header) parse(text string) error {
	p := dictParser{text: text}
	var descr string
	var seen uint
	err := p.expect('{')
	for err == nil && !p.accept('}') {
		var key string
		if key, err = p.quoted(); err != nil {
			break
		}
		k := slices.Index(dictKeys[:], key)
		switch {
		case k < 0:
			return p.fail("unknown key %q", key)
		case seen&(1<<k) != 0:
			return p.fail("key %q twice", key)
		}
		seen |= 1 << k
		if err = p.expect(':'); err != nil {
			break
		}
		switch k {
		case 0:
			descr, err = p.descr()
		case 1:
			h.Fortran, err = p.boolean()
		default:
			h.Shape, err = p.tuple()
		}
		if err == nil && !p.accept(',') {
			if err = p.expect('}'); err == nil {
				break
			}
		}
	}
	if err != nil {
		return err
	}
	if p.space(); p.at != len(p.text) {
		return p.fail("text after the dictionary")
	}
	for k, key := range dictKeys {
		if seen&(1<<k) == 0 {
			return p.fail("no key %q", key)
		}
	}
	if h.DType, err = parseDescr(descr); err != nil {
		return err
	}
	_, _, err = bytesOf(h.DType, h.Shape)
	return err
}

func (p *dictParser) fail(format string, args ...any) error {
	return fmt.Errorf("%w: header byte %d: %s", ErrFormat, p.at, fmt.Sprintf(format, args...))
}

func (p *dictParser) space() {
	for ; p.at < len(p.text); p.at++ {
		switch p.text[p.at] {
		case ' ', '\t', '\r', '\n':
		default:
			return
		}
	}
}

func (p *dictParser) accept(c byte) bool {
	if p.space(); p.at < len(p.text) && p.text[p.at] == c {
		p.at++
		return true
	}
	return false
}

func (p *dictParser) expect(c byte) error {
	if !p.accept(c) {
		return p.fail("%q expected", c)
	}
	return nil
}

// quoted reads a string without escapes, the only kind that NumPy writes here. Python 2's u” is accepted.
func (p *dictParser) quoted() (string, error) {
	p.space()
	if p.at+1 < len(p.text) && p.text[p.at] == 'u' {
		p.at++
	}
	for _, quote := range [...]byte{'\'', '"'} {
		if !p.accept(quote) {
			continue
		}
		n := strings.IndexByte(p.text[p.at:], quote)
		if n < 0 || strings.IndexByte(p.text[p.at:p.at+n], '\\') >= 0 {
			return "", p.fail("a plain string expected")
		}
		s := p.text[p.at : p.at+n]
		p.at += n + 1
		return s, nil
	}
	return "", p.fail("a string expected")
}

// descr reads a dtype: a string, or the list of a structured type, which comes back as it is written.
func (p *dictParser) descr() (string, error) {
	if p.space(); p.at == len(p.text) || (p.text[p.at] != '[' && p.text[p.at] != '(') {
		return p.quoted()
	}
	depth, start := 0, p.at
	for ; p.at < len(p.text); p.at++ {
		switch c := p.text[p.at]; c {
		case '[', '(':
			depth++
		case ']', ')':
			if depth--; depth == 0 {
				p.at++
				return p.text[start:p.at], nil
			}
		case '\'', '"':
			n := strings.IndexByte(p.text[p.at+1:], c)
			if n < 0 {
				return "", p.fail("a string without end")
			}
			p.at += n + 1
		}
	}
	return "", p.fail("a list without end")
}

func (p *dictParser) boolean() (bool, error) {
	p.space()
	switch rest := p.text[p.at:]; {
	case strings.HasPrefix(rest, "True"):
		p.at += len("True")
		return true, nil
	case strings.HasPrefix(rest, "False"):
		p.at += len("False")
		return false, nil
	}
	return false, p.fail("True or False expected")
}

func (p *dictParser) tuple() ([]int, error) {
	if err := p.expect('('); err != nil {
		return nil, err
	}
	shape := []int{}
	for comma := true; !p.accept(')'); {
		p.space()
		start := p.at
		for p.at < len(p.text) && p.text[p.at] >= '0' && p.text[p.at] <= '9' {
			p.at++
		}
		n, err := strconv.Atoi(p.text[start:p.at])
		if err != nil || !comma {
			return nil, p.fail("a dimension expected, not %.20q", p.text[start:])
		}
		if len(shape) == MaxDims {
			return nil, p.fail("more than %d dimensions", MaxDims)
		}
		if p.at < len(p.text) && p.text[p.at] == 'L' { // a Python 2 long
			p.at++
		}
		shape = append(shape, n)
		if comma = p.accept(','); !comma && len(shape) == 1 {
			return nil, p.fail("a tuple expected: (%d,)", n)
		}
	}
	return shape, nil
}

// parseDescr turns NumPy's name of a type into a DType; the error of a type that Go cannot use in place says why.
func parseDescr(descr string) (DType, error) {
	for d := Bool; d.Valid(); d++ {
		if descr == d.Descr() {
			return d, nil
		}
	}
	order, rest := byte('='), descr
	if descr != "" && strings.IndexByte("<>|=", descr[0]) >= 0 {
		order, rest = descr[0], descr[1:]
	}
	for d := Bool; d.Valid(); d++ {
		if rest != d.Descr()[1:] {
			continue
		}
		if order == '>' && d.Size() > 1 {
			return 0, fmt.Errorf("%w: dtype %q is big-endian, and arrays are mapped as they are: "+
				"in NumPy, save x.astype(x.dtype.newbyteorder('<'))", ErrFormat, descr)
		}
		return d, nil
	}
	why := "is no element type of package arena: in NumPy, save x.astype('f8') or another numeric type"
	if rest != "" {
		switch rest[0] {
		case 'O':
			why = "holds Python objects, which mean nothing here: in NumPy, save x.astype('f8') or another numeric type"
		case 'S', 'U', 'a':
			why = "holds strings: save numbers"
		case 'M', 'm':
			why = "holds times: in NumPy, save x.view('i8')"
		case 'V', '[', '(':
			why = "is a structured type: in NumPy, save each field as an array of its own"
		}
	}
	return 0, fmt.Errorf("%w: dtype %.80q %s", ErrFormat, descr, why)
}
