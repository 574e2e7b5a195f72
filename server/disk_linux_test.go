package server_test

import (
	"fmt"
	"net/http"
	"os/exec"
	"testing"

	"golang.org/x/sys/unix"
)

// diskTakes lets no file of the process be written beyond so many bytes from now on; 0 is a disk that takes no write at all: SQLite meets
// the same failed write as on one that the system has made read-only.
func diskTakes(t testing.TB, command *exec.Cmd, bytes uint64) {
	t.Helper()
	must(t, unix.Prlimit(command.Process.Pid, unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: bytes, Max: unix.RLIM_INFINITY}, nil))
}

// A disk takes no more, or no write at all: what is asked is refused whole with 503 and what to do, health says so and reading goes on.
// Once the disk takes writes again the same process stores again, and nothing that it acknowledged is lost.
func TestDiskComesBackWithoutARestart(t *testing.T) {
	const room = 1 << 40
	for _, row := range []struct {
		name  string
		takes uint64
	}{{"full", 600_000}, {"read-only", 0}} {
		t.Run(row.name, func(t *testing.T) {
			seed, path := seeded(t)
			s, command := seed.process(path, serveFileSize+"="+fmt.Sprint(uint64(room)))
			s.call("POST", "/api/v1/assessments", request("p-0")).want(http.StatusCreated)
			s.call("GET", "/readyz", "").want(http.StatusOK)
			diskTakes(t, command, row.takes)
			stored := 1
			for ; stored < 200; stored++ {
				a := s.call("POST", "/api/v1/assessments", request(fmt.Sprintf("p-%d", stored)))
				if a.status != http.StatusCreated {
					a.want(http.StatusServiceUnavailable).isProblem("", "unavailable", "nothing was stored")
					break
				}
			}
			if stored == 200 || row.takes == 0 && stored > 1 {
				t.Fatalf("%d were stored before the disk took no more", stored)
			}
			refused := fmt.Sprintf("p-%d", stored)
			for range 3 {
				s.call("PUT", "/api/v1/people/"+refused+"/history", history(refused)).want(http.StatusServiceUnavailable)
				if s.call("GET", "/readyz", "").want(http.StatusServiceUnavailable).header.Get("Retry-After") == "" {
					t.Error("health does not say when to ask again")
				}
			}
			s.call("GET", "/healthz", "").want(http.StatusOK)
			s.call("GET", "/api/v1/models", "").want(http.StatusOK)

			diskTakes(t, command, room)
			s.call("GET", "/readyz", "").want(http.StatusOK)
			s.call("GET", "/api/v1/people/"+refused+"/assessments", "").want(http.StatusNotFound)
			for n := range stored {
				s.call("GET", fmt.Sprintf("/api/v1/people/p-%d/assessments", n), "").want(http.StatusOK)
			}
			s.call("POST", "/api/v1/assessments", request(refused)).want(http.StatusCreated)
			s.whole(path)
		})
	}
}
