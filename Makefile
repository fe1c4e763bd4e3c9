# `make studio`, `make demo` and `make test` make the environment that they need, in .venv; nothing else has to be installed.
# `make test-latest` and `make smoke-latest` make one of their own, in .venv-latest, with newer versions.

BIN := .venv/bin
LATEST := .venv-latest/bin
# Whether a Python is one of those that its arguments name, and can make environments.
USABLE := import ensurepip, sys, venv; sys.exit('python3.%d' % sys.version_info[1] not in sys.argv)
PYTEST := -m pytest -n 2 --dist loadfile --no-loadscope-reorder
SMOKE := tests/audio/test_mel.py tests/audio/test_tfio.py tests/nn/test_optimizers.py tests/nn/test_translator.py \
  tests/nn/test_portable.py tests/data/test_domain_folders.py tests/training/test_hardware.py \
  tests/cyclegan/test_model.py::test_hinge_trains_too tests/vaegan/test_model.py::test_all_three_learn \
  tests/inference/test_translate.py tests/styletransfer/feedforward/test_networks.py

.PHONY: studio demo install test test-slow test-latest smoke-latest clean

studio: install
	$(BIN)/coverband studio --examples tools/demo_songs

demo: install
	$(BIN)/python -m tools demo

install: .venv/.installed

test: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python $(PYTEST)

test-slow: install
	$(BIN)/python $(PYTEST) -m slow

test-latest: .venv-latest/.installed
	$(LATEST)/python $(PYTEST)

smoke-latest: .venv-latest/.installed
	$(LATEST)/python $(PYTEST) $(SMOKE)

# What is installed where; done again when it has changed.
.venv/.installed: CONSTRAINTS := constraints.txt
.venv/.installed: EXTRAS := dev,onnx,render,tfio
.venv/.installed: PYTHONS := python3 python3.12 python3.11 python3.10
.venv-latest/.installed: CONSTRAINTS := constraints-latest.txt
.venv-latest/.installed: EXTRAS := dev,onnx,render
.venv-latest/.installed: PYTHONS := python3 python3.13 python3.12 python3.11 python3.10
.venv/.installed: constraints.txt
.venv-latest/.installed: constraints-latest.txt
%/.installed: pyproject.toml
	@test -x $*/bin/python || { \
	  for python in $(PYTHONS); do \
	    if $$python -c "$(USABLE)" $(PYTHONS) 2> /dev/null; then exec $$python -m venv $*; fi; \
	  done; \
	  echo "Coverband needs one of $(wordlist 2,9,$(PYTHONS)) with its venv module, and finds none." >&2; \
	  exit 1; }
	$*/bin/python -m pip install --quiet --disable-pip-version-check -c $(CONSTRAINTS) -e ".[$(EXTRAS)]"
	@touch $@

clean:
	rm -rf .venv .venv-latest demo_out demo_run build dist coverband.egg-info
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
