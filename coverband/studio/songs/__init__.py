"""Generic songs for who has none: 21 chorales by J. S. Bach, each on one instrument, released under CC0 1.0.

`tools/demo_songs/README.md` in the repository says how they were made, `python -m tools render studio` writes
them.
"""
