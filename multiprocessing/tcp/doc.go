// Package tcp lets managers of package multiprocessing listen at, and be reached by, TCP addresses. Import it for its
// effect:
//
//	import _ "github.com/shmath/shmath/multiprocessing/tcp"
//
//	m, err := mp.NewManager(ctx, &mp.ManagerOptions{Address: "tcp://127.0.0.1:0"})
//	...                                                       // another program:
//	m, err := mp.ConnectManager(ctx, "tcp://host:4242", mp.Credentials{AuthKey: key})
//
// Both sides prove to each other that they know the same key. With Credentials.TLS all that follows is encrypted, too: the
// server has to have a certificate, and a side that names an authority asks for one of the other side.
//
// It is a package of its own because net and crypto/tls cost every process of a program that links them.
package tcp
