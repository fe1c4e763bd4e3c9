"""Speed of the translation of songs, by stage."""

from __future__ import annotations

import functools
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from pipelines.audio import files
from pipelines.inference.loading import load_window_translator
from pipelines.inference.translate import SongTranslator
from pipelines.nn.translator_card import TRANSLATOR_FOLDER
from tools.benchmarks import timing
from tools.benchmarks.speed import families, sounds
from tools.benchmarks.speed.setup import Setup
from tools.benchmarks.speed.staged import STAGES, StageTimer
from tools.benchmarks.tables import Table
from tools.benchmarks.timing import Act, Spread

TRANSLATORS = ("cyclegan", "vaegan")
"""Families whose translators are measured by default."""
NO_TRANSLATORS = ("transcriber", "vocoder")
"""Families without a translator."""
_WHOLE = "whole"
_TOLERANCE = 1e-3
"""Relative difference of covers: rounding errors change the phase of bins near zero."""


def tables(setup: Setup) -> Iterator[Table]:
    """A table for each model and each number of channels."""
    songs = {
        "mono": sounds.write_excerpt(setup, mono=True),
        "stereo": sounds.write_excerpt(setup, mono=False),
    }
    for name, model in _models(setup).items():
        measured = timing.apart(measure, (setup, model, tuple(songs.values())))
        for (channels, song), seconds in zip(songs.items(), measured, strict=True):
            yield _table(f"Translation by {name}, {channels}", setup, model, song, seconds)


def _models(setup: Setup) -> dict[str, Path]:
    """Models of the flags, else untrained ones: speed does not depend on the weights."""
    if setup.models:
        return {str(path): path for path in setup.models}
    named = [family for family in setup.presets if family not in NO_TRANSLATORS]
    wanted = [family for family in TRANSLATORS if family in named] or named or TRANSLATORS
    return {setup.presets.get(each, each): timing.apart(untrained, (setup, each)) for each in wanted}


def untrained(task: tuple[Setup, str]) -> Path:
    """Folder of an untrained model that is saved there; to be called in a process of its own."""
    setup, family = task
    folder = setup.scratch / "models" / family
    model = families.trainable(setup, family).model
    folder.mkdir(parents=True, exist_ok=True)
    model.save_translator(folder / TRANSLATOR_FOLDER)
    return folder


def measure(task: tuple[Setup, Path, tuple[Path, ...]]) -> list[dict[str, tuple[float, ...]]]:
    """Times of the translation of songs; to be called in a process of its own.

    Returns:
        For each song, seconds of every round: of each stage, of their sum, and of an unmodified translator.
    """
    setup, model, songs = task
    window_translator = load_window_translator(model)
    staged, plain = StageTimer(window_translator), SongTranslator(window_translator)
    return [_measure_song(setup, staged, plain, song) for song in songs]


def _measure_song(
    setup: Setup, staged: StageTimer, plain: SongTranslator, song: Path
) -> dict[str, tuple[float, ...]]:
    rounds: list[dict[str, float]] = []
    acts: dict[str, Act] = {
        "staged": lambda: rounds.append(staged.stages(song, setup.scratch / "staged.wav")),
        _WHOLE: functools.partial(plain.translate_file, song, setup.scratch / "plain.wav"),
    }
    seconds = timing.alternately(acts, setup.seconds)
    _require_equal(setup.scratch / "staged.wav", setup.scratch / "plain.wav", setup.spec.sample_rate)
    kept = rounds[-len(seconds[_WHOLE]) :]
    return {stage: tuple(each[stage] for each in kept) for stage in STAGES} | seconds


def _require_equal(staged: Path, plain: Path, rate: int) -> None:
    """Raises a ValueError if the staged translation differs from that of `coverband translate`."""
    actual, expected = files.read(staged, rate), files.read(plain, rate)
    error = np.linalg.norm(actual - expected) / np.linalg.norm(expected)
    if error > _TOLERANCE:
        raise ValueError(
            f"the staged translation has a relative difference of {error:.2g} from the plain one"
        )


def whole(model: Path, song: Path, target: Path) -> Act:
    """Translation of one song by a loaded model."""
    return functools.partial(SongTranslator(load_window_translator(model)).translate_file, song, target)


def _table(title: str, setup: Setup, model: Path, song: Path, seconds: dict[str, tuple[float, ...]]) -> Table:
    rate = files.info(song).sample_rate
    length = len(files.read(song, rate)) / rate
    times = {**{stage: seconds[stage] for stage in STAGES}, "all stages": seconds["staged"]}
    times["without timers"] = seconds[_WHOLE]
    total = Spread.from_values(seconds["staged"]).median
    rows = [
        {
            "stage": name,
            "x real time": Spread.from_values(values).per(length),
            "%": 100 * Spread.from_values(values).median / total,
            "MB": None,
        }
        for name, values in times.items()
    ]
    if setup.memory:
        rows[-1]["MB"] = timing.memory(functools.partial(whole, model, song, setup.scratch / "plain.wav"))
    command = timing.timed(lambda: _command(model, song, setup.scratch / "command.wav"))
    rows.append(
        {
            "stage": "coverband translate",
            "x real time": length / command,
            "%": 100 * command / total,
            "MB": None,
        }
    )
    note = f"{length:.0f} s of audio. The last row includes the start of a process, loading and tracing."
    return Table(title, tuple(rows), (note,))


def _command(model: Path, song: Path, target: Path) -> None:
    """Runs `coverband translate` in a process of its own."""
    command = [sys.executable, "-m", "coverband.cli", "translate"]
    arguments = [f"--model={model}", f"--input={song}", f"--output={target}"]
    subprocess.run([*command, *arguments], check=True, capture_output=True)
