# Every target calls devtools; `make help` lists them with their options.
PYTHON ?= python3
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help run test test-deep demo lint bench shell i18n terms dump clean

help run test test-deep demo lint bench shell i18n terms dump clean:
	@$(PYTHON) devtools $@ $(ARGS)
