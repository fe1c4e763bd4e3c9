"""Page that draws a song's notes and plays them, in one file without anything from outside."""

from __future__ import annotations

import json

import numpy as np

from pipelines.html.components import definitions, header
from pipelines.html.nodes import node
from pipelines.html.page import asset, document

_PACKAGE = "transcriber"
_SLIDER_STEPS = 100
"""Positions of the slider in a second."""


def page(
    title: str,
    notes: np.ndarray,
    velocities: np.ndarray,
    strokes: np.ndarray,
    beats: np.ndarray,
    seconds: float,
) -> bytes:
    """HTML page of a transcription.

    Args:
        title: of the song.
        notes: [notes, 3]: start and end in seconds, MIDI pitch.
        velocities: [notes], 1 to 127.
        strokes: [strokes, 2]: seconds, index in `piano_roll.DRUM_CLASSES`.
        beats: seconds, [beats].
        seconds: length of the song.

    Returns:
        The file's content, UTF-8.
    """
    rows = np.column_stack([notes, velocities]) if len(notes) else np.zeros((0, 4))
    data = {
        "notes": np.round(rows, 3).tolist(),
        "strokes": np.round(strokes, 3).tolist(),
        "beats": np.round(beats, 3).tolist(),
        "seconds": round(seconds, 3),
    }
    tempo = f"{60 / np.median(np.diff(beats)):.0f} a minute" if len(beats) > 1 else "not found"
    facts = [
        ("Notes", str(len(notes))),
        ("Drum strokes", str(len(strokes))),
        ("Length", f"{seconds:.0f} s"),
        ("Beats", tempo),
    ]
    play = node("button", "Play", type="button", id="play", aria_describedby="keys")
    position = node(
        "input",
        type="range",
        id="position",
        min="0",
        max=str(round(seconds * _SLIDER_STEPS)),
        value="0",
        aria_label="Position in the song, hundredths of a second",
    )
    time = node("output", "0:00", id="time", for_="position")
    canvas = node("canvas", id="roll", role="img", aria_label=f"Piano roll of {title}, high pitches above")
    keys = "Louder notes are darker; drums are below the line: cymbals, snares, bass drums. Click to move."
    return document(
        title,
        header("Transcription", title, definitions(facts, "facts")),
        node("div", play, position, time, class_="player"),
        canvas,
        node("p", keys, id="keys", class_="muted"),
        node("script", json.dumps(data, separators=(",", ":")), type="application/json", id="data"),
        style=asset("roll_page.css", _PACKAGE),
        script=asset("roll_page.js", _PACKAGE),
    )
