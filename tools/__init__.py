"""The commands; they know no model family but by name."""

import pipelines  # noqa: F401  (quiets TensorFlow before a tool imports it)
