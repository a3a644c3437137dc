package batch

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/shmath/shmath/sched"
)

// isAddress tells HOST:PORT and :PORT from the name of a file.
func isAddress(s string) bool {
	_, port, err := net.SplitHostPort(s)
	_, isNumber := strconv.ParseUint(port, 10, 16)
	return err == nil && isNumber == nil && !strings.ContainsRune(s, '/')
}

// scrapeTime is how long a client may take to ask and to read.
const scrapeTime = time.Second

// ServeMetrics returns an attendant that answers HTTP requests for /metrics at an address (HOST:PORT) with the pool's figures in
// Prometheus's text format, as long as the run lasts. It speaks just enough HTTP/1.1 (RFC 9112) for collectors and browsers:
// with net/http in the program, each of its workers would start a millisecond later.
func ServeMetrics(address string) Attendant {
	return func(p *sched.Pool) (func() error, error) {
		l, err := net.Listen("tcp", address)
		if err != nil {
			return nil, fmt.Errorf("serving metrics: %w; choose an address and a port that are free", err)
		}
		var clients sync.WaitGroup
		clients.Go(func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return // closed
				}
				clients.Go(func() {
					defer c.Close()
					_ = c.SetDeadline(time.Now().Add(scrapeTime))
					answer(c, p.WriteMetrics)
				})
			}
		})
		return func() error {
			err := l.Close()
			clients.Wait()
			return err
		}, nil
	}
}

const requestMax = 16 << 10 // bytes of a request's head

// answer reads one request and writes its response.
func answer(c io.ReadWriter, page func(io.Writer) error) {
	head := bufio.NewReader(io.LimitReader(c, requestMax))
	var lines []string
	for len(lines) == 0 || lines[len(lines)-1] != "" {
		line, err := head.ReadString('\n')
		if err != nil {
			return // it went away, or talks too much
		}
		lines = append(lines, strings.TrimSpace(line))
	}
	words := strings.Fields(lines[0])
	var body bytes.Buffer
	status := "200 OK"
	switch {
	case len(words) != 3 || !strings.HasPrefix(words[2], "HTTP/1."):
		status = "400 Bad Request"
	case words[0] != "GET" && words[0] != "HEAD":
		status = "405 Method Not Allowed"
	case words[1] != "/metrics" && !strings.HasPrefix(words[1], "/metrics?"):
		status = "404 Not Found"
	default:
		if err := page(&body); err != nil {
			status = "503 Service Unavailable" // the pool is being closed
			body.Reset()
		}
	}
	if status != "200 OK" {
		fmt.Fprintf(&body, "%s; the figures are at /metrics\n", status)
	}
	fmt.Fprintf(c, "HTTP/1.1 %s\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\nContent-Length: %d\r\nConnection: close\r\n\r\n", status, body.Len())
	if len(words) == 0 || words[0] != "HEAD" {
		_, _ = body.WriteTo(c)
	}
}
