"""Measured properties of one song, and the file that stores them."""

from __future__ import annotations

import dataclasses
import json
import os
import zipfile
from pathlib import Path

import numpy as np

from pipelines.data.survey import sample_levels
from pipelines.data.survey.landmarks import Landmarks


@dataclasses.dataclass(frozen=True)
class SongFacts:
    """Measured properties of one song.

    Attributes:
        seconds: length.
        codec: such as "MP3" or "FLAC 16 bit".
        lossy: true for lossy coding.
        sample_rate: of the file, Hz.
        silence: part of the song that is silent, 0 to 1.
        lead_in: seconds of silence before the first sound.
        lead_out: seconds of silence after the last.
        clipping: part of the samples that are clipped, 0 to 1.
        peak: largest sample, 1 is full scale.
        loudness: integrated (BS.1770), LUFS; None for silence.
        bandwidth: upper end of the spectrum, Hz; 0 for silence.
        cut_off: true if the spectrum ends abruptly well below half the sample rate, by lossy coding or an
            earlier sample rate.
        width_db: ratio of side to mid energy, dB; None for one channel.
        tempo: beats per minute; None without onsets.
        tuning: cents from A4 = 440 Hz; None without pitches.
        voice: part of voice-like windows, 0 to 1: an estimate, see `voice`.
        damage: damage of the file, in words that follow its name; empty if there is none.
    """

    seconds: float
    codec: str
    lossy: bool
    sample_rate: int
    silence: float
    lead_in: float
    lead_out: float
    clipping: float
    peak: float
    loudness: float | None
    bandwidth: float
    cut_off: bool
    width_db: float | None
    tempo: float | None
    tuning: float | None
    voice: float
    damage: str = ""

    @property
    def image(self) -> str:
        """Name of the stereo image, see `sample_levels.image`."""
        return sample_levels.image(self.width_db)


@dataclasses.dataclass(frozen=True)
class SongMeasurements:
    """All measurements of one song.

    Attributes:
        facts: its measured properties.
        curve: long-term spectrum at `bandwidth.CENTRES`, dB re its mean, float32 [64]; may contain NaN.
        landmarks: its fingerprint.
    """

    facts: SongFacts
    curve: np.ndarray
    landmarks: Landmarks

    def save(self, path: Path) -> None:
        """Writes a file atomically.

        Raises:
            OSError: if the disk is full.
        """
        temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            with temporary.open("wb") as file:
                np.savez(
                    file,
                    facts=json.dumps(dataclasses.asdict(self.facts)),
                    curve=self.curve,
                    hashes=self.landmarks.hashes,
                    times=self.landmarks.times,
                )
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)

    @classmethod
    def load(cls, path: Path) -> SongMeasurements | None:
        """Loads measurements that `save` wrote; None if the file is missing or damaged."""
        try:
            # Opened here because np.load does not close a file that it cannot read.
            with path.open("rb") as opened, np.load(opened) as file:
                facts = SongFacts(**json.loads(str(file["facts"])))
                return cls(facts, file["curve"], Landmarks(file["hashes"], file["times"]))
        except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
            return None
