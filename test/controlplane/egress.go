package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const (
	egressConfig = "egress.yaml"
	// Pods are known to the API by addresses of the first network and listen on the same ones of the second: the API
	// refuses loopback addresses in Endpoints and for its pod proxy, and nothing here may leave loopback.
	podNetwork      = "10.77."
	loopbackNetwork = "127.77."
)

// startEgress serves HTTP CONNECT on a socket file, for the connections that kube-apiserver makes to kubelets and pods.
func startEgress(dir string) (stop func(), err error) {
	socket := filepath.Join(dir, "egress.sock")
	if err := os.Remove(socket); err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	config := fmt.Sprintf(`apiVersion: apiserver.k8s.io/v1beta1
kind: EgressSelectorConfiguration
egressSelections:
- name: cluster
  connection:
    proxyProtocol: HTTPConnect
    transport:
      uds:
        udsName: %s
`, socket)
	if err := os.WriteFile(filepath.Join(dir, egressConfig), []byte(config), 0o600); err != nil {
		return nil, err
	}
	listener, err := net.Listen("unix", socket)
	if err != nil {
		return nil, err
	}
	server := &http.Server{Handler: http.HandlerFunc(connect), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }()
	return func() { _ = server.Close() }, nil
}

func connect(response http.ResponseWriter, request *http.Request) {
	address, isLoopback := realAddress(request.Host)
	if request.Method != http.MethodConnect || !isLoopback {
		http.Error(response, "only CONNECT to loopback and to pods of this cluster", http.StatusForbidden)
		return
	}
	backend, err := net.DialTimeout("tcp", address, 10*time.Second)
	if err != nil {
		http.Error(response, err.Error(), http.StatusBadGateway)
		return
	}
	client, buffered, err := response.(http.Hijacker).Hijack()
	if err != nil {
		backend.Close()
		return
	}
	if _, err := io.WriteString(client, "HTTP/1.1 200 Connection established\r\n\r\n"); err == nil {
		go pipe(backend, buffered)
		pipe(client, backend)
	}
	client.Close()
	backend.Close()
}

// pipe copies until the reader ends, then tells the writer's peer that nothing follows.
func pipe(to net.Conn, from io.Reader) {
	_, _ = io.Copy(to, from)
	if half, ok := to.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
	}
}

func realAddress(asked string) (address string, isLoopback bool) {
	host, port, err := net.SplitHostPort(asked)
	if err != nil {
		return "", false
	}
	if rest, found := strings.CutPrefix(host, podNetwork); found {
		host = loopbackNetwork + rest
	}
	ip := net.ParseIP(host)
	return net.JoinHostPort(host, port), ip != nil && ip.IsLoopback()
}
