//go:build linux

package tcp

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	mp "github.com/shmath/shmath/multiprocessing"
	"github.com/shmath/shmath/sched"
)

func TestMain(m *testing.M) {
	sched.Main()
	m.Run()
}

func watchdog(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func start(t *testing.T, known mp.Credentials) *mp.Manager {
	t.Helper()
	m, err := mp.NewManager(watchdog(t), &mp.ManagerOptions{Address: "tcp://127.0.0.1:0", Credentials: known})
	ok(t, err)
	t.Cleanup(func() {
		ok(t, m.Shutdown(context.Background()))
		if code, ended := m.Process().ExitCode(); !ended || code != 0 {
			t.Error(code, ended, m.Process().Err())
		}
	})
	return m
}

type appending struct {
	To   mp.ListProxy[string]
	Dict mp.DictProxy[string, mp.ListProxy[string]]
}

var appendName = mp.NewFunc("append name", func(ctx context.Context, a appending) (int, error) {
	if err := a.To.Append(ctx, "child"); err != nil {
		return 0, err
	}
	nested, _, err := a.Dict.Get(ctx, "nested")
	if err != nil {
		return 0, err
	}
	return os.Getpid(), nested.Append(ctx, "deep")
})

// TestManager_Everywhere: proxies work in processes, in the workers of a pool that was there before, and in each other.
func TestManager_Everywhere(t *testing.T) {
	ctx := watchdog(t)
	pool, err := mp.NewPool(ctx, 1, nil)
	ok(t, err)
	defer pool.Terminate()
	m := start(t, mp.Credentials{})
	if !strings.HasPrefix(m.Address(), "tcp://127.0.0.1:") {
		t.Fatal(m.Address())
	}
	l, err := mp.ManagerList(ctx, m, "main")
	ok(t, err)
	nested, err := mp.ManagerList[string](ctx, m)
	ok(t, err)
	d, err := mp.ManagerDict[string, mp.ListProxy[string]](ctx, m)
	ok(t, err)
	ok(t, d.Set(ctx, "nested", nested))
	if pid, err := mp.Apply(ctx, pool, appendName, appending{l, d}); err != nil || pid == os.Getpid() {
		t.Fatal(pid, err)
	}
	p := mp.NewProcess(appendName, appending{l, d}, nil)
	ok(t, p.Start(ctx))
	ok(t, p.Join(ctx))
	ok(t, p.Err())
	names, err := l.Slice(ctx)
	deep, err2 := nested.Len(ctx)
	if ok(t, errors.Join(err, err2)); strings.Join(names, " ") != "main child child" || deep != 2 {
		t.Fatal(names, deep)
	}
}

// TestN9_WrongKey: an error on both sides, which says what to do, and the manager goes on.
func TestN9_WrongKey(t *testing.T) {
	ctx := watchdog(t)
	m := start(t, mp.Credentials{AuthKey: []byte("secret")})
	_, err := mp.ConnectManager(ctx, m.Address(), mp.Credentials{AuthKey: []byte("Secret")})
	if !errors.Is(err, mp.ErrAuthentication) || !strings.Contains(err.Error(), "give both sides the same AuthKey") {
		t.Fatal(err)
	}
	_, err = mp.ConnectManager(ctx, m.Address(), mp.Credentials{AuthKey: []byte{}})
	if !errors.Is(err, mp.ErrAuthentication) {
		t.Fatal(err)
	}
	again, err := mp.ConnectManager(ctx, m.Address(), mp.Credentials{AuthKey: []byte("secret")})
	ok(t, err)
	l, err := mp.ManagerList(ctx, again, 1, 2)
	ok(t, err)
	if n, err := l.Len(ctx); err != nil || n != 2 {
		t.Fatal(n, err)
	}
}

// TestN9_EmptyKey: an empty key is one, if both sides have it.
func TestN9_EmptyKey(t *testing.T) {
	m := start(t, mp.Credentials{AuthKey: []byte{}})
	_, err := mp.ConnectManager(watchdog(t), m.Address(), mp.Credentials{AuthKey: []byte{}})
	ok(t, err)
}

// TestN9_Impostor: a server that only repeats what it hears, and one that says yes to everything, are found out.
func TestN9_Impostor(t *testing.T) {
	for name, answer := range map[string]func(c net.Conn){
		"echo": func(c net.Conn) {
			hello := append([]byte("shmath 1"), make([]byte, 32)...)
			c.Write(hello)
			theirs := make([]byte, 64)
			io.ReadFull(c, theirs)
			c.Write(append([]byte{'y'}, theirs[32:]...))
		},
		"silence": func(c net.Conn) { io.Copy(io.Discard, c) },
		"other":   func(c net.Conn) { c.Write(bytes.Repeat([]byte("220 mail\r\n"), 10)) },
	} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		ok(t, err)
		go func() {
			c, err := l.Accept()
			if err == nil {
				answer(c)
			}
		}()
		_, err = mp.ConnectManager(watchdog(t), "tcp://"+l.Addr().String(), mp.Credentials{AuthKey: []byte("k"), Timeout: 200 * time.Millisecond})
		if err == nil {
			t.Fatal("believed:", name)
		}
		if name == "echo" && !errors.Is(err, mp.ErrAuthentication) || name == "silence" && !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatal(name, err)
		}
		ok(t, l.Close())
	}
}

