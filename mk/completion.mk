# Completion in real shells. bash is tested by `make test`; PowerShell is in no Debian archive, and is not tested.
.PHONY: completion-test
completion-test: build ## Complete lines in a real zsh and a real fish (from apt-get where they are missing)
	@for shell in zsh fish; do \
	  command -v $$shell >/dev/null && continue; \
	  { apt-get update -qq && apt-get install -y -qq --no-install-recommends $$shell; } \
	    || { echo "error: completion-test needs $$shell, and apt-get cannot install it here" >&2; exit 1; }; \
	done
	KUBECTL_ZEROLOSS=$(CURDIR)/dist/bin/kubectl-zeroloss $(RUN) --test --test-timeout=300000 test/shells/*.test.ts
