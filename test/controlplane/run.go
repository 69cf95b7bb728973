package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
)

type options struct {
	dir  string
	port int
}

// run starts everything in the order in which the parts need each other and returns after a signal, with all of it stopped.
func run(options options) error {
	dir, err := filepath.Abs(options.dir)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)

	ports, err := freePorts(4)
	if err != nil {
		return err
	}
	apiPort := options.port
	if apiPort == 0 {
		apiPort = ports[0]
	}
	pki, err := newPKI(dir)
	if err != nil {
		return fmt.Errorf("certificates: %w", err)
	}
	server := fmt.Sprintf("https://127.0.0.1:%d", apiPort)
	if err := pki.write(server); err != nil {
		return fmt.Errorf("certificates: %w", err)
	}
	stopEtcd, err := startEtcd(filepath.Join(dir, "etcd"), ports[1], ports[2])
	if err != nil {
		return fmt.Errorf("etcd: %w", err)
	}
	defer stopEtcd()
	stopEgress, err := startEgress(dir)
	if err != nil {
		return fmt.Errorf("egress: %w", err)
	}
	defer stopEgress()

	died := make(chan error, 2)
	api := &process{name: "kube-apiserver", dir: dir, args: apiServerFlags(dir, apiPort, ports[1]), died: died}
	manager := &process{name: "kube-controller-manager", dir: dir, args: controllerFlags(dir, ports[3]), died: died}
	if err := api.start(); err != nil {
		return err
	}
	// kube-controller-manager needs the API server until the very end, so it goes first.
	defer func() { manager.stop(); api.stop() }()
	ready := make(chan error, 1)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		err := pki.awaitReady(ctx, server+"/readyz")
		if err == nil {
			err = manager.start()
		}
		if err == nil {
			// Pods are refused until their namespace has its service account; it is the controllers' first visible work.
			err = pki.awaitReady(ctx, server+"/api/v1/namespaces/default/serviceaccounts/default")
		}
		ready <- err
	}()

	for {
		select {
		case err := <-ready:
			if err != nil {
				return err
			}
			fmt.Println(filepath.Join(dir, kubeconfigFile))
		case err := <-died:
			return err
		case got := <-signals:
			if got != syscall.SIGHUP {
				return nil
			}
			api.stop()
			if err := api.start(); err != nil {
				return err
			}
			go func() { ready <- pki.awaitReady(ctx, server+"/readyz") }()
		}
	}
}

// freePorts holds all listeners open until it has enough, so that no port comes twice.
func freePorts(count int) ([]int, error) {
	ports := make([]int, 0, count)
	for range count {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer listener.Close()
		ports = append(ports, listener.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}
