package server_test

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Connections that send a byte now and then hold no worker: others are answered as before, and the server drops the slow ones by
// itself. TAROZI_SLOW_CONNECTIONS says how many, as far as the system lets one process open them on both sides.
func TestSlowConnections(t *testing.T) {
	wanted := 500
	if text := os.Getenv("TAROZI_SLOW_CONNECTIONS"); text != "" {
		var err error
		wanted, err = strconv.Atoi(text)
		must(t, err)
	}
	var limit syscall.Rlimit
	must(t, syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit))
	if most := int(limit.Cur) - 500; wanted > most {
		t.Fatalf("%d connections need as many open files and 500 more; the limit is %d: raise it with ulimit -n", wanted, limit.Cur)
	}
	seed, path := seeded(t)
	s, command := seed.process(path) // a process of its own: each side has its own limit of open files
	quiet := s.slowest(t, 20)
	address, err := url.Parse(s.url)
	must(t, err)
	connections := make([]net.Conn, wanted)
	var opening sync.WaitGroup
	slots := make(chan struct{}, 64)
	for i := range connections {
		opening.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			c, err := net.DialTimeout("tcp", address.Host, 20*time.Second)
			if err != nil {
				t.Errorf("connection %d: %v", i, err)
				return
			}
			connections[i] = c
			fmt.Fprintf(c, "POST /api/v1/assessments HTTP/1.1\r\nHost: %s\r\nX-%d: ", address.Host, i)
		})
	}
	opening.Wait()
	t.Cleanup(func() {
		for _, c := range connections {
			if c != nil {
				c.Close()
			}
		}
	})
	held := time.Now()
	busy := s.slowest(t, 20)
	s.call("GET", "/readyz", "").want(http.StatusOK)
	if busy > 2*time.Second {
		t.Errorf("with %d slow connections a request takes %v", wanted, busy)
	}
	memory := residentMB(t, command.Process.Pid)
	// The time for a request's head is ten seconds; the server then closes the connection, and a read says so.
	dropped := 0
	for _, c := range connections {
		must(t, c.SetReadDeadline(held.Add(30*time.Second)))
		if _, err := c.Read(make([]byte, 512)); err == nil || !os.IsTimeout(err) {
			dropped++
		}
	}
	if dropped != wanted {
		t.Errorf("%d of %d slow connections were dropped", dropped, wanted)
	}
	s.call("GET", "/readyz", "").want(http.StatusOK)
	t.Logf("%d slow connections: the slowest of 20 scores took %v instead of %v, %d MB resident, all dropped within %.0f s",
		wanted, busy.Round(time.Millisecond), quiet.Round(time.Millisecond), memory, time.Since(held).Seconds())
}

// slowest is the longest time that one of n requests took.
func (s *service) slowest(t *testing.T, n int) (most time.Duration) {
	t.Helper()
	for i := range n {
		began := time.Now()
		s.call("POST", "/api/v1/assessments", request(fmt.Sprintf("p-%d-%d", began.UnixNano(), i))).want(http.StatusCreated)
		most = max(most, time.Since(began))
	}
	return most
}

// residentMB is the memory that a process holds.
func residentMB(t *testing.T, pid int) int {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	must(t, err)
	for line := range strings.Lines(string(status)) {
		if rest, found := strings.CutPrefix(line, "VmRSS:"); found {
			kb, err := strconv.Atoi(strings.Fields(rest)[0])
			must(t, err)
			return kb >> 10
		}
	}
	t.Fatal("the process has no memory")
	return 0
}
