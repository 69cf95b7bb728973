# Completion in real shells. bash is tested by `make test`; PowerShell is in no Debian archive, and is not tested.
.PHONY: completion-test
completion-test: build ## Complete lines in a real zsh and a real fish (from apt-get where they are missing)
	@$(RUN) scripts/ensure-programs.ts zsh fish
	KUBECTL_ZEROLOSS=$(CURDIR)/dist/bin/kubectl-zeroloss $(RUN) --test --test-timeout=300000 test/shells/*.test.ts
