"""Kinds of songs that can be excluded; commands import this module for --help, so it has no imports."""

DUPLICATES, SILENCE = "duplicates", "silence"
KINDS = (DUPLICATES, SILENCE)
"""All kinds."""
