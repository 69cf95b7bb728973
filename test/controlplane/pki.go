package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

const (
	authorityCert  = "ca.crt"
	authorityKey   = "ca.key"
	authorityName  = "kubectl-zeroloss-sandbox-ca"
	kubeconfigFile = "kubeconfig"
	validFor       = 30 * 24 * time.Hour
)

// pki is a certificate authority and what it issued at start. Files, names and key identifiers are laid out as the
// sandbox's own authority lays them out, so that the tests issue further certificates from the same directory.
type pki struct {
	dir         string
	key         *ecdsa.PrivateKey
	certificate *x509.Certificate
	admin       pair
}

type pair struct{ certPEM, keyPEM []byte }

func newPKI(dir string) (*pki, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	keyID, err := keyIdentifier(key.Public())
	if err != nil {
		return nil, err
	}
	subject, err := rawName(authorityName)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), RawSubject: subject, SubjectKeyId: keyID,
		NotBefore: time.Now().Add(-5 * time.Minute), NotAfter: time.Now().Add(validFor),
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, BasicConstraintsValid: true, IsCA: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return &pki{dir: dir, key: key, certificate: certificate}, nil
}

// write issues everything that the components, the kubelet and the administrator need.
func (p *pki) write(server string) error {
	authority, err := encode(p.certificate.Raw, p.key)
	if err != nil {
		return err
	}
	if err := p.save(authorityCert, authority.certPEM, authorityKey, authority.keyPEM); err != nil {
		return err
	}
	hosts := []string{"localhost", "127.0.0.1", "::1", "kubernetes.default.svc", "10.96.0.1"}
	issued := []struct {
		file, user string
		groups     []string
		hosts      []string
	}{
		{"apiserver", "kube-apiserver", nil, hosts},
		{"kubelet-client", "kube-apiserver-kubelet-client", []string{"system:masters"}, nil},
		{"kubelet", "system:node:sandbox-node", []string{"system:nodes"}, []string{"localhost", "127.0.0.1", "sandbox-node"}},
	}
	for _, each := range issued {
		pair, err := p.issue(each.user, each.groups, each.hosts)
		if err != nil {
			return err
		}
		if err := p.save(each.file+".crt", pair.certPEM, each.file+".key", pair.keyPEM); err != nil {
			return err
		}
	}
	if p.admin, err = p.issue("admin", []string{"system:masters"}, nil); err != nil {
		return err
	}
	manager, err := p.issue("system:kube-controller-manager", nil, nil)
	if err != nil {
		return err
	}
	if err := p.saveServiceAccountKeys(); err != nil {
		return err
	}
	for file, pair := range map[string]pair{kubeconfigFile: p.admin, "controller-manager.kubeconfig": manager} {
		text := renderKubeconfig(server, authority.certPEM, pair)
		if err := os.WriteFile(filepath.Join(p.dir, file), text, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// issue makes a server certificate when hosts are given, else a client's: CN is the user, each O a group.
func (p *pki) issue(user string, groups, hosts []string) (pair, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return pair{}, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return pair{}, err
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: user, Organization: groups},
		NotBefore: p.certificate.NotBefore, NotAfter: p.certificate.NotAfter,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
		BasicConstraintsValid: true,
	}
	for _, host := range hosts {
		template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
		if address := net.ParseIP(host); address != nil {
			template.IPAddresses = append(template.IPAddresses, address)
		} else {
			template.DNSNames = append(template.DNSNames, host)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, p.certificate, key.Public(), p.key)
	if err != nil {
		return pair{}, err
	}
	return encode(der, key)
}

func (p *pki) saveServiceAccountKeys() error {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return err
	}
	return p.save("service-account.pub", block("PUBLIC KEY", public), "service-account.key", block("PRIVATE KEY", private))
}

func (p *pki) save(certFile string, certPEM []byte, keyFile string, keyPEM []byte) error {
	if err := os.WriteFile(filepath.Join(p.dir, certFile), certPEM, 0o600); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(p.dir, keyFile), keyPEM, 0o600)
}

func encode(certificate []byte, key crypto.Signer) (pair, error) {
	private, err := x509.MarshalPKCS8PrivateKey(key)
	return pair{block("CERTIFICATE", certificate), block("PRIVATE KEY", private)}, err
}

func block(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func keyIdentifier(key crypto.PublicKey) ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(key)
	sum := sha1.Sum(der)
	return sum[:], err
}

// rawName encodes the CN as UTF8String. Go would choose PrintableString, and compares issuer and subject byte by byte.
func rawName(commonName string) ([]byte, error) {
	value := asn1.RawValue{Class: asn1.ClassUniversal, Tag: asn1.TagUTF8String, Bytes: []byte(commonName)}
	name := pkix.RDNSequence{{{Type: asn1.ObjectIdentifier{2, 5, 4, 3}, Value: value}}}
	return asn1.Marshal(name)
}
