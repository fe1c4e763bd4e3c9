"""The commands; they know no model family but by name."""
