# `make help` lists what can be made. Node (any version from 20) with npm, and make, are all that is needed:
# the Node that runs everything is a dependency of the project.
SHELL := /bin/sh
.DEFAULT_GOAL := help

DEPS := node_modules/.package-lock.json
# npm 9 links no program of the name node.
NODE = $(firstword $(wildcard node_modules/.bin/node node_modules/node-*/bin/node) node)
RUN = $(NODE) --import tsx
TESTS = $(shell find test -name '*.test.ts' -not -path 'test/e2e/*' -not -path 'test/whole/*' -not -path 'test/shells/*' -not -path 'test/image/*' | sort)
SOURCES = $(shell find cmd lib sandbox -name '*.ts')

.PHONY: help
help: ## Show this list
	@awk 'BEGIN { FS = ":.*## " } /^[a-z0-9-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(DEPS): package.json package-lock.json .npmrc
	npm ci --loglevel=error
	@touch $@

.PHONY: build
build: dist/bin/kubectl-zeroloss ## Build dist/bin/kubectl-zeroloss

dist/bin/kubectl-zeroloss: $(DEPS) $(SOURCES) $(shell find scripts -type f) package.json
	$(RUN) scripts/build.ts
	@touch $@

.PHONY: demo
demo: build ## Upgrade ten pods three ways under live traffic, in the embedded sandbox
	dist/bin/kubectl-zeroloss sandbox demo $(DEMO_FLAGS)

.PHONY: demo-recording
demo-recording: build ## Record a run of the demo anew, as docs/demo.svg (about five minutes)
	$(RUN) scripts/record-demo.ts dist/bin/kubectl-zeroloss docs/demo.svg $(DEMO_FLAGS)

.PHONY: experiments
experiments: build ## Repeat the experiments of the articles in the sandbox (under ten minutes)
	dist/bin/kubectl-zeroloss sandbox experiment all $(EXPERIMENT_FLAGS)

.PHONY: experiments-judged
experiments-judged: build ## The same, with wrk (apt-get) and fortio (Go 1.25 or newer) as judges of their own
	@$(RUN) scripts/ensure-programs.ts wrk
	fortio="$$($(RUN) scripts/build-test-tools.ts fortio)" && \
	PATH="$$(dirname "$$fortio"):$$PATH" dist/bin/kubectl-zeroloss sandbox experiment all $(EXPERIMENT_FLAGS)

.PHONY: test
test: lint build ## Lint, check types and run every test
	KUBECTL_ZEROLOSS=$(CURDIR)/dist/bin/kubectl-zeroloss $(RUN) --test --test-concurrency=2 --test-timeout=300000 $(TESTS)

include mk/e2e.mk
include mk/completion.mk
include mk/histories.mk
include mk/image.mk

.PHONY: whole
whole: build ## Upgrade ten pods forward and back, by script and by upgrade, under traffic (minutes)
	KUBECTL_ZEROLOSS=$(CURDIR)/dist/bin/kubectl-zeroloss $(RUN) --test test/whole/upgrade.test.ts

.PHONY: lint
lint: $(DEPS) ## Check format, lint rules, types and unused exports
	node_modules/.bin/biome check .
	$(NODE) node_modules/typescript/bin/tsc -p .
	$(NODE) node_modules/knip/bin/knip.js
	$(RUN) scripts/docs.ts --check

.PHONY: shellcheck
shellcheck: $(DEPS) ## Run shellcheck on the generated scripts and our own (installs it with apt if root)
	$(RUN) scripts/shellcheck.ts

.PHONY: docs
docs: $(DEPS) ## Write docs/commands.md from the commands
	$(RUN) scripts/docs.ts

.PHONY: dist
dist: $(DEPS) ## Build archives for every platform, the npm package and the manifest for krew (RELEASE_URL=...)
	$(RUN) scripts/dist.ts

.PHONY: krew-template
krew-template: $(DEPS) ## Write krew-manifest.yaml for the version of package.json
	$(RUN) scripts/krew-template.ts

.PHONY: dist-check
dist-check: $(DEPS) ## Build the last commit's archive twice, in two places, and compare (DIST_ONLY=all: every platform)
	$(RUN) scripts/dist-check.ts

.PHONY: bench
bench: build ## Measure against kubectl and against the physical limit (BENCH_QUICK=1, BENCH_ONLY=start-up,growth)
	$(RUN) bench/bench.ts

.PHONY: format
format: $(DEPS) ## Format, and fix what can be fixed
	node_modules/.bin/biome check --write .

.PHONY: clean
clean: ## Remove what was built
	rm -rf dist coverage
