# Two commands do everything: `make run` shows one whole cycle, `make test` runs every check.
PYTHON ?= python3.11
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: run test
.DELETE_ON_ERROR:

run: $(VENV)/installed
	@$(BIN)/neuropilot demo

test: $(VENV)/installed-tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/pytest -n 2 $(if $(filter true,$(CI)),,-m "not slow")
