// Command controlplane runs a Kubernetes control plane for tests, on loopback only: etcd, kube-apiserver and
// kube-controller-manager from one binary, with a certificate authority of its own.
//
//	controlplane --dir STATE      run until SIGTERM or SIGINT; prints the administrator's kubeconfig path once it is ready
//	controlplane kube-apiserver   kube-apiserver itself (started by the above)
//	controlplane kube-controller-manager
//
// SIGHUP restarts kube-apiserver alone, at the same address, and prints the path again once it is ready. The state directory is readable by its owner only.
package main

import (
	"flag"
	"fmt"
	"os"

	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllers "k8s.io/kubernetes/cmd/kube-controller-manager/app"
)

func main() {
	// Each component is a process of its own: they parse their own flags and take signals for themselves, and the API
	// server can be restarted without the others.
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "kube-apiserver":
			os.Args = os.Args[1:]
			os.Exit(cli.Run(apiserver.NewAPIServerCommand()))
		case "kube-controller-manager":
			os.Args = os.Args[1:]
			os.Exit(cli.Run(controllers.NewControllerManagerCommand()))
		}
	}
	var options options
	flag.StringVar(&options.dir, "dir", "", "state directory: made if missing, mode 0700 (required)")
	flag.IntVar(&options.port, "port", 0, "port of kube-apiserver on 127.0.0.1; 0 takes a free one")
	flag.Parse()
	if options.dir == "" || flag.NArg() > 0 {
		fmt.Fprintln(os.Stderr, "error: usage: controlplane --dir STATE [--port PORT]")
		os.Exit(2)
	}
	if err := run(options); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}
