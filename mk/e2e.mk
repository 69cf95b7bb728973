# The end-to-end suite, on the sandbox and on a real control plane. docs/dev/testing.md says what is proven where.
E2E_TESTS = $(shell find test/e2e -name '*.test.ts' | sort)
# These compare with a real API server, restart it, have its Job controller run Jobs, or install with krew: the sandbox alone is not enough.
E2E_NEEDS_GO = test/e2e/differential/% test/e2e/stopped/api-restart.test.ts test/e2e/stopped/expired.test.ts test/e2e/terminal/krew.test.ts test/e2e/in-cluster/%
# What people have who do this job, each with its manifest and the verdict that it should get.
E2E_CASES = $(filter test/e2e/cases/%,$(E2E_TESTS))
# Two versions beside each other, with time-outs of their own: on the sandbox, once the others are through.
E2E_VERSIONS = test/e2e/stopped/versions.test.ts
# Needs HAProxy and wrk.
E2E_BALANCER_TEST = test/e2e/balancer/haproxy.test.ts
# HAProxy in the place of the sandbox's own proxy, under the tests whose verdict the connections give. It carries TCP only.
E2E_HAPROXY = $(E2E_BALANCER_TEST) $(filter %/main-job.test.ts %/script.test.ts %/upgrade.test.ts %/window.test.ts %/killed-upgrade.test.ts,$(E2E_TESTS))
E2E_RUN = KUBECTL_ZEROLOSS=$(CURDIR)/dist/bin/kubectl-zeroloss $(RUN) test/e2e/run.ts

ifeq ($(origin KUBECONFIG),command line)
E2E_PREREQUISITES = build
E2E_COMMAND = E2E_KUBECONFIG=$(abspath $(KUBECONFIG)) $(E2E_RUN) $(filter test/e2e/differential/%,$(E2E_TESTS))
else
E2E_PREREQUISITES = build test-tools
E2E_COMMAND = E2E_CLUSTER=real $(E2E_RUN) $(filter-out $(E2E_CASES) $(E2E_VERSIONS) $(E2E_BALANCER_TEST),$(E2E_TESTS))
endif

.PHONY: e2e
e2e: $(E2E_PREREQUISITES) ## Run the end-to-end suite on a real control plane, or on KUBECONFIG=FILE
	$(E2E_COMMAND)

.PHONY: e2e-sandbox
e2e-sandbox: build ## Run the end-to-end suite on the sandbox
	E2E_CLUSTER=sandbox $(E2E_RUN) $(filter-out $(E2E_NEEDS_GO) $(E2E_VERSIONS) $(E2E_BALANCER_TEST),$(E2E_TESTS))
	E2E_CLUSTER=sandbox $(E2E_RUN) $(E2E_VERSIONS)

.PHONY: e2e-haproxy
e2e-haproxy: build ## Upgrade under traffic through HAProxy, a load balancer that is not ours (from apt-get where it is missing)
	@$(RUN) scripts/ensure-programs.ts haproxy wrk
	E2E_CLUSTER=sandbox E2E_BALANCER=haproxy $(E2E_RUN) $(E2E_HAPROXY)

.PHONY: cases
cases: build ## Run what people have who do this job, on the sandbox: each case with its manifest and its verdict
	E2E_CLUSTER=sandbox $(E2E_RUN) $(E2E_CASES)

.PHONY: test-tools
test-tools: $(DEPS) ## Build what the end-to-end suite needs (Go 1.26 or newer; cached)
	@$(RUN) scripts/build-test-tools.ts controlplane kubectl krew validate-krew-manifest argo-lint workflow-controller argoexec

# Two more kubectls: the oldest and the newest that the suite is held to. Apart, for they take minutes to build.
.PHONY: e2e-kubectl
e2e-kubectl: build test-tools ## Run every kubectl that can be had against the sandbox and a real control plane
	@$(RUN) scripts/build-test-tools.ts kubectl-1.29 kubectl-1.37
	E2E_KUBECTLS=all E2E_CLUSTER=sandbox $(E2E_RUN) test/e2e/terminal/kubectl-versions.test.ts
	E2E_KUBECTLS=all E2E_CLUSTER=real $(E2E_RUN) test/e2e/terminal/kubectl-versions.test.ts

# A second real control plane: the newest Kubernetes that Go 1.26 builds (test/controlplane/newest.mod). By hand: ten minutes to build.
.PHONY: newest-tools
newest-tools: test-tools ## Build the newest control plane (Go 1.26 or newer; cached)
	@$(RUN) scripts/build-test-tools.ts controlplane-newest

.PHONY: e2e-newest
e2e-newest: build newest-tools ## Run the end-to-end suite on the newest Kubernetes
	E2E_CONTROL_PLANE=newest $(E2E_COMMAND)
