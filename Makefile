# `make demo` and `make test` make the environment that they need, in .venv; nothing else has to be installed.

PYTHONS := python3 python3.12 python3.11 python3.10
USABLE := import ensurepip, sys, venv; sys.exit(not (3, 10) <= sys.version_info < (3, 13))
BIN := .venv/bin
INSTALLED := .venv/.installed

.PHONY: demo install test clean

demo: install
	$(BIN)/python -m tools.cli demo

install: $(INSTALLED)

# Done again when what is to be installed has changed.
$(INSTALLED): pyproject.toml constraints.txt
	@test -x $(BIN)/python || { \
	  for python in $(PYTHONS); do \
	    if $$python -c "$(USABLE)" 2> /dev/null; then exec $$python -m venv .venv; fi; \
	  done; \
	  echo "Coverband needs Python 3.10, 3.11 or 3.12 with its venv module, and none of $(PYTHONS) is that." >&2; \
	  exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev,render]"
	@touch $@

test: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n 2 --dist loadfile

clean:
	rm -rf .venv demo_out demo_run build dist coverband.egg-info
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
