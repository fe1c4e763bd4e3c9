from pipelines.metrics.compiled import compile_ahead

# Before any test: pytest-xdist's workers start together.
compile_ahead()
