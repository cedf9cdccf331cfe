# Each target is a line of .ci/do, which works without make too.
.PHONY: run test race check bench build headless fmt vuln
run test race check bench build headless fmt vuln:
	@sh .ci/do $@