// TestManager_Strangers: who connects and says nothing, or nonsense, keeps nobody else out.
func TestManager_Strangers(t *testing.T) {
	ctx := watchdog(t)
	m := start(t, mp.Credentials{AuthKey: []byte("k"), Timeout: 300 * time.Millisecond})
	address := strings.TrimPrefix(m.Address(), "tcp://")
	var strangers []net.Conn
	for i := range 5 {
		c, err := net.Dial("tcp", address)
		ok(t, err)
		if i%2 == 0 {
			c.Write(bytes.Repeat([]byte{0xff}, 200))
		}
		strangers = append(strangers, c)
	}
	l, err := mp.ManagerList(ctx, m, 1)
	ok(t, err)
	for _, c := range strangers { // turned away in time
		ok(t, c.SetReadDeadline(time.Now().Add(time.Minute)))
		if _, err := io.Copy(io.Discard, c); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatal(err)
		}
	}
	if n, err := l.Len(ctx); err != nil || n != 1 {
		t.Fatal(n, err)
	}
}

// TestManager_Unknown: a program that has not been told the key of an address, and one without this package.
func TestManager_Unknown(t *testing.T) {
	p := mp.ListProxy[int]{Proxy: mp.Proxy{At: "tcp://127.0.0.1:1", Number: 1}}
	if _, err := p.Len(watchdog(t)); err == nil || !strings.Contains(err.Error(), "ConnectManager") {
		t.Fatal(err)
	}
	_, err := mp.NewManager(watchdog(t), &mp.ManagerOptions{Address: "carrier-pigeon://loft"})
	if !errors.Is(err, mp.ErrValue) || !strings.Contains(err.Error(), "import _") {
		t.Fatal(err)
	}
	_, err = mp.NewManager(watchdog(t), &mp.ManagerOptions{Address: "tcp://127.0.0.1:99999"})
	if err == nil || !strings.Contains(err.Error(), "99999") {
		t.Fatal(err)
	}
}

// pair writes a certificate for 127.0.0.1, which is its own authority, and its key.
func pair(t *testing.T) mp.TLSFiles {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ok(t, err)
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	raw, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	ok(t, err)
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	ok(t, err)
	dir := t.TempDir()
	files := mp.TLSFiles{Certificate: dir + "/certificate.pem", Key: dir + "/key.pem", Authority: dir + "/certificate.pem"}
	ok(t, os.WriteFile(files.Certificate, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw}), 0o600))
	ok(t, os.WriteFile(files.Key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600))
	return files
}

// TestManager_TLS: encrypted, and both sides have shown a certificate.
func TestManager_TLS(t *testing.T) {
	ctx := watchdog(t)
	known := mp.Credentials{AuthKey: []byte("k"), TLS: pair(t)}
	m := start(t, known)
	l, err := mp.ManagerList(ctx, m, "secret")
	ok(t, err)
	p := mp.NewProcess(appendName, appending{l, mp.DictProxy[string, mp.ListProxy[string]]{}}, nil)
	ok(t, p.Start(ctx))
	ok(t, p.Join(ctx))
	if names, err := l.Slice(ctx); err != nil || strings.Join(names, " ") != "secret child" {
		t.Fatal(names, err)
	}
	for what, as := range map[string]mp.Credentials{
		"no TLS":            {AuthKey: known.AuthKey, Timeout: time.Second},
		"another authority": {AuthKey: known.AuthKey, TLS: pair(t), Timeout: time.Second},
		"no certificate":    {AuthKey: known.AuthKey, TLS: mp.TLSFiles{Authority: known.TLS.Authority}, Timeout: time.Second},
		"another key":       {AuthKey: []byte("x"), TLS: known.TLS, Timeout: time.Second},
	} {
		if _, err := mp.ConnectManager(ctx, m.Address(), as); err == nil {
			t.Fatal(what, "was enough")
		}
	}
	if _, err := mp.NewManager(ctx, &mp.ManagerOptions{Address: "tcp://127.0.0.1:0",
		Credentials: mp.Credentials{TLS: mp.TLSFiles{Authority: known.TLS.Authority}}}); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Fatal(err)
	}
}

// TestN8_OverTCP: a listener for anybody who knows the key; one who does not is an error of that Accept, and of that Dial.
func TestN8_OverTCP(t *testing.T) {
	ctx := watchdog(t)
	known := mp.Credentials{AuthKey: []byte("k")}
	l, err := mp.Listen[string]("tcp://127.0.0.1:0", known)
	ok(t, err)
	defer l.Close()
	refusal := make(chan error, 1)
	go func() {
		_, err := mp.Dial[string](ctx, l.Address(), mp.Credentials{AuthKey: []byte("other")})
		refusal <- err
	}()
	if _, err := l.Accept(ctx); !errors.Is(err, mp.ErrAuthentication) {
		t.Fatal(err)
	}
	if err := <-refusal; !errors.Is(err, mp.ErrAuthentication) {
		t.Fatal(err)
	}
	said := make(chan error, 1)
	go func() {
		s, err := mp.Dial[string](ctx, l.Address(), known)
		if err == nil {
			err = errors.Join(s.Send(ctx, "hello"), s.Close())
		}
		said <- err
	}()
	s, err := l.Accept(ctx)
	ok(t, err)
	if got, err := s.Recv(ctx); err != nil || got != "hello" {
		t.Fatal(got, err)
	}
	if _, err := s.Recv(ctx); err != io.EOF {
		t.Fatal(err)
	}
	ok(t, errors.Join(<-said, s.Close()))
}
