package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"net/http"
	"time"
)

func renderKubeconfig(server string, authority []byte, user pair) []byte {
	encoded := base64.StdEncoding.EncodeToString
	return fmt.Appendf(nil, `apiVersion: v1
kind: Config
current-context: controlplane
clusters:
- name: controlplane
  cluster:
    server: %s
    certificate-authority-data: %s
contexts:
- name: controlplane
  context:
    cluster: controlplane
    user: admin
    namespace: default
users:
- name: admin
  user:
    client-certificate-data: %s
    client-key-data: %s
`, server, encoded(authority), encoded(user.certPEM), encoded(user.keyPEM))
}

const readyWithin = 3 * time.Minute

// awaitReady asks as the administrator until the answer is 200, the context ends, or it has taken too long.
func (p *pki) awaitReady(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	certificate, err := tls.X509KeyPair(p.admin.certPEM, p.admin.keyPEM)
	if err != nil {
		return err
	}
	roots := x509.NewCertPool()
	roots.AddCert(p.certificate)
	config := &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{certificate}}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: config, DisableKeepAlives: true}, Timeout: 5 * time.Second}
	for last := "no answer yet"; ; {
		if response, err := client.Get(url); err != nil {
			last = err.Error()
		} else {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return nil
			}
			last = response.Status
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s is not ready: %s", url, last)
		case <-time.After(100 * time.Millisecond):
		}
	}
}
