package main

import (
	"fmt"
	"path/filepath"
	"strings"
)

func apiServerFlags(dir string, port, etcdPort int) []string {
	in := func(name string) string { return filepath.Join(dir, name) }
	return []string{
		"--bind-address=127.0.0.1",
		"--advertise-address=127.0.0.1",
		fmt.Sprintf("--secure-port=%d", port),
		fmt.Sprintf("--etcd-servers=http://127.0.0.1:%d", etcdPort),
		"--endpoint-reconciler-type=none",
		"--client-ca-file=" + in(authorityCert),
		"--tls-cert-file=" + in("apiserver.crt"),
		"--tls-private-key-file=" + in("apiserver.key"),
		"--service-account-key-file=" + in("service-account.pub"),
		"--service-account-signing-key-file=" + in("service-account.key"),
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-cluster-ip-range=10.96.0.0/16",
		"--authorization-mode=Node,RBAC",
		"--kubelet-client-certificate=" + in("kubelet-client.crt"),
		"--kubelet-client-key=" + in("kubelet-client.key"),
		"--kubelet-certificate-authority=" + in(authorityCert),
		"--kubelet-preferred-address-types=InternalIP",
		"--egress-selector-config-file=" + in(egressConfig),
		"--profiling=false",
	}
}

// The controllers that these tests are about. No scheduler and no node controllers: the rehearsal kubelet binds pods itself.
var controllerNames = []string{
	"statefulset-controller", "endpoints-controller", "endpointslice-controller", "disruption-controller",
	"garbage-collector-controller", "namespace-controller", "serviceaccount-controller",
	"serviceaccount-token-controller", "root-ca-certificate-publisher-controller",
	"clusterrole-aggregation-controller", "deployment-controller", "replicaset-controller",
	"persistentvolumeclaim-protection-controller", "job-controller",
}

func controllerFlags(dir string, port int) []string {
	in := func(name string) string { return filepath.Join(dir, name) }
	return []string{
		"--kubeconfig=" + in("controller-manager.kubeconfig"),
		"--authentication-kubeconfig=" + in("controller-manager.kubeconfig"),
		"--authorization-kubeconfig=" + in("controller-manager.kubeconfig"),
		"--bind-address=127.0.0.1",
		fmt.Sprintf("--secure-port=%d", port),
		"--tls-cert-file=" + in("apiserver.crt"),
		"--tls-private-key-file=" + in("apiserver.key"),
		"--leader-elect=false",
		"--use-service-account-credentials=true",
		"--service-account-private-key-file=" + in("service-account.key"),
		"--root-ca-file=" + in(authorityCert),
		"--controllers=" + strings.Join(controllerNames, ","),
		"--kube-api-qps=500",
		"--kube-api-burst=1000",
		"--profiling=false",
	}
}
