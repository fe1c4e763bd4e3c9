"""Spectrograms of the demo: a row for every piece, a column for every system, on one colour scale."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from pipelines.audio.mel_filters import mel_matrix
from pipelines.audio.scaling import to_db
from pipelines.audio.spec import AudioSpec

SECONDS = 8.0
"""Length of the excerpts from the middle of the pieces, seconds."""

_RANGE_DB = 80.0
_TICKS_HZ = (250, 1000, 4000, 16000)
_INCHES = (3.1, 2.2)
_DPI = 80


def save(path: Path, spec: AudioSpec, pieces: Mapping[str, Mapping[str, np.ndarray]]) -> None:
    """Writes the figure.

    Args:
        path: PNG file.
        spec: audio spec of the log-mels.
        pieces: scaled log-mels [frames, n_mels], by the name of the piece and the title of the column; all
            pieces have the same columns.
    """
    columns = list(next(iter(pieces.values())))
    size = (_INCHES[0] * len(columns) + 0.8, _INCHES[1] * len(pieces) + 0.4)
    figure = Figure(figsize=size, dpi=_DPI, layout="constrained")
    grid = figure.subplots(len(pieces), len(columns), squeeze=False, sharex=True, sharey=True)
    levels = {name: {c: _excerpt(spec, row[c]) for c in columns} for name, row in pieces.items()}
    top = max(float(level.max()) for row in levels.values() for level in row.values())
    for axes, (name, row) in zip(grid, levels.items(), strict=True):
        for axis, (title, level) in zip(axes, row.items(), strict=True):
            image = axis.imshow(
                level.T, aspect="auto", origin="lower", cmap="magma", vmin=top - _RANGE_DB, vmax=top
            )
            _label(axis, spec, title if name == next(iter(levels)) else "")
        axes[0].set_ylabel(f"{name}\nkHz")
    for axis in grid[-1]:
        axis.set_xlabel("seconds")
    figure.colorbar(image, ax=grid, label="dB", shrink=0.8)
    _write(figure, path)


def _write(figure: Figure, path: Path) -> None:
    """Writes a PNG with a palette of 128 colours, a third of the size of true colours."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB").quantize(128).save(path, optimize=True)


def _excerpt(spec: AudioSpec, log_mel: np.ndarray) -> np.ndarray:
    """Levels of the middle of a piece, dB, [frames, n_mels]."""
    frames = min(len(log_mel), round(SECONDS * spec.frame_rate))
    start = (len(log_mel) - frames) // 2
    return np.asarray(to_db(spec, log_mel[start : start + frames]))


def _label(axis: Axes, spec: AudioSpec, title: str) -> None:
    """Sets the title, and ticks in seconds and kilohertz."""
    axis.set_title(title)
    seconds = np.arange(0, SECONDS + 1, 2)
    axis.set_xticks(seconds * spec.frame_rate, [f"{second:.0f}" for second in seconds])
    bands = mel_matrix(spec)
    hertz = [each for each in _TICKS_HZ if each < spec.fmax]
    places = [int(bands[round(each * spec.n_fft / spec.sample_rate)].argmax()) for each in hertz]
    axis.set_yticks(places, [f"{each / 1000:g}" for each in hertz])
