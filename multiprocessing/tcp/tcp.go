package tcp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"os"

	mp "github.com/shmath/shmath/multiprocessing"
)

func init() { mp.RegisterTransport("tcp", transport{}) }

type transport struct{}

type listener struct{ net.Listener }

// Accept returns the next connection. A connection with TLS shakes hands at its first use, not here, where one that says
// nothing would keep the others out.
func (l listener) Accept() (mp.Conn, error) { return l.Listener.Accept() }
func (l listener) Address() string          { return l.Addr().String() }

// Listen listens at host:port.
func (transport) Listen(address string, files mp.TLSFiles) (mp.TransportListener, error) {
	if files == (mp.TLSFiles{}) {
		l, err := net.Listen("tcp", address)
		return listener{l}, err
	}
	c, authority, err := configure(files)
	if err != nil {
		return nil, err
	}
	if len(c.Certificates) == 0 {
		return nil, fmt.Errorf("%w: a server with TLS has a certificate: set TLSFiles.Certificate and Key", mp.ErrValue)
	}
	if authority != nil {
		c.ClientCAs, c.ClientAuth = authority, tls.RequireAndVerifyClientCert
	}
	l, err := tls.Listen("tcp", address, c)
	return listener{l}, err
}

// Dial connects to host:port.
func (transport) Dial(ctx context.Context, address string, files mp.TLSFiles) (mp.Conn, error) {
	if files == (mp.TLSFiles{}) {
		return new(net.Dialer).DialContext(ctx, "tcp", address)
	}
	c, authority, err := configure(files)
	if err != nil {
		return nil, err
	}
	c.RootCAs = authority
	return (&tls.Dialer{Config: c}).DialContext(ctx, "tcp", address)
}

// configure reads the files.
func configure(files mp.TLSFiles) (c *tls.Config, authority *x509.CertPool, err error) {
	c = &tls.Config{MinVersion: tls.VersionTLS13}
	if files.Certificate != "" || files.Key != "" {
		own, err := tls.LoadX509KeyPair(files.Certificate, files.Key)
		if err != nil {
			return nil, nil, fmt.Errorf("multiprocessing: TLS certificate %q with key %q: %w", files.Certificate, files.Key, err)
		}
		c.Certificates = []tls.Certificate{own}
	}
	if files.Authority != "" {
		text, err := os.ReadFile(files.Authority)
		if err != nil {
			return nil, nil, fmt.Errorf("multiprocessing: TLS authority: %w", err)
		}
		authority = x509.NewCertPool()
		if !authority.AppendCertsFromPEM(text) {
			return nil, nil, fmt.Errorf("%w: no certificate in %q", mp.ErrValue, files.Authority)
		}
	}
	return c, authority, nil
}
