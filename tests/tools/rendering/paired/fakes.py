"""Synthetic works, which do not require music21."""

import numpy as np

from tools.rendering.repertoire import Work
from tools.rendering.scores import Note, Piece

COMPOSER = "A. Composer (1700-1760)"


def work(number, kind="chorale", quarters=96):
    """Random walks of four voices, with a fermata every eight quarters, and 4/4 bars after an upbeat."""
    steps = np.random.default_rng(number).integers(-7, 8, (4, quarters)).cumsum(axis=1) % 12
    notes = tuple(
        Note(float(i), 1.0, int(72 - 8 * voice + pitch), voice)
        for voice, line in enumerate(steps)
        for i, pitch in enumerate(line)
    )
    phrases = tuple(float(i) for i in range(8, quarters + 1, 8))
    bars = tuple(float(i) for i in range(-3, quarters, 4))
    return Work(kind, COMPOSER, Piece(f"{kind}{number}", "", notes, phrases, bars))


def works(chorales=40, quartets=30):
    """Works of both kinds with different tunes."""
    return [work(i) for i in range(chorales)] + [work(100 + i, "quartet") for i in range(quartets)]
