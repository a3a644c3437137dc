package multiprocessing

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"time"
)

// How two sides prove to each other that they know a secret, which does not travel (challenge and response, as in ISO/IEC
// 9798-4 with two passes of nonces; Python's multiprocessing.connection does so one way after the other):
//
//	server  greeting | nonce s           32 random bytes
//	client  nonce c  | HMAC(client, s, c)
//	server  verdict  | HMAC(server, s, c)
//
// HMAC is that of RFC 2104 with SHA-256. The sides have different texts in it, so that no proof can be sent back as the
// other side's own.
const (
	greeting   = "shmath 1"
	nonceSize  = 32
	accepted   = 'y'
	refused    = 'n'
	clientText = "client"
	serverText = "server"
)

func randomKey() ([]byte, error) {
	b := make([]byte, nonceSize)
	_, err := rand.Read(b)
	return b, err
}

func digest(b []byte) []byte {
	sum := sha256.Sum256(b)
	return sum[:]
}

func proof(key []byte, side string, s, c []byte) []byte {
	h := hmac.New(sha256.New, key)
	for _, part := range [][]byte{[]byte(side), s, c} {
		h.Write(part) // never fails: hash.Hash
	}
	return h.Sum(nil)
}

// proveServer is the server's side.
func proveServer(c Conn, key []byte) error {
	nonce, err := randomKey()
	if err != nil {
		return err
	}
	if _, err := c.Write(append([]byte(greeting), nonce...)); err != nil {
		return err
	}
	var answer [nonceSize + sha256.Size]byte
	if _, err := io.ReadFull(c, answer[:]); err != nil {
		return err
	}
	theirs := answer[:nonceSize]
	if !hmac.Equal(answer[nonceSize:], proof(key, clientText, nonce, theirs)) { // constant time
		_, err := c.Write(append([]byte{refused}, make([]byte, sha256.Size)...))
		return errors.Join(ErrAuthentication, err)
	}
	_, err = c.Write(append([]byte{accepted}, proof(key, serverText, nonce, theirs)...))
	return err
}

// proveClient is the client's side.
func proveClient(c Conn, key []byte) error {
	var hello [len(greeting) + nonceSize]byte
	if _, err := io.ReadFull(c, hello[:]); err != nil {
		return fmt.Errorf("waiting for its greeting: %w; is it a manager of this version, with TLS on both sides or on none?", err)
	}
	if string(hello[:len(greeting)]) != greeting {
		return fmt.Errorf("%w: no manager is there: it greets with %q", ErrValue, hello[:len(greeting)])
	}
	nonce := hello[len(greeting):]
	mine, err := randomKey()
	if err != nil {
		return err
	}
	if _, err := c.Write(append(mine, proof(key, clientText, nonce, mine)...)); err != nil {
		return err
	}
	var verdict [1 + sha256.Size]byte
	if _, err := io.ReadFull(c, verdict[:]); err != nil {
		return err
	}
	if verdict[0] != accepted || !hmac.Equal(verdict[1:], proof(key, serverText, nonce, mine)) {
		return ErrAuthentication
	}
	return nil
}

// within runs a proof that must be over in time.
func within(c Conn, limit time.Duration, prove func() error) error {
	err := errors.Join(c.SetDeadline(time.Now().Add(limit)), prove())
	return errors.Join(err, c.SetDeadline(time.Time{}))
}

// connect connects to a manager and proves who this is.
func connect(ctx context.Context, at string) (Conn, error) {
	t, address, err := transportOf(at)
	if err != nil || !proven(at) {
		if err != nil {
			return nil, err
		}
		return t.Dial(ctx, address, TLSFiles{})
	}
	known, err := credentialsFor(at)
	if err != nil {
		return nil, err
	}
	return connectWith(ctx, at, known)
}

func connectWith(ctx context.Context, at string, known Credentials) (Conn, error) {
	t, address, err := transportOf(at)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, known.Timeout)
	defer cancel()
	c, err := t.Dial(ctx, address, known.TLS)
	if err != nil {
		return nil, err
	}
	if err := within(c, known.Timeout, func() error { return proveClient(c, known.AuthKey) }); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// reach connects to an address with credentials that come with it, and returns them with every field decided.
func reach(ctx context.Context, at string, as Credentials) (c Conn, _ Credentials, err error) {
	if !proven(at) {
		c, err = connect(ctx, at)
	} else if as, err = as.decided(); err == nil {
		c, err = connectWith(ctx, at, as)
	}
	if err != nil {
		return nil, as, fmt.Errorf("multiprocessing: connecting to %s: %w", at, err)
	}
	return c, as, nil
}
