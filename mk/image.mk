# deploy/Dockerfile, really built, without any image registry: its two base images are made here from Debian packages.
.PHONY: image-check
image-check: build ## Build deploy/Dockerfile with buildah on base images made here, and try what it makes (root and apt; six minutes)
	@$(RUN) scripts/ensure-programs.ts buildah mmdebstrap
	KUBECTL_ZEROLOSS=$(CURDIR)/dist/bin/kubectl-zeroloss $(RUN) scripts/image-check.ts
