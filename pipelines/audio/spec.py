"""AudioSpec: parameters of the signal, from which all its other numbers are derived."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path
from typing import Any

from pipelines.errors import UserError

SPEC_FILE = "audio_spec.json"


@dataclasses.dataclass(frozen=True)
class AudioSpec:
    """Parameters of the log-mel spectrograms of waveforms; saved beside every shard, checkpoint and export.

    Attributes:
        sample_rate: of every waveform inside Coverband, Hz.
        n_fft: window and FFT length, in samples (Hann window).
        hop_length: samples between frames.
        n_mels: mel bands (Slaney scale and area normalisation, as librosa).
        fmin: lowest mel band edge, Hz.
        fmax: highest mel band edge, Hz.
        floor: mel magnitude at and below which a bin counts as silent; it maps to -1.
    """

    sample_rate: int = 44100
    n_fft: int = 2048
    hop_length: int = 512
    n_mels: int = 256
    fmin: float = 0.0
    fmax: float = 22050.0
    floor: float = 1e-4

    @property
    def n_bins(self) -> int:
        """Number of bins of the one-sided spectrum."""
        return self.n_fft // 2 + 1

    @property
    def frame_rate(self) -> float:
        """Frame rate, Hz."""
        return self.sample_rate / self.hop_length

    @property
    def ceiling(self) -> float:
        """Mel magnitude of a full-scale sine, which maps to +1.

        Its spectrum under a Hann window sums to n_fft / 2; an area-normalised mel filter weights
        each bin by one over its width in Hz, n_fft / sample_rate.
        """
        return self.n_fft / 2 * self.n_fft / self.sample_rate

    @property
    def range_db(self) -> float:
        """Range between the floor and the ceiling, dB, which the log-mel interval [-1, 1] covers."""
        return 20 * math.log10(self.ceiling / self.floor)

    def frames(self, samples: int) -> int:
        """Number of frames of the centred STFT of a waveform."""
        return 1 + samples // self.hop_length

    def samples(self, frames: int) -> int:
        """Number of samples between the centres of the first and the last frame."""
        return (frames - 1) * self.hop_length

    def span(self, frames: int) -> int:
        """Number of samples that uncentred frames cover."""
        return self.samples(frames) + self.n_fft

    def to_dict(self) -> dict[str, Any]:
        """JSON values of the spec."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> AudioSpec:
        """Spec from the values of `to_dict`.

        Raises:
            UserError: if a field is missing or unknown.
        """
        try:
            return cls(**values)
        except TypeError as error:
            raise UserError(f"this is not an audio spec ({error}): {values}") from error

    def save(self, folder: Path) -> None:
        """Writes the spec to audio_spec.json in a folder."""
        (folder / SPEC_FILE).write_text(json.dumps(self.to_dict(), indent=2) + "\n")

    @classmethod
    def load(cls, folder: Path) -> AudioSpec:
        """Reads the spec that `save` wrote.

        Raises:
            UserError: if the folder holds no readable spec.
        """
        path = folder / SPEC_FILE
        try:
            return cls.from_dict(json.loads(path.read_text()))
        except (OSError, ValueError) as error:
            raise UserError(
                f"{path} is missing or unreadable: make it again with the command that wrote {folder}"
            ) from error

    def require_equal(self, other: AudioSpec, name: str, other_name: str) -> None:
        """Checks that two artefacts have the same spec.

        Args:
            other: spec of the other artefact.
            name: of this artefact, for the error message.
            other_name: of the other artefact.

        Raises:
            UserError: if a field differs.
        """
        ours, theirs = self.to_dict(), other.to_dict()
        fields = [f"{key} {ours[key]} against {theirs[key]}" for key in ours if ours[key] != theirs[key]]
        if fields:
            raise UserError(
                f"{name} and {other_name} were made with different audio specs ({', '.join(fields)}): "
                "use two that match"
            )
