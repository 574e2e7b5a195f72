package server

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"os"
	"sync"
	"time"
)

// certificate is read from its files again once they have changed, so that a renewed one is served without a restart.
type certificate struct {
	certFile, keyFile string
	log               *slog.Logger

	mu     sync.Mutex
	loaded *tls.Certificate
	stamp  string    // of the files as they were loaded, or failed to be
	looked time.Time // when they were looked at last
}

// lookEvery is how often the files are looked at, at most.
const lookEvery = time.Second

// ListenTLS serves the certificate and key of two PEM files over a listener, and those that take their place. Where a new pair cannot be
// read, the earlier one goes on and the log says so.
func ListenTLS(l net.Listener, certFile, keyFile string, log *slog.Logger) (net.Listener, error) {
	c := &certificate{certFile: certFile, keyFile: keyFile, log: log}
	if err := c.load(); err != nil {
		return nil, err
	}
	return tls.NewListener(l, &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: c.get, NextProtos: []string{"http/1.1"}}), nil
}

func (c *certificate) load() error {
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return fmt.Errorf("reading the certificate %s with its key %s: %w", c.certFile, c.keyFile, err)
	}
	c.loaded, c.stamp, c.looked = &pair, c.present(), time.Now()
	return nil
}

// present tells the files' versions apart.
func (c *certificate) present() string {
	stamp := ""
	for _, name := range []string{c.certFile, c.keyFile} {
		if info, err := os.Stat(name); err == nil {
			stamp += fmt.Sprint(info.ModTime().UnixNano(), " ", info.Size(), "\n")
		}
	}
	return stamp
}

func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.looked) >= lookEvery {
		c.renew()
	}
	return c.loaded, nil
}

// renew loads the files where they have changed since they were looked at.
func (c *certificate) renew() {
	c.looked = time.Now()
	now := c.present()
	if now == c.stamp {
		return
	}
	c.stamp = now
	if err := c.load(); err != nil {
		c.log.Error("the new certificate cannot be used; the earlier one goes on", "error", err.Error())
		return
	}
	c.log.Info("the certificate was renewed")
}
