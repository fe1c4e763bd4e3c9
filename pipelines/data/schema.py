"""File formats of `prepare`: settings, one record per song, the manifest, and one Example per segment."""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.audio.loudness import TRAINING_LUFS
from pipelines.audio.spec import AudioSpec
from pipelines.errors import UserError

if TYPE_CHECKING:
    import numpy as np
    import tensorflow as tf

DOMAINS = ("content", "band")
SPLITS = ("train", "valid", "test")
SEGMENT_FRAMES = 512
MANIFEST_FILE = "manifest.json"
SETTINGS_FILE = "settings.json"
PCM_SCALE = 32768.0


@dataclasses.dataclass(frozen=True)
class Settings:
    """Settings common to all shards of a data folder.

    Attributes:
        spec: sample rate and frames.
        target_lufs: integrated loudness (BS.1770) that every song's mono downmix is brought to.
        segment_frames: hops between segments; each holds so many uncentred frames.
    """

    spec: AudioSpec = dataclasses.field(default_factory=AudioSpec)
    target_lufs: float = TRAINING_LUFS
    segment_frames: int = SEGMENT_FRAMES

    @property
    def segment_samples(self) -> int:
        """Samples of one segment."""
        return self.spec.span(self.segment_frames)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Settings:
        """The inverse of `to_dict`."""
        return cls(**{**values, "spec": AudioSpec.from_dict(values["spec"])})


@dataclasses.dataclass(frozen=True)
class SongRecord:
    """One song of a domain.

    Attributes:
        name: path relative to the domain's folder, with forward slashes.
        split: train, valid or test.
        seconds: length.
        loudness: integrated loudness of the mono downmix before normalisation, LUFS.
        gain_db: the gain that was applied.
        peak_limited: whether the gain stopped short of the target so as not to clip.
        segments: records of the song.
        shard: the TFRecord file, relative to the data folder.
        first: the first of the records in the shard, of a part of a long recording (see `parts`).
        damage: what is missing of the file, in words that follow its name; empty if nothing is.
    """

    name: str
    split: str
    seconds: float
    loudness: float
    gain_db: float
    peak_limited: bool
    segments: int
    shard: str
    first: int = 0
    damage: str = ""

    @property
    def key(self) -> str:
        """Identity within the data folder."""
        return f"{self.shard}#{self.first}"


@dataclasses.dataclass(frozen=True)
class VariantRecord(SongRecord):
    """A training song at another pitch and tempo, from which models learn but nothing is measured.

    Attributes:
        variant_of: the song's name.
        semitones: by which it is higher.
        tempo: by which it is faster, a factor.
    """

    variant_of: str = ""
    semitones: float = 0.0
    tempo: float = 1.0


@dataclasses.dataclass(frozen=True)
class Skipped:
    """A file that could not be used, and why."""

    file: str
    why: str


@dataclasses.dataclass(frozen=True)
class DomainManifest:
    """The songs of one domain, used and skipped, and what was made of those of its train split."""

    songs: tuple[SongRecord, ...]
    skipped: tuple[Skipped, ...] = ()
    variants: tuple[VariantRecord, ...] = ()

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> DomainManifest:
        """The inverse of `dataclasses.asdict`."""
        songs = tuple(SongRecord(**song) for song in values["songs"])
        variants = tuple(VariantRecord(**variant) for variant in values.get("variants", ()))
        return cls(songs, tuple(Skipped(**skipped) for skipped in values["skipped"]), variants)


@dataclasses.dataclass(frozen=True)
class Manifest:
    """All that a data folder holds; written last, so that its presence means a finished `prepare`."""

    settings: Settings
    domains: dict[str, DomainManifest]

    def save(self, folder: Path) -> None:
        """Writes manifest.json at once or not at all."""
        write_json(folder / MANIFEST_FILE, dataclasses.asdict(self))

    @classmethod
    def load(cls, folder: Path) -> Manifest:
        """Reads the manifest of a data folder.

        Raises:
            UserError: if there is none, or it is not one.
        """
        path = folder / MANIFEST_FILE
        if not path.is_file():
            raise UserError(
                f"{folder} holds no {MANIFEST_FILE}: make it (or finish it) with `coverband prepare`"
            )
        try:
            values = json.loads(path.read_text())
            domains = {name: DomainManifest.from_dict(values["domains"][name]) for name in DOMAINS}
            return cls(Settings.from_dict(values["settings"]), domains)
        except (KeyError, TypeError, ValueError) as error:
            raise UserError(f"{path} is damaged ({error!r}): run `coverband prepare` again") from error


def write_json(path: Path, values: Any, mark: str = "") -> None:
    """Writes JSON under a temporary name and renames it: a killed run leaves no half file.

    Args:
        path: the file.
        values: plain JSON values.
        mark: goes into the temporary name, where several processes may write the same file at once.
    """
    temporary = path.with_name(f"{path.name}{mark}.tmp")
    temporary.write_text(json.dumps(values, indent=2) + "\n")
    os.replace(temporary, path)


def serialise_segment(pcm: np.ndarray, valid: int) -> bytes:
    """One segment as a serialised tf.train.Example.

    Args:
        pcm: int16 [segment_samples].
        valid: samples before the zero padding.
    """
    import tensorflow as tf  # here, so that the workers of `prepare` start without it

    features = {
        "pcm": tf.train.Feature(bytes_list=tf.train.BytesList(value=[pcm.astype("<i2").tobytes()])),
        "valid": tf.train.Feature(int64_list=tf.train.Int64List(value=[valid])),
    }
    return tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString(
        deterministic=True
    )


def parse_segment(serialised: tf.Tensor, segment_samples: int) -> tuple[tf.Tensor, tf.Tensor]:
    """The inverse of `serialise_segment`, in the graph.

    Args:
        serialised: string scalar.
        segment_samples: length of a segment.

    Returns:
        int16 [segment_samples], and the number of samples before the padding (int64 scalar).
    """
    import tensorflow as tf

    schema = {"pcm": tf.io.FixedLenFeature([], tf.string), "valid": tf.io.FixedLenFeature([], tf.int64)}
    example = tf.io.parse_single_example(serialised, schema)
    pcm = tf.io.decode_raw(example["pcm"], tf.int16, little_endian=True)
    return tf.ensure_shape(pcm, [segment_samples]), example["valid"]
