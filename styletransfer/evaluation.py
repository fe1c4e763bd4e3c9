"""The methods of an evaluation that need no training: `coverband stylize`, with the band's sound."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Sequence

import numpy as np

from pipelines import configuration
from pipelines.audio.spec import AudioSpec
from pipelines.errors import UserError
from pipelines.evaluation.clips import Piece
from pipelines.evaluation.results import Method
from pipelines.evaluation.systems import at_rate, fitted
from styletransfer import stylizer
from styletransfer.config import Config
from styletransfer.presets import PRESETS

_KEY = "stylize-"


@dataclasses.dataclass(frozen=True)
class Described:
    """A way to play songs, as the user gave it.

    Attributes:
        name: its row's label.
        preset: a key of PRESETS.
        changes: "key=value" each.
    """

    name: str
    preset: str
    changes: tuple[str, ...]


def described(given: Sequence[str]) -> tuple[Described, ...]:
    """Ways, each as "PRESET" or "PRESET,key=value,key=value".

    Raises:
        UserError: if there is no such preset or key.
    """
    found = []
    for text in given:
        preset, *changes = (part.strip() for part in text.split(","))
        if preset not in PRESETS:
            raise UserError(f"--stylize {text}: there is no {preset!r}: choose from {', '.join(PRESETS)}")
        configuration.apply(PRESETS[preset](), changes)
        found.append(Described(", ".join([preset, *changes]), preset, tuple(changes)))
    return tuple(found)


@dataclasses.dataclass(frozen=True)
class Stylized:
    """See `styletransfer.stylizer`.

    Attributes:
        config: of the method.
        band: read the band's songs, float32 [samples] at the evaluation's rate.
        sample_rate: of the evaluation's sounds, Hz.
        method: its row.
        identity: stands for configuration and songs.
    """

    config: Config
    band: Sequence[Callable[[], np.ndarray]]
    sample_rate: int
    method: Method
    identity: str

    def plays(self, piece: Piece) -> bool:
        """True if the song has at least as many frames as the method requires."""
        return self.config.spec.frames(round(piece.seconds * self.config.spec.sample_rate)) >= (
            self.config.least_frames
        )

    def play(self, piece: Piece, number: int) -> np.ndarray:
        """The song with the band's sound."""
        source = stylizer.levelled(self.config, self._heard(np.load(piece.source)))
        made = self._stylizer(source, lambda _: None)[:, 0]
        return fitted(made, self.config.spec, self.sample_rate, piece)

    @functools.cached_property
    def _stylizer(self) -> stylizer.Stylizer:
        readers = [functools.partial(self._read, read) for read in self.band]
        return stylizer.Stylizer(self.config, stylizer.excerpts(self.config, readers))

    def _read(self, read: Callable[[], np.ndarray]) -> np.ndarray:
        return self._heard(read())

    def _heard(self, waveform: np.ndarray) -> np.ndarray:
        """At the method's sample rate, [samples, 1]."""
        return at_rate(waveform, self.sample_rate, self.config.spec.sample_rate)[:, None]


def system(
    wanted: Described, band: Sequence[Callable[[], np.ndarray]], identity: str, spec: AudioSpec
) -> Stylized:
    """The row of a method.

    Args:
        wanted: which method.
        band: read the band's songs, float32 [samples] at the spec's rate.
        identity: stands for these songs.
        spec: of the evaluation; also of the method, where its changes do not say otherwise.
    """
    config = dataclasses.replace(PRESETS[wanted.preset](), spec=spec)
    config = configuration.apply(config, list(wanted.changes))
    key = _KEY + "".join(letter if letter.isalnum() else "-" for letter in wanted.name.lower())
    said = f"coverband stylize: {wanted.name}, in the sound of the band's songs; nothing is trained."
    method = Method(key, wanted.name, "baseline", said)
    return Stylized(config, band, spec.sample_rate, method, f"{config} {identity}")
