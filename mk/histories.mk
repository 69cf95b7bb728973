# Seeded histories of bad days: the shipped program in a simulated world (docs/dev/testing.md).
.PHONY: histories
histories: $(DEPS) ## Run seeded histories of bad days over all cores (SEEDS=2000), or replay one in full (SEED=n)
	SEEDS=$(SEEDS) SEED=$(SEED) FROM=$(FROM) PLANT="$(PLANT)" $(RUN) test/histories/run.ts

.PHONY: histories-mutants
histories-mutants: $(DEPS) ## Search for the first history that finds each planted fault (SEEDS=2000, ONLY=part of its name)
	SEEDS=$(SEEDS) FROM=$(FROM) ONLY="$(ONLY)" $(RUN) test/histories/mutants/search.ts
