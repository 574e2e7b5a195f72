package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/server"
)

func fail(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// writePair writes a certificate of its own for 127.0.0.1, with its key.
func writePair(t testing.TB, certFile, keyFile string, serial int64) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	fail(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(serial), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	fail(t, err)
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	fail(t, err)
	fail(t, os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600))
	fail(t, os.WriteFile(certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}), 0o600))
}

// TestTLSIsRenewedWhileServing replaces the certificate of a running server: the next connection gets the new one, a broken file changes
// nothing, and a repaired one is taken.
func TestTLSIsRenewedWhileServing(t *testing.T) {
	folder := t.TempDir()
	certFile, keyFile := filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem")
	writePair(t, certFile, keyFile, 1)
	s := serving(t, filepath.Join(folder, "tarozi.db"), "--tls-cert", certFile, "--tls-key", keyFile)
	defer s.end(t)
	serial := func() int64 {
		t.Helper()
		client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true,
			TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}} // the certificate is its own; which one is what is looked at
		answer, err := client.Get(s.url + "/healthz")
		fail(t, err)
		fail(t, answer.Body.Close())
		if answer.StatusCode != http.StatusOK || answer.Header.Get("Strict-Transport-Security") == "" {
			t.Fatalf("status %d, Strict-Transport-Security %q", answer.StatusCode, answer.Header.Get("Strict-Transport-Security"))
		}
		return answer.TLS.PeerCertificates[0].SerialNumber.Int64()
	}
	look := func(want int64) {
		t.Helper()
		time.Sleep(1100 * time.Millisecond) // the files are looked at once a second
		if got := serial(); got != want {
			t.Fatalf("certificate %d is served, not %d", got, want)
		}
	}
	if got := serial(); got != 1 {
		t.Fatalf("certificate %d is served at first", got)
	}
	writePair(t, certFile, keyFile, 2)
	look(2)
	fail(t, os.WriteFile(certFile, []byte("no certificate"), 0o600))
	look(2)
	writePair(t, certFile, keyFile, 3)
	look(3)
	if _, err := tls.Dial("tcp", strings.TrimPrefix(s.url, "https://"), &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS11}); err == nil {
		t.Error("TLS 1.1 is spoken")
	}
}

func TestFrontOptions(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret")
	fail(t, os.WriteFile(secret, []byte("s3cret\n"), 0o600))
	signOn := []string{"--oidc-issuer", "https://sso.example.uz", "--oidc-client-id", "tarozi", "--oidc-client-secret-file", secret,
		"--oidc-redirect", "https://tarozi.example.uz/sign-in/sso/callback", "--oidc-role", "inspectors=officer"}
	for _, row := range []struct {
		name  string
		flags []string
		fault string // part of the error; empty: none
		check func(c *server.Config) bool
	}{
		{"nothing", nil, "", func(c *server.Config) bool { return c.SSO == nil && !c.Secure && c.Proxies == nil }},
		{"proxies", []string{"--trusted-proxies", "10.0.0.0/8,::1", "--secure"}, "", func(c *server.Config) bool { return len(c.Proxies) == 2 && c.Secure }},
		{"no proxy", []string{"--trusted-proxies", "proxy.local"}, "--trusted-proxies", nil},
		{"certificate without key", []string{"--tls-cert", "x"}, "--tls-key", nil},
		{"second factor", []string{"--second-factor-for", "supervisor"}, "", func(c *server.Config) bool {
			return slices.Equal(c.SecondFactorFor, []tarozi.Role{tarozi.Supervisor})
		}},
		{"second factor for all", []string{"--second-factor-for", "all"}, "", func(c *server.Config) bool { return len(c.SecondFactorFor) == len(tarozi.Roles) }},
		{"second factor of a machine", []string{"--second-factor-for", "case_system"}, "--second-factor-for", nil},
		{"single sign-on", signOn, "", func(c *server.Config) bool {
			return c.SSO.ClientSecret == "s3cret" && c.SSO.Roles["inspectors"] == tarozi.Officer && c.SSO.Name == "sso.example.uz"
		}},
		{"issuer in the clear", append(slices.Clone(signOn), "--oidc-issuer", "http://sso.example.uz"), "--oidc-issuer", nil},
		{"no such role", append(slices.Clone(signOn), "--oidc-role", "chiefs=chief"), "--oidc-role chiefs", nil},
		{"no secret", append(slices.Clone(signOn), "--oidc-client-secret-file", ""), ssoSecretVariable, nil},
		{"no secret file", append(slices.Clone(signOn), "--oidc-client-secret-file", "/nowhere"), "--oidc-client-secret-file", nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			command, o := serveCommand(), frontOptions{}
			command.ResetFlags()
			o.flags(command.Flags())
			fail(t, command.ParseFlags(row.flags))
			var c server.Config
			err := o.apply(&c)
			switch {
			case row.fault == "" && err != nil:
				t.Fatal(err)
			case row.fault != "" && (err == nil || !strings.Contains(err.Error(), row.fault)):
				t.Fatalf("%v does not name %s", err, row.fault)
			case row.check != nil && !row.check(&c):
				t.Fatalf("the configuration is %+v", c)
			}
		})
	}
}
