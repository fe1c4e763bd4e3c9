"""Kinds of songs that can be left out; a separate module, which imports nothing."""

DUPLICATES, SILENCE = "duplicates", "silence"
KINDS = (DUPLICATES, SILENCE)
"""Kinds that the user can select."""
