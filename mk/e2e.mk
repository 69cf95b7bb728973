# The end-to-end suite, on the sandbox and on a real control plane. docs/testing.md says what is proven where.
E2E_TESTS = $(shell find test/e2e -name '*.test.ts' 2>/dev/null | sort)
# Wall clocks and traffic: two clusters at once on two cores only make each other slow.
E2E_RUN = KUBECTL_ZEROLOSS=$(CURDIR)/dist/bin/kubectl-zeroloss $(RUN) --test --test-concurrency=1

.PHONY: e2e
ifeq ($(origin KUBECONFIG),command line)
e2e: build ## Run the end-to-end suite on a real control plane, or on KUBECONFIG=FILE
	E2E_KUBECONFIG=$(abspath $(KUBECONFIG)) $(E2E_RUN) $(shell find test/e2e/differential -name '*.test.ts' | sort)
else
e2e: build test-tools ## Run the end-to-end suite on a real control plane, or on KUBECONFIG=FILE
	E2E_CLUSTER=real $(E2E_RUN) $(E2E_TESTS)
endif

.PHONY: e2e-sandbox
e2e-sandbox: build ## Run the end-to-end suite on the sandbox
	E2E_CLUSTER=sandbox $(E2E_RUN) $(E2E_TESTS)

.PHONY: test-tools
test-tools: $(DEPS) ## Build what the end-to-end suite needs (Go 1.25 or newer; cached)
	@$(RUN) scripts/build-test-tools.ts
