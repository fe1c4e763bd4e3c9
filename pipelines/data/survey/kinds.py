"""By what songs can be left out; a module of its own, which loads nothing."""

DUPLICATES, SILENCE = "duplicates", "silence"
KINDS = (DUPLICATES, SILENCE)
"""What can be asked for."""
