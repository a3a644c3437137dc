package multiprocessing

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/shmath/shmath/arena"
)

// Conn is a stream between two processes. *os.File and net.Conn are.
type Conn interface {
	io.ReadWriteCloser
	SetDeadline(t time.Time) error
	SetReadDeadline(t time.Time) error
}

// Transport makes streams for managers whose address begins with its scheme.
type Transport interface {
	// Listen listens at an address without its scheme.
	Listen(address string, tls TLSFiles) (TransportListener, error)

	// Dial connects to one.
	Dial(ctx context.Context, address string, tls TLSFiles) (Conn, error)
}

// TransportListener accepts streams. Close ends an Accept that waits.
type TransportListener interface {
	Accept() (Conn, error)
	Close() error
	Address() string // where it listens, without scheme; what the system has chosen filled in
}

// TLSFiles names files in PEM for TLS. All empty means none.
type TLSFiles struct {
	Certificate string // what this side shows: a server's, or a client's of which the server asks for one
	Key         string // of Certificate
	Authority   string // who has signed the other side's; a server that has one asks clients for theirs. Empty: the system's
}

// Credentials are what two sides have to agree on.
type Credentials struct {
	// AuthKey is a secret that both sides have to know. Each proves it to the other, and it never travels; what follows
	// is readable to whoever listens on the wire, unless there is TLS. Nil means this program's own: see [AuthKey].
	AuthKey []byte
	TLS     TLSFiles
	Timeout time.Duration // of connecting and of the proofs; 0 means 20 seconds
}

const (
	defaultTimeout = 20 * time.Second
	schemeMark     = "://"
)

// transports are those that can be had, by scheme; a Unix socket has none.
var transports = map[string]Transport{"": unixTransport{}}

// RegisterTransport makes a transport known, before main begins. Package multiprocessing/tcp does so for "tcp": it is a
// package of its own because the network costs every process of a program half a millisecond of start.
func RegisterTransport(scheme string, t Transport) { transports[scheme] = t }

// transportOf returns who knows an address, and the address without its scheme.
func transportOf(at string) (Transport, string, error) {
	scheme, rest, has := strings.Cut(at, schemeMark)
	if !has {
		scheme, rest = "", at
	}
	if t := transports[scheme]; t != nil {
		return t, rest, nil
	}
	return nil, "", fmt.Errorf("%w: no transport for %q: import _ \"github.com/shmath/shmath/multiprocessing/%s\"", ErrValue, at, scheme)
}

// withScheme returns an address with the scheme of another.
func withScheme(at, address string) string {
	if scheme, _, has := strings.Cut(at, schemeMark); has {
		return scheme + schemeMark + address
	}
	return address
}

// proven reports whether an address's sides have to prove who they are. The kernel says it of Unix sockets.
func proven(at string) bool { return strings.Contains(at, schemeMark) }

type unixTransport struct{}

type unixListener struct{ *os.File }

func (unixTransport) Listen(address string, _ TLSFiles) (TransportListener, error) {
	f, err := listenUnix(address)
	return unixListener{f}, err
}

func (unixTransport) Dial(_ context.Context, address string, _ TLSFiles) (Conn, error) {
	return newUnixConn(dialUnix(address))
}

func (l unixListener) Accept() (Conn, error) { return newUnixConn(acceptUnix(l.File)) }
func (l unixListener) Address() string       { return l.Name() }

// AuthKey returns the secret that the processes of this program share, 32 random bytes. Python:
// current_process().authkey.
func AuthKey() ([]byte, error) {
	s, err := home()
	if err != nil {
		return nil, err
	}
	return s.secret("auth key", randomKey)
}

// credentialsName is the name under which a session keeps the credentials for an address, so that a proxy works in
// every process of the program: it carries none.
func credentialsName(at string) string { return fmt.Sprintf("manager %016x", digest([]byte(at))[:16]) }

// remember keeps credentials for this program's processes.
func remember(at string, c Credentials) error {
	s, err := home()
	if err != nil {
		return err
	}
	raw, err := encode(&c)
	if err != nil {
		return err
	}
	if old, err := arena.Lookup[uint8](s.arena, credentialsName(at)); err == nil {
		if err := old.Free(); err != nil { // they have changed
			return err
		}
	}
	_, err = s.secret(credentialsName(at), func() ([]byte, error) { return raw, nil })
	return err
}

// credentialsFor returns those that remember has kept.
func credentialsFor(at string) (c Credentials, err error) {
	s, err := home()
	if err != nil {
		return c, err
	}
	raw, err := s.secret(credentialsName(at), func() ([]byte, error) {
		return nil, fmt.Errorf("this program does not know the manager at %s: call ConnectManager first, with its AuthKey", at)
	})
	if err != nil {
		return c, err
	}
	return decode[Credentials](raw)
}

// secret returns what a name stands for in the session; the first process that asks makes it. The session's memory has no
// name, and is readable to this program's user alone.
func (s *session) secret(name string, make func() ([]byte, error)) ([]byte, error) {
	for {
		if x, err := arena.Lookup[uint8](s.arena, name); err == nil {
			return append([]byte(nil), x.Slice()...), nil
		} else if !errors.Is(err, arena.ErrNotFound) {
			return nil, err
		}
		raw, err := make()
		if err != nil {
			return nil, err
		}
		if _, err := arena.NamedCopy(s.arena, name, raw); !errors.Is(err, arena.ErrExists) {
			return raw, err
		}
	}
}

// decided returns credentials with every field decided.
func (c Credentials) decided() (Credentials, error) {
	if c.Timeout == 0 {
		c.Timeout = defaultTimeout
	}
	if c.Timeout < 0 {
		return c, fmt.Errorf("%w: a timeout of %v", ErrValue, c.Timeout)
	}
	var err error
	if c.AuthKey == nil {
		c.AuthKey, err = AuthKey()
	}
	return c, err
}
