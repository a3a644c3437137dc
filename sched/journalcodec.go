package sched

import (
	"encoding"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"os"
	"reflect"
	"time"
)

// A record in memory: a form byte; pid, time, level and program counter as varints; message; attributes. A string is its
// length and its bytes, an attribute its key, a kind byte (of slog) and its value, a group its attributes.
const (
	formRecord    byte = iota // the record follows
	formReference             // it lies in the arena
	formTimeless              // as formRecord; the record had no time
)

const groupDepthMax = 64

var errJournal = errors.New("sched: a log record is damaged")

// codeBase is where this program lies in memory: the same function has another address in each process of a
// position-independent executable.
func codeBase() uintptr { return reflect.ValueOf(Main).Pointer() }

// resolveAttrs turns values into ones that mean the same in another process: what is not a number, a string or a time
// becomes the text that slog.TextHandler would print.
func resolveAttrs(attrs []slog.Attr) []slog.Attr {
	out := make([]slog.Attr, 0, len(attrs))
	for _, a := range attrs {
		v := a.Value.Resolve()
		switch v.Kind() {
		case slog.KindGroup:
			v = slog.GroupValue(resolveAttrs(v.Group())...)
		case slog.KindAny:
			v = slog.StringValue(textOf(v.Any()))
		}
		out = append(out, slog.Attr{Key: a.Key, Value: v})
	}
	return out
}

// textOf survives what methods of the program's own types do to nil receivers, as the handlers of slog do.
func textOf(v any) (text string) {
	defer func() {
		if p := recover(); p != nil {
			text = fmt.Sprintf("!PANIC: %v", p)
		}
	}()
	switch v := v.(type) {
	case encoding.TextMarshaler:
		if b, err := v.MarshalText(); err == nil {
			return string(b)
		}
	case []byte:
		return string(v)
	}
	return fmt.Sprintf("%+v", v)
}

func appendRecord(b []byte, r slog.Record, attrs []slog.Attr) []byte {
	form, nanos := formRecord, int64(0)
	if r.Time.IsZero() {
		form = formTimeless
	} else {
		nanos = r.Time.UnixNano()
	}
	b = append(b, form)
	b = binary.AppendUvarint(b, uint64(os.Getpid()))
	b = binary.AppendVarint(b, nanos)
	b = binary.AppendVarint(b, int64(r.Level))
	pc := int64(0)
	if r.PC != 0 {
		pc = int64(r.PC - codeBase())
	}
	b = binary.AppendVarint(b, pc)
	b = appendText(b, r.Message)
	return appendAttrs(b, attrs)
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendAttrs(b []byte, attrs []slog.Attr) []byte {
	b = binary.AppendUvarint(b, uint64(len(attrs)))
	for _, a := range attrs {
		b = append(appendText(b, a.Key), byte(a.Value.Kind()))
		switch v := a.Value; v.Kind() {
		case slog.KindBool:
			n := byte(0)
			if v.Bool() {
				n = 1
			}
			b = append(b, n)
		case slog.KindDuration:
			b = binary.AppendVarint(b, int64(v.Duration()))
		case slog.KindFloat64:
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v.Float64()))
		case slog.KindInt64:
			b = binary.AppendVarint(b, v.Int64())
		case slog.KindTime:
			text, err := v.Time().MarshalBinary()
			if err != nil {
				text = nil // a zone of fractions of a minute: the zero time
			}
			b = appendText(b, string(text))
		case slog.KindUint64:
			b = binary.AppendUvarint(b, v.Uint64())
		case slog.KindGroup:
			b = appendAttrs(b, v.Group())
		default:
			b = appendText(b, v.String())
		}
	}
	return b
}

// appendReference says that the record is a blob in the arena.
func appendReference(b []byte, at blob) []byte {
	b = append(b, formReference)
	b = binary.AppendUvarint(b, at.offset)
	b = binary.AppendUvarint(b, at.gen)
	return binary.AppendUvarint(b, uint64(at.length))
}

// journalReader decodes one message. What does not make sense sets bad: a stray store of a worker must not bring the parent
// down.
type journalReader struct {
	b   []byte
	bad bool
}

func (d *journalReader) byte() byte {
	if len(d.b) == 0 {
		d.bad = true
		return 0
	}
	c := d.b[0]
	d.b = d.b[1:]
	return c
}

func (d *journalReader) take(n uint64) []byte {
	if n > uint64(len(d.b)) {
		d.bad = true
		return nil
	}
	s := d.b[:n]
	d.b = d.b[n:]
	return s
}

func (d *journalReader) unsigned() uint64 {
	v, n := binary.Uvarint(d.b)
	d.skip(n)
	return v
}

func (d *journalReader) signed() int64 {
	v, n := binary.Varint(d.b)
	d.skip(n)
	return v
}

func (d *journalReader) skip(n int) {
	if n <= 0 {
		d.bad, n = true, len(d.b)
	}
	d.b = d.b[n:]
}

func (d *journalReader) text() string { return string(d.take(d.unsigned())) }

// reference reads the blob behind a formReference.
func (d *journalReader) reference() blob {
	return blob{offset: d.unsigned(), gen: d.unsigned(), length: uint32(d.unsigned())}
}

// record reads what appendRecord wrote.
func (d *journalReader) record() (r slog.Record, pid int, err error) {
	form := d.byte()
	d.bad = d.bad || form != formRecord && form != formTimeless
	pid = int(d.unsigned())
	nanos := d.signed()
	level := slog.Level(d.signed())
	pc := d.signed()
	message := d.text()
	attrs := d.attrs(0)
	if d.bad {
		return r, pid, errJournal
	}
	var at time.Time
	if form == formRecord {
		at = time.Unix(0, nanos)
	}
	var counter uintptr
	if pc != 0 {
		counter = codeBase() + uintptr(pc)
	}
	r = slog.NewRecord(at, level, message, counter)
	r.AddAttrs(attrs...)
	return r, pid, nil
}

func (d *journalReader) attrs(depth int) []slog.Attr {
	n := d.unsigned()
	if n > uint64(len(d.b)) || depth > groupDepthMax {
		d.bad = true
		return nil
	}
	attrs := make([]slog.Attr, 0, n)
	for range n {
		attrs = append(attrs, slog.Attr{Key: d.text(), Value: d.value(depth)})
		if d.bad {
			return nil
		}
	}
	return attrs
}

func (d *journalReader) value(depth int) slog.Value {
	switch slog.Kind(d.byte()) {
	case slog.KindBool:
		return slog.BoolValue(d.byte() != 0)
	case slog.KindDuration:
		return slog.DurationValue(time.Duration(d.signed()))
	case slog.KindFloat64:
		if raw := d.take(8); raw != nil {
			return slog.Float64Value(math.Float64frombits(binary.LittleEndian.Uint64(raw)))
		}
	case slog.KindInt64:
		return slog.Int64Value(d.signed())
	case slog.KindTime:
		var t time.Time
		if raw := d.take(d.unsigned()); len(raw) > 0 {
			d.bad = d.bad || t.UnmarshalBinary(raw) != nil
		}
		return slog.TimeValue(t)
	case slog.KindUint64:
		return slog.Uint64Value(d.unsigned())
	case slog.KindGroup:
		return slog.GroupValue(d.attrs(depth + 1)...)
	case slog.KindString:
		return slog.StringValue(d.text())
	default:
		d.bad = true
	}
	return slog.Value{}
}
