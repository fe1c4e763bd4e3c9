"""Systems of an evaluation that need no training: the methods of `coverband stylize`."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Sequence

import numpy as np

from pipelines import configuration
from pipelines.audio.spec import AudioSpec
from pipelines.errors import UserError
from pipelines.evaluation.clips import Clip
from pipelines.evaluation.results import Method
from pipelines.evaluation.systems import fit_to_clip, resample
from styletransfer import stylizer
from styletransfer.config import Config
from styletransfer.presets import PRESETS

_KEY = "stylize-"


@dataclasses.dataclass(frozen=True)
class StylizeEntry:
    """A preset of `coverband stylize` that the user names.

    Attributes:
        name: label of its row.
        preset: a key of PRESETS.
        changes: "key=value" each.
    """

    name: str
    preset: str
    changes: tuple[str, ...]


def stylize_entries(texts: Sequence[str]) -> tuple[StylizeEntry, ...]:
    """Entries of texts of the form "PRESET" or "PRESET,key=value,key=value".

    Raises:
        UserError: if there is no such preset or key.
    """
    entries = []
    for text in texts:
        preset, *changes = (part.strip() for part in text.split(","))
        if preset not in PRESETS:
            raise UserError(f"--stylize {text}: there is no {preset!r}: choose from {', '.join(PRESETS)}")
        configuration.apply(PRESETS[preset](), changes)
        entries.append(StylizeEntry(", ".join([preset, *changes]), preset, tuple(changes)))
    return tuple(entries)


@dataclasses.dataclass(frozen=True)
class StylizeSystem:
    """System that stylizes songs with the band's sound, see `styletransfer.stylizer`.

    Attributes:
        config: of the method.
        band: functions that read the band's songs, float32 [samples] at the evaluation's rate.
        sample_rate: of the evaluation's audio, Hz.
        method: its row.
        identity: identifies configuration and songs.
    """

    config: Config
    band: Sequence[Callable[[], np.ndarray]]
    sample_rate: int
    method: Method
    identity: str

    def supports(self, clip: Clip) -> bool:
        """True if the song has at least as many frames as the method requires."""
        return self.config.spec.frames(round(clip.seconds * self.config.spec.sample_rate)) >= (
            self.config.least_frames
        )

    def translate(self, clip: Clip, index: int) -> np.ndarray:
        """The song with the band's sound."""
        source = stylizer.levelled(self.config, self._at_model_rate(np.load(clip.source)))
        stylized = self._stylizer(source, lambda _: None)[:, 0]
        return fit_to_clip(stylized, self.config.spec, self.sample_rate, clip)

    @functools.cached_property
    def _stylizer(self) -> stylizer.Stylizer:
        readers = [functools.partial(self._read, read) for read in self.band]
        return stylizer.Stylizer(self.config, stylizer.excerpts(self.config, readers))

    def _read(self, read: Callable[[], np.ndarray]) -> np.ndarray:
        return self._at_model_rate(read())

    def _at_model_rate(self, waveform: np.ndarray) -> np.ndarray:
        """Waveform at the method's sample rate, [samples, 1]."""
        return resample(waveform, self.sample_rate, self.config.spec.sample_rate)[:, None]


def stylize_system(
    entry: StylizeEntry, band: Sequence[Callable[[], np.ndarray]], identity: str, spec: AudioSpec
) -> StylizeSystem:
    """System of an entry.

    Args:
        entry: preset and changes.
        band: functions that read the band's songs, float32 [samples] at the spec's rate.
        identity: identifies these songs.
        spec: of the evaluation, and of the method unless its changes override it.
    """
    config = dataclasses.replace(PRESETS[entry.preset](), spec=spec)
    config = configuration.apply(config, list(entry.changes))
    key = _KEY + "".join(letter if letter.isalnum() else "-" for letter in entry.name.lower())
    explanation = f"coverband stylize: {entry.name}, with the sound of the band's songs, without training."
    method = Method(key, entry.name, "baseline", explanation)
    return StylizeSystem(config, band, spec.sample_rate, method, f"{config} {identity}")
