"""Tools for maintainers: rendering of corpora, benchmarks and the demo."""

import pipelines  # noqa: F401  (quiets TensorFlow before a tool imports it)
