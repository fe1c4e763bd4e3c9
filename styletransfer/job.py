"""Configuration and execution of a `coverband stylize` job, without flags."""

from __future__ import annotations

import dataclasses
import typing
from pathlib import Path
from typing import Any

from pipelines import console, outputs
from pipelines.audio import files
from pipelines.audio.song_files import require_songs
from pipelines.errors import UserError
from styletransfer.config import Config, MethodName
from styletransfer.presets import PRESETS

METHODS = typing.get_args(MethodName)


def configured(method: str | None, preset: str | None, changes: dict[str, Any], sample_rate: int) -> Config:
    """Configuration of a `coverband stylize` run, from the values of the command line.

    Args:
        method: one of METHODS, or None for the preset's.
        preset: one of PRESETS, or None for the method's own.
        changes: fields of Config; None leaves the preset's value.
        sample_rate: Hz.

    Raises:
        UserError: if they do not fit each other.
    """
    config = PRESETS[preset or method or METHODS[0]]()
    if method and method != config.method:
        raise UserError(f"preset {preset} is one of {config.method}, not of {method}: leave out --method")
    if changes.get("iterations") and not config.iterations:
        raise UserError(f"{config.method} has no iterations: leave out --iterations")
    given = {name: value for name, value in changes.items() if value is not None}
    spec = dataclasses.replace(config.spec, sample_rate=sample_rate, fmax=sample_rate / 2)
    config = dataclasses.replace(config, spec=spec, **given)
    if config.method != "deepmix" and config.alpha > 1:
        raise UserError(f"--alpha {config.alpha:g} is a share of the content in {config.method}: at most 1")
    return config


def _require_files(content: Path, style: Path, output: Path) -> None:
    """Refuses what can be refused at once.

    Raises:
        UserError: naming the file.
    """
    files.info(content)
    if not style.is_dir():
        files.info(style)
    if output.suffix.lower() not in files.SUFFIXES:
        raise UserError(f"{output} has no known audio suffix: end it in {', '.join(files.SUFFIXES)}")
    sources = [content, *(require_songs(style, "with --style").songs if style.is_dir() else [style])]
    if output.resolve() in {source.resolve() for source in sources}:
        raise UserError(f"{output} would replace the recording that it is made of: name another --output")
    outputs.require_writable(output.parent, "--output")


def stylise(config: Config, content: Path, style: Path, output: Path) -> None:
    """Stylises one song, and says how it went.

    Raises:
        UserError: if one of the files cannot be used.
    """
    _require_files(content, style, output)
    # TensorFlow takes seconds to load; a mistyped name should not cost them.
    from styletransfer import stylizer as song

    stylizer = song.Stylizer(config, song.styles(config, style))
    console.say(f"{output}: {stylizer.file(content, output)}")
