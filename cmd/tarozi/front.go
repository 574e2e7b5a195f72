package main

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/server"
)

// ssoSecretVariable holds the client secret of the single sign-on where no file does: arguments are seen by everybody on the machine.
const ssoSecretVariable = "TAROZI_OIDC_CLIENT_SECRET"

// frontOptions say how people and proxies reach the service, and how people sign in.
type frontOptions struct {
	certFile, keyFile string
	secure            bool
	proxies           []string
	factorFor         []string
	missing           int
	sso               server.SSO
	ssoSecretFile     string
	ssoRoles          map[string]string
}

func (o *frontOptions) flags(f *pflag.FlagSet) {
	f.BoolVar(&o.secure, "secure", false, "a proxy in front speaks HTTPS: send the session's cookie over HTTPS alone; --tls-cert implies it")
	f.StringVar(&o.certFile, "tls-cert", "", "PEM file of the certificate with its chain: serve HTTPS; a renewed file is served without a restart")
	f.StringVar(&o.keyFile, "tls-key", "", "PEM file of the certificate's private key")
	f.StringSliceVar(&o.proxies, "trusted-proxies", nil, "addresses or networks of proxies in front: they alone are believed about who asks")
	f.StringSliceVar(&o.factorFor, "second-factor-for", nil, "roles that do nothing without a second factor, such as supervisor,system_administrator; all: every role of people")
	f.IntVar(&o.missing, "missing-at-once", server.DefaultRates.Missing.Burst, "how often an account is told that there is no such person or assessment before it must wait: whoever tries out ids is stopped")
	f.StringVar(&o.sso.Issuer, "oidc-issuer", "", "OpenID Connect issuer of a single sign-on, the URL above /.well-known/openid-configuration")
	f.StringVar(&o.sso.Name, "oidc-name", "", "name of the organisation on the button; the issuer's host if left out")
	f.StringVar(&o.sso.ClientID, "oidc-client-id", "", "this service's id with the issuer")
	f.StringVar(&o.ssoSecretFile, "oidc-client-secret-file", "", "file with this service's secret with the issuer; else the variable "+ssoSecretVariable)
	f.StringVar(&o.sso.Redirect, "oidc-redirect", "", "URL of this service's /sign-in/sso/callback, as registered with the issuer")
	f.StringSliceVar(&o.sso.Scopes, "oidc-scopes", []string{"profile"}, "scopes that are asked for beside openid")
	f.StringVar(&o.sso.RoleClaim, "oidc-role-claim", "groups", "claim of the ID token with a person's groups")
	f.StringToStringVar(&o.ssoRoles, "oidc-role", nil, "role of a group, as group=role, once for each; nobody in none of them gets in")
	f.StringVar(&o.sso.AgencyClaim, "oidc-agency-claim", "agency", "claim of the ID token with the id of a person's agency")
}

// apply puts the options into the server's configuration. The error names the flag at fault.
func (o *frontOptions) apply(c *server.Config) error {
	c.Secure = o.secure || o.certFile != ""
	if (o.certFile == "") != (o.keyFile == "") {
		return errors.New("--tls-cert and --tls-key are given together")
	}
	for _, p := range o.proxies {
		if _, err := netip.ParsePrefix(p); err != nil {
			if _, err := netip.ParseAddr(p); err != nil {
				return fmt.Errorf("--trusted-proxies: %q is neither an address nor a network such as 10.0.0.0/8", p)
			}
		}
	}
	c.Proxies = o.proxies
	if o.missing < 1 {
		return errors.New("--missing-at-once: give 1 or more")
	}
	c.Rates = server.DefaultRates
	c.Rates.Missing.Burst = o.missing
	for _, name := range o.factorFor {
		if name == "all" {
			c.SecondFactorFor = append(c.SecondFactorFor, tarozi.Roles...)
			continue
		}
		role, err := personsRole(name)
		if err != nil {
			return fmt.Errorf("--second-factor-for: %w", err)
		}
		c.SecondFactorFor = append(c.SecondFactorFor, role)
	}
	if o.sso.Issuer == "" {
		return nil
	}
	sso, err := o.signOn()
	c.SSO = sso
	return err
}

// personsRole is a role of people; machines neither sign in nor have second factors.
func personsRole(name string) (tarozi.Role, error) {
	role := tarozi.Role(name)
	if !slices.Contains(tarozi.Roles, role) || role == tarozi.CaseSystem {
		return "", fmt.Errorf("%q is no role of people: choose from %v without %s", name, tarozi.Roles, tarozi.CaseSystem)
	}
	return role, nil
}

func (o *frontOptions) signOn() (*server.SSO, error) {
	sso := o.sso
	for _, f := range []struct{ flag, value string }{{"--oidc-issuer", sso.Issuer}, {"--oidc-redirect", sso.Redirect}} {
		u, err := url.Parse(f.value)
		if err != nil || u.Host == "" || (u.Scheme != "https" && !(u.Scheme == "http" && loopback(u.Hostname()))) {
			return nil, fmt.Errorf("%s: give an https:// URL; http:// goes on this machine alone", f.flag)
		}
		sso.Name = cmp.Or(sso.Name, u.Host)
	}
	if sso.ClientID == "" {
		return nil, errors.New("--oidc-client-id is missing: the issuer gave it when this service was registered")
	}
	if len(o.ssoRoles) == 0 {
		return nil, errors.New("--oidc-role is missing: nobody would get in; give group=role at least once")
	}
	sso.Roles = map[string]tarozi.Role{}
	for group, name := range o.ssoRoles {
		role, err := personsRole(name)
		if err != nil {
			return nil, fmt.Errorf("--oidc-role %s: %w", group, err)
		}
		sso.Roles[group] = role
	}
	sso.ClientSecret = os.Getenv(ssoSecretVariable)
	if o.ssoSecretFile != "" {
		secret, err := os.ReadFile(o.ssoSecretFile)
		if err != nil {
			return nil, fmt.Errorf("--oidc-client-secret-file: %w", err)
		}
		sso.ClientSecret = strings.TrimSpace(string(secret))
	}
	if sso.ClientSecret == "" {
		return nil, fmt.Errorf("the client secret is missing: give --oidc-client-secret-file or the variable %s", ssoSecretVariable)
	}
	return &sso, nil
}

func loopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.IsLoopback()
}

// front wraps the listener in TLS where certificate files are given.
func (o *frontOptions) front(l net.Listener, log *slog.Logger) (net.Listener, error) {
	if o.certFile == "" {
		return l, nil
	}
	return server.ListenTLS(l, o.certFile, o.keyFile, log)
}

// scheme of the service's addresses.
func (o *frontOptions) scheme() string {
	if o.certFile == "" {
		return "http"
	}
	return "https"
}
