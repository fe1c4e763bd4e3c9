"""Demo: all commands of Coverband on a small corpus, rendered from public-domain scores."""

from pathlib import Path

DEMO_SONGS = Path(__file__).parents[1] / "demo_songs"
"""Folder of the corpus: content/, band/ and truth/."""
