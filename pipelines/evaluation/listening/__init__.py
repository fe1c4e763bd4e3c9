"""Listening test of an evaluation's systems (MUSHRA-style, ITU-R BS.1534), and statistics of its results."""
