"""A whole song's translation, stage by stage."""

from __future__ import annotations

import functools
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from pipelines.audio import files
from pipelines.inference.loading import load_maker
from pipelines.inference.translate import SongTranslator
from pipelines.nn.translator import TRANSLATOR_FOLDER
from pipelines.training.saving import save_model
from tools.benchmarks import timing
from tools.benchmarks.speed import families, sounds
from tools.benchmarks.speed.setup import Setup
from tools.benchmarks.speed.staged import STAGES, Staged
from tools.benchmarks.tables import Table
from tools.benchmarks.timing import Act, Spread

TRANSLATORS = ("cyclegan", "vaegan")
"""That stand for all of them."""
NO_TRANSLATORS = ("transcriber", "vocoder")
_WHOLE = "whole"
_TOLERANCE = 1e-3
"""Share of the cover's level. Where a spectrum is next to nothing, rounding turns its phase."""


def tables(setup: Setup) -> Iterator[Table]:
    """One for each model, mono and stereo."""
    songs = {"mono": sounds.written(setup, mono=True), "stereo": sounds.written(setup, mono=False)}
    for name, model in _models(setup).items():
        found = timing.apart(measure, (setup, model, tuple(songs.values())))
        for (channels, song), taken in zip(songs.items(), found, strict=True):
            yield _table(f"Translation by {name}, {channels}", setup, model, song, taken)


def _models(setup: Setup) -> dict[str, Path]:
    """Those that were named, else fresh ones: speed does not depend on what a network has learnt."""
    if setup.models:
        return {str(path): path for path in setup.models}
    named = [family for family in setup.presets if family not in NO_TRANSLATORS]
    wanted = [family for family in TRANSLATORS if family in named] or named or TRANSLATORS
    return {setup.presets.get(each, each): timing.apart(fresh, (setup, each)) for each in wanted}


def fresh(task: tuple[Setup, str]) -> Path:
    """Writes a model that has learnt nothing; to be called in a fresh process."""
    setup, family = task
    folder = setup.scratch / "models" / family
    model = families.candidate(setup, family).model
    folder.mkdir(parents=True, exist_ok=True)
    save_model(folder / TRANSLATOR_FOLDER, model)
    return folder


def measure(task: tuple[Setup, Path, tuple[Path, ...]]) -> list[dict[str, tuple[float, ...]]]:
    """Translates songs; to be called in a fresh process.

    Returns:
        Of each, seconds of every round: of the stages, of their sum, and of translating it without clocks.
    """
    setup, model, songs = task
    maker = load_maker(model)
    staged, plain = Staged(maker), SongTranslator(maker)
    return [_measured(setup, staged, plain, song) for song in songs]


def _measured(
    setup: Setup, staged: Staged, plain: SongTranslator, song: Path
) -> dict[str, tuple[float, ...]]:
    rounds: list[dict[str, float]] = []
    acts: dict[str, Act] = {
        "staged": lambda: rounds.append(staged.stages(song, setup.scratch / "staged.wav")),
        _WHOLE: functools.partial(plain.file, song, setup.scratch / "plain.wav"),
    }
    taken = timing.alternately(acts, setup.seconds)
    _require_same(setup.scratch / "staged.wav", setup.scratch / "plain.wav", setup.spec.sample_rate)
    kept = rounds[-len(taken[_WHOLE]) :]
    return {stage: tuple(each[stage] for each in kept) for stage in STAGES} | taken


def _require_same(staged: Path, plain: Path, rate: int) -> None:
    """Refuses to tell the stages of something else than what `coverband translate` does."""
    ours, wanted = files.read(staged, rate), files.read(plain, rate)
    share = np.linalg.norm(ours - wanted) / np.linalg.norm(wanted)
    if share > _TOLERANCE:
        raise ValueError(f"translating stage by stage differs from translating by {share:.2g} of its level")


def whole(model: Path, song: Path, target: Path) -> Act:
    """A translator that translates one song."""
    return functools.partial(SongTranslator(load_maker(model)).file, song, target)


def _table(title: str, setup: Setup, model: Path, song: Path, taken: dict[str, tuple[float, ...]]) -> Table:
    rate = files.info(song).sample_rate
    music = len(files.read(song, rate)) / rate
    named = {**{stage: taken[stage] for stage in STAGES}, "all stages": taken["staged"]}
    named["without clocks"] = taken[_WHOLE]
    total = Spread.of(taken["staged"]).median
    rows = [
        {
            "stage": name,
            "x real time": Spread.of(values).per(music),
            "%": 100 * Spread.of(values).median / total,
            "MB": None,
        }
        for name, values in named.items()
    ]
    if setup.memory:
        rows[-1]["MB"] = timing.memory(functools.partial(whole, model, song, setup.scratch / "plain.wav"))
    command = timing.timed(lambda: _command(model, song, setup.scratch / "command.wav"))
    rows.append(
        {
            "stage": "coverband translate",
            "x real time": music / command,
            "%": 100 * command / total,
            "MB": None,
        }
    )
    note = (
        f"{music:.0f} s of music. The last row is a process that loads the model and traces its graph, too."
    )
    return Table(title, tuple(rows), (note,))


def _command(model: Path, song: Path, target: Path) -> None:
    """The command as users run it."""
    command = [sys.executable, "-m", "coverband.cli", "translate"]
    arguments = [f"--model={model}", f"--input={song}", f"--output={target}"]
    subprocess.run([*command, *arguments], check=True, capture_output=True)
