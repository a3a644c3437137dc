package batch

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/shmath/shmath/sched"
)

func TestIsAddress(t *testing.T) {
	for s, want := range map[string]bool{
		":9090": true, "localhost:0": true, "[::1]:80": true, "127.0.0.1:65535": true,
		"shmath.prom": false, "a/b:80": false, "x:http": false, "x:65536": false, "": false, "C:page": false,
	} {
		if isAddress(s) != want {
			t.Errorf("%q: %v", s, !want)
		}
	}
}

// ask sends a request and returns the status line and the body, which must be as long as the head says.
func ask(t *testing.T, address, request string) (status, body string) {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, request); err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	head, body, _ := strings.Cut(string(raw), "\r\n\r\n")
	status, _, _ = strings.Cut(head, "\r\n")
	if want := fmt.Sprintf("Content-Length: %d", len(body)); len(raw) > 0 && !strings.HasPrefix(request, "HEAD") && !strings.Contains(head, want) {
		t.Errorf("%q does not say %q", head, want)
	}
	return status, body
}

func TestServeMetrics(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	p, err := sched.Start(t.Context(), &sched.Options{Workers: 2, Backend: sched.InProcess})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if _, err := ServeMetrics(address)(p); err == nil || !strings.Contains(err.Error(), address) {
		t.Errorf("a port that is taken: %v", err)
	}
	l.Close()
	leave, err := ServeMetrics(address)(p)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ request, status, body string }{
		{"GET /metrics HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n\r\n", "HTTP/1.1 200 OK", "shmath_pool_workers{"},
		{"GET /metrics?x=1 HTTP/1.0\n\n", "HTTP/1.1 200 OK", "shmath_worker_up{"},
		{"HEAD /metrics HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK", ""},
		{"GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 404 Not Found", "/metrics"},
		{"POST /metrics HTTP/1.1\r\n\r\n", "HTTP/1.1 405 Method Not Allowed", ""},
		{"nonsense\r\n\r\n", "HTTP/1.1 400 Bad Request", ""},
		{"\r\n", "HTTP/1.1 400 Bad Request", ""},
	} {
		status, body := ask(t, address, c.request)
		if status != c.status || !strings.Contains(body, c.body) {
			t.Errorf("%q: %q, %q", c.request, status, body)
		}
	}
	silent, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	if err := leave(); err != nil { // does not wait for the one that says nothing for longer than scrapeTime
		t.Error(err)
	}
	if _, err := bufio.NewReader(silent).ReadByte(); err == nil {
		t.Error("it was answered")
	}
	if c, err := net.Dial("tcp", address); err == nil {
		c.Close()
		t.Error("it still listens")
	}
}
